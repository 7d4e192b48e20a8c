//! A primary with a synchronous standby, to be killed and promoted.

use std::path::{Path, PathBuf};
use std::process::ChildStdin;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use sqlx::{Connection as _, PgConnection};

use super::{MISSING, SETTINGS, as_postgres, init, new_folder, programs, run, start, watch};
use crate::process::kill;

/// The standby is synchronous: a commit is answered when both have it.
const SYNCHRONOUS: &str = "-c synchronous_standby_names='ANY 1 (*)' -c synchronous_commit=on ";

/// Two servers of one database, which end with this process.
#[derive(Debug)]
pub struct Pair {
    programs: PathBuf,
    folder: PathBuf,
    /// Closed when this process ends.
    _alive: ChildStdin,
}

impl Pair {
    /// Starts both, and waits until the standby has all that the primary has.
    ///
    /// # Errors
    /// PostgreSQL is not installed or does not start.
    pub async fn start() -> Result<Self> {
        let programs = programs().context(MISSING)?;
        let folder = new_folder()?;
        let alive = watch(&programs, &folder)?;
        let pair = Self {
            programs,
            folder,
            _alive: alive,
        };
        let (primary, standby) = (pair.data("primary"), pair.data("standby"));
        init(&pair.programs, &primary)?;
        let settings = pair.settings("primary")?;
        let settings = format!("{SYNCHRONOUS}{settings}");
        start(&pair.programs, &primary, &settings)?;
        let backup = pair.programs.join("pg_basebackup");
        run(as_postgres(&backup)?
            .args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync"])
            .args(["--username=postgres", "--host"])
            .arg(pair.socket("primary"))
            .arg("--pgdata")
            .arg(&standby))?;
        start(&pair.programs, &standby, &pair.settings("standby")?)?;
        pair.until_synchronous().await?;
        Ok(pair)
    }

    /// An address of both servers.
    #[must_use]
    pub fn url(&self) -> String {
        let (primary, standby) = (self.socket("primary"), self.socket("standby"));
        format!(
            "postgres://postgres@localhost/postgres?host={},{}&target_session_attrs=read-write",
            primary.display(),
            standby.display()
        )
    }

    /// Ends the primary and all its processes with SIGKILL.
    ///
    /// # Errors
    /// It is not there.
    pub fn kill_primary(&self) -> Result<()> {
        let file = std::fs::read_to_string(self.data("primary").join("postmaster.pid"))?;
        let postmaster: u32 = file.lines().next().context("a process")?.parse()?;
        let children = children(postmaster)?;
        ensure!(!children.is_empty(), "the primary has no processes");
        // First the one that would start the others anew.
        for process in std::iter::once(postmaster).chain(children) {
            // A child may have noticed by itself.
            let _ = kill(process);
        }
        Ok(())
    }

    /// Makes the standby the primary, as an operator or their software would; returns how long that took.
    ///
    /// # Errors
    /// It cannot be promoted.
    pub fn promote_standby(&self) -> Result<Duration> {
        let begun = Instant::now();
        run(as_postgres(&self.programs.join("pg_ctl"))?
            .args(["promote", "-w", "-D"])
            .arg(self.data("standby")))?;
        Ok(begun.elapsed())
    }

    fn data(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The folder of a server's socket. Beside the data: that of a server that makes a copy must be empty.
    fn socket(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.socket"))
    }

    fn settings(&self, name: &str) -> Result<String> {
        let socket = self.socket(name);
        if !socket.exists() {
            run(as_postgres(Path::new("mkdir"))?.arg(&socket))?;
        }
        Ok(format!("{SETTINGS}{}", socket.display()))
    }

    async fn until_synchronous(&self) -> Result<()> {
        let socket = self.socket("primary");
        let url = format!(
            "postgres://postgres@localhost/postgres?host={}",
            socket.display()
        );
        let mut admin = PgConnection::connect(&url).await?;
        let begun = Instant::now();
        loop {
            let count: i64 = sqlx::query_scalar(
                "select count(*) from pg_stat_replication where sync_state in ('sync', 'quorum') and state = 'streaming'",
            )
            .fetch_one(&mut admin)
            .await?;
            if count == 1 {
                return Ok(admin.close().await?);
            }
            ensure!(
                begun.elapsed() < Duration::from_secs(30),
                "the standby does not follow"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The processes that a process has started and that are at work.
fn children(parent: u32) -> Result<Vec<u32>> {
    let mut children = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let entry = entry?;
        let Some(process) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        // Behind the name in brackets, which may hold blanks: the state and the parent.
        let behind = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
        if behind.split_whitespace().nth(1) == Some(&parent.to_string()) {
            children.push(process);
        }
    }
    Ok(children)
}
