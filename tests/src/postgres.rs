//! A PostgreSQL cluster of this process's own, and a fresh database for each test.
//!
//! The cluster that tests share is made when the first asks for it and lives as long as the process; whoever kills one has it
//! alone. A watcher waits on a pipe that only this process holds open: however the process ends, also by a panic or a
//! signal, the pipe closes and the watcher stops the cluster and removes its folder.

mod pair;

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::sync::OnceCell;

use crate::process;

pub use pair::Pair;

const MISSING: &str = "PostgreSQL 15 or later is needed to run these tests; they are never skipped. \
    On Debian: apt-get install postgresql (the cluster it starts is not used and may be stopped)";

/// Durability against a crash of the machine is not what the suites test on PostgreSQL: they kill diel, not the
/// database. Texts sort as English does unless a column says otherwise, so that a forgotten collation shows.
const SETTINGS: &str = "-c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=300 \
    -c shared_buffers=64MB -c unix_socket_directories=";

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);
static CLUSTERS: AtomicU32 = AtomicU32::new(0);

/// How long a cluster that was killed may take until it can be started again: its processes notice one by one.
const PATIENCE: Duration = Duration::from_secs(60);

/// The address of a fresh, empty database.
///
/// # Errors
/// When PostgreSQL is not installed or does not start: the test fails and says what to install.
pub async fn fresh_database() -> Result<String> {
    let cluster = CLUSTER
        .get_or_try_init(|| async { Cluster::start() })
        .await?;
    cluster.fresh_database().await
}

/// A database as `pg_dump` writes it.
///
/// # Errors
/// When PostgreSQL is not installed, or the database cannot be read.
pub fn dump(database: &str) -> Result<Vec<u8>> {
    let program = programs().context(MISSING)?.join("pg_dump");
    let dumped = Command::new(program)
        .arg(format!("--dbname={database}"))
        .output()?;
    let said = String::from_utf8_lossy(&dumped.stderr);
    ensure!(dumped.status.success(), "pg_dump: {said}");
    Ok(dumped.stdout)
}

/// A cluster, stopped and removed when it is dropped.
#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    /// Closed when the cluster is dropped or this process ends.
    _alive: ChildStdin,
}

impl Cluster {
    /// Makes a cluster and starts it.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start; the message says what to install.
    pub fn start() -> Result<Self> {
        let programs = programs().context(MISSING)?;
        let folder = new_folder()?;
        let alive = watch(&programs, &folder)?;
        init(&programs, &folder.join("data"))?;
        let cluster = Self {
            programs,
            folder,
            _alive: alive,
        };
        cluster.begin()?;
        Ok(cluster)
    }

    fn begin(&self) -> Result<()> {
        let settings = format!("{SETTINGS}{}", self.folder.display());
        start(&self.programs, &self.folder.join("data"), &settings)
    }

    /// The address of a fresh, empty database.
    ///
    /// # Errors
    /// The cluster does not answer.
    pub async fn fresh_database(&self) -> Result<String> {
        let name = format!("diel_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        let mut admin = PgConnection::connect(&self.url("postgres")).await?;
        let create = format!("create database {name} template template0");
        admin.execute(AssertSqlSafe(create)).await?;
        admin.close().await?;
        Ok(self.url(&name))
    }

    /// Kills the process that serves one connection of a database, as when the system runs out of memory: the cluster ends
    /// all others and recovers by itself. Returns whether there was one at work.
    ///
    /// # Errors
    /// The cluster does not answer.
    pub async fn kill_backend(&self, database: &str) -> Result<bool> {
        let mut conn = PgConnection::connect(database).await?;
        let others = "select pid from pg_stat_activity where datname = current_database() \
            and backend_type = 'client backend' and pid <> pg_backend_pid() order by state, pid limit 1";
        let found: Option<i32> = sqlx::query_scalar(others).fetch_optional(&mut conn).await?;
        if let Some(process) = found {
            process::kill(u32::try_from(process)?)?;
        }
        Ok(found.is_some())
    }

    /// Kills the server's first process. Those that serve connections notice and end, each in its own time.
    ///
    /// # Errors
    /// It is not running.
    pub fn kill(&self) -> Result<()> {
        let pid_file = std::fs::read_to_string(self.folder.join("data/postmaster.pid"))?;
        let process = pid_file.lines().next().context("an empty postmaster.pid")?;
        process::kill(process.trim().parse()?)
    }

    /// Starts a cluster that was killed, which recovers from its log.
    ///
    /// # Errors
    /// It cannot be started within a minute.
    pub async fn revive(&self) -> Result<()> {
        let began = Instant::now();
        loop {
            match self.begin() {
                Err(_) if began.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                done => return done,
            }
        }
    }

    fn url(&self, database: &str) -> String {
        format!(
            "postgres://postgres@localhost/{database}?host={}",
            self.folder.display()
        )
    }
}

/// A new folder of this process that the servers may write to.
fn new_folder() -> Result<PathBuf> {
    let number = CLUSTERS.fetch_add(1, Ordering::Relaxed);
    let name = format!("diel-postgres-{}-{number}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder)?;
    if is_root()? {
        run(Command::new("chown").arg("postgres").arg(&folder))?;
    }
    Ok(folder)
}

fn init(programs: &Path, data: &Path) -> Result<()> {
    let collation = [
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--locale-provider=icu",
        "--icu-locale=en",
    ];
    run(as_postgres(&programs.join("initdb"))?
        .args(["--auth=trust", "--username=postgres", "--no-sync"])
        .args(collation)
        .arg(data))
}

/// Starts a server and waits until it answers. Its log is beside its data.
fn start(programs: &Path, data: &Path, settings: &str) -> Result<()> {
    run(as_postgres(&programs.join("pg_ctl"))?
        .arg("start")
        .arg("-D")
        .arg(data)
        .args(["-w", "-t", "60", "-o", settings, "-l"])
        .arg(data.with_extension("log")))
}

/// Starts the watcher, in a process group of its own so that an interrupt from the terminal does not end it.
fn watch(programs: &Path, folder: &Path) -> Result<ChildStdin> {
    let (stop, folder) = (programs.join("pg_ctl"), folder.display());
    let become_postgres = if is_root()? {
        "runuser -u postgres -- "
    } else {
        ""
    };
    let script = format!(
        "cat > /dev/null; cd /; for data in {folder}/*/; do \
         {become_postgres}{} stop -D $data -m immediate > /dev/null 2>&1; done; rm -rf {folder}",
        stop.display()
    );
    let mut watcher = Command::new("sh")
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    watcher.stdin.take().context("the watcher has no pipe")
}

/// The newest installation: where Debian keeps them, else where the search path leads.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .filter(|(_, programs)| programs.join("initdb").exists())
        .collect();
    found.sort();
    let paths = std::env::var_os("PATH").unwrap_or_default();
    found
        .pop()
        .map(|(_, programs)| programs)
        .or_else(|| std::env::split_paths(&paths).find(|programs| programs.join("initdb").exists()))
}

/// PostgreSQL refuses to run as root: root's tests run it as the user that the package made.
fn as_postgres(program: &Path) -> Result<Command> {
    if is_root()? {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        return Ok(command);
    }
    Ok(Command::new(program))
}

fn is_root() -> Result<bool> {
    Ok(std::fs::metadata("/proc/self")?.uid() == 0)
}

/// Its output goes to a file and not to a pipe: the cluster would keep the pipe open.
fn run(command: &mut Command) -> Result<()> {
    let log = tempfile::tempfile()?;
    command
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log.try_clone()?);
    let status = command
        .status()
        .with_context(|| format!("{command:?}; {MISSING}"))?;
    if !status.success() {
        let mut log = log;
        std::io::Seek::rewind(&mut log)?;
        let said = std::io::read_to_string(log)?;
        ensure!(status.success(), "{command:?} failed: {said}");
    }
    Ok(())
}
