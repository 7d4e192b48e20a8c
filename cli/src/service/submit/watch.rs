//! `diel submit --watch`: files that a laboratory's system puts in a folder.

mod folder;
mod lock;
mod settling;
mod stopping;
mod taken;
mod trouble;

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use diel_client::Client;

use folder::{Entry, Folder, Kind};
use lock::Lock;
use settling::Settling;
use stopping::Stopping;
use taken::{Inspected, Taken, Verdict};
use trouble::Trouble;

use super::{Submission, SubmitArguments, patient};
use crate::output;
use crate::rejects::RejectsOption;
use crate::service::answer;

/// Pauses after a failure that may pass double from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What is watched, and when a file is whole.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "A folder that is watched")]
pub(super) struct WatchOptions {
    /// Submit each file that is put in this folder, and move it to DIR/done or DIR/refused with NAME.report.csv beside it.
    #[arg(long = "watch", id = "watch", value_name = "DIR")]
    #[arg(conflicts_with_all = ["json", "controls", "plate", "run_date", "validate_only", "rejects"])]
    folder: Option<PathBuf>,

    /// Work through the folder once and end, as from cron.
    #[arg(long, requires = "watch")]
    once: bool,

    /// Take a file once its size and its time of change have stayed the same for so long; 0 for files that are renamed into
    /// place.
    #[arg(long, requires = "watch", value_name = "SECONDS", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u64).range(..=86_400))]
    settle_seconds: u64,

    /// Look at the folder so often.
    #[arg(long, requires = "watch", value_name = "SECONDS", default_value_t = 2)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3_600))]
    poll_seconds: u64,

    /// Refuse files that are larger.
    #[arg(long, requires = "watch", value_name = "MIB", default_value_t = 256)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=1_048_576))]
    largest_mib: u64,
}

impl WatchOptions {
    pub(super) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    const fn settle(&self) -> Duration {
        Duration::from_secs(self.settle_seconds)
    }

    const fn poll(&self) -> Duration {
        Duration::from_secs(self.poll_seconds)
    }
}

/// Watches a folder until the process is asked to stop, or works through it once.
///
/// # Errors
/// The options, the folder or the mapping cannot be used; with `--once` also when a file was refused or left.
pub(super) async fn watch(arguments: &SubmitArguments, path: &Path) -> anyhow::Result<()> {
    let mut stopping = Stopping::catch()?;
    // Whatever is wrong with them is better heard now than with the first file.
    arguments.plan()?;
    arguments.server.client_options(patient())?;
    let folder = Folder::open(path)?;
    let shown = path.display();
    let mut told = false;
    let _lock = loop {
        if let Some(lock) = Lock::take(path)? {
            break lock;
        }
        anyhow::ensure!(
            !arguments.watch.once,
            "{shown}: another process works through this folder; nothing was done"
        );
        if !told {
            output::tell(&format!(
                "{shown}: another process watches this folder; this one waits for it to end"
            ));
            told = true;
        }
        if stopping.pause(arguments.watch.poll()).await {
            return Ok(());
        }
    };
    let mut watcher = Watcher {
        arguments,
        parent: arguments.study.name(),
        settling: Settling::new(arguments.watch.settle()),
        folder,
        client: None,
        told: HashSet::new(),
    };
    if arguments.watch.once {
        return watcher.once(&mut stopping).await;
    }
    answer::say(&format!("watching {shown}"))?;
    watcher.run(&mut stopping).await
}

struct Watcher<'a> {
    arguments: &'a SubmitArguments,
    /// The study, `studies/{study}`.
    parent: String,
    folder: Folder,
    settling: Settling,
    /// Absent until the service was reached, and after it was lost.
    client: Option<Client>,
    /// What nobody needs to hear of twice.
    told: HashSet<OsString>,
}

/// What became of the files of one look at the folder.
#[derive(Default)]
struct Counts {
    done: usize,
    refused: usize,
    left: usize,
}

impl Watcher<'_> {
    async fn run(&mut self, stopping: &mut Stopping) -> anyhow::Result<()> {
        let mut pause = FIRST_PAUSE;
        loop {
            let wait = match self.look() {
                Ok(whole) => match self.take_all(whole, &mut Counts::default(), stopping).await {
                    Ok(()) => {
                        pause = FIRST_PAUSE;
                        self.arguments.watch.poll()
                    }
                    Err(error) => {
                        pause = told(&error, pause);
                        pause
                    }
                },
                Err(error) => {
                    pause = told(&error, pause);
                    pause
                }
            };
            if stopping.pause(wait).await {
                return Ok(());
            }
        }
    }

    async fn once(&mut self, stopping: &mut Stopping) -> anyhow::Result<()> {
        self.look()?;
        let settle = self.arguments.watch.settle();
        if !settle.is_zero() && stopping.pause(settle).await {
            return Ok(());
        }
        let whole = self.look()?;
        let mut counts = Counts::default();
        for name in self.settling.unsettled() {
            output::tell(&format!("{}: still changes; left", name.display()));
            counts.left += 1;
        }
        self.take_all(whole, &mut counts, stopping).await?;
        let Counts {
            done,
            refused,
            left,
        } = counts;
        answer::say(&format!(
            "{done} files done, {refused} refused, {left} left"
        ))?;
        anyhow::ensure!(
            refused == 0 && left == 0,
            "{}: {refused} files were refused and {left} left; the reports in refused say why",
            self.folder.path().display()
        );
        Ok(())
    }

    /// Looks at the folder once. Returns the files that are whole, by name.
    fn look(&mut self) -> anyhow::Result<Vec<OsString>> {
        let entries = self.folder.entries().with_context(|| {
            format!(
                "{}: the folder cannot be read",
                self.folder.path().display()
            )
        })?;
        for Entry { name, kind, .. } in &entries {
            if *kind == Kind::Other && self.told.insert(name.clone()) {
                output::tell(&format!("{}: is no file and is left", name.display()));
            }
        }
        let files = entries
            .into_iter()
            .filter(|entry| entry.kind != Kind::Other);
        Ok(self.settling.look(files, Instant::now()))
    }

    /// Takes one file after another.
    ///
    /// # Errors
    /// The service cannot be reached, or will not have this caller: no other file would fare better.
    async fn take_all(
        &mut self,
        whole: Vec<OsString>,
        counts: &mut Counts,
        stopping: &mut Stopping,
    ) -> anyhow::Result<()> {
        for name in whole {
            if stopping.is_asked().await {
                return Ok(());
            }
            match stopping.during(Box::pin(self.take(&name))).await {
                Ok(Taken::Gone) => {}
                Ok(Taken::Done) => counts.done += 1,
                Ok(Taken::Refused) => counts.refused += 1,
                Err(Trouble::File(error)) => {
                    counts.left += 1;
                    let pause = self.settling.defer(&name, Instant::now());
                    output::tell(&format!(
                        "{}: left, and tried again in {} s: {error:#}",
                        name.display(),
                        pause.as_secs()
                    ));
                }
                Err(Trouble::Service(error)) => {
                    self.client = None;
                    return Err(error.context(format!("{}: left", name.display())));
                }
            }
        }
        Ok(())
    }

    async fn take(&mut self, name: &OsStr) -> Result<Taken, Trouble> {
        let largest = self.arguments.watch.largest_mib << 20;
        let stamp = match taken::inspect(&self.folder.path().join(name), largest)? {
            Inspected::Gone => return Ok(Taken::Gone),
            Inspected::Refused(rule) => return self.place(name, &Verdict::refused(&rule)),
            Inspected::Whole(stamp) => stamp,
        };
        let verdict = self.submit(name).await?;
        if self.folder.stamp(name).ok() != Some(stamp) {
            return Err(Trouble::File(anyhow::anyhow!(
                "the file changed while it was read"
            )));
        }
        self.place(name, &verdict)
    }

    async fn submit(&mut self, name: &OsStr) -> Result<Verdict, Trouble> {
        let client = self.client().await?;
        let (options, batcher) = self.arguments.plan().map_err(Trouble::Service)?;
        let submission = Submission {
            parent: &self.parent,
            file: &self.folder.path().join(name),
            options,
            rejects: &RejectsOption::default(),
        };
        match Box::pin(submission.run(&client, batcher)).await {
            Ok(report) => match report.passing() {
                Some(error) => Err(trouble::of_call(error.clone())),
                None => Ok(Verdict::of(&report)),
            },
            Err(error) => trouble::judge(error),
        }
    }

    /// The connection; token and certificates are read anew after the service was lost.
    async fn client(&mut self) -> Result<Client, Trouble> {
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        let options = self
            .arguments
            .server
            .client_options(patient())
            .map_err(Trouble::Service)?;
        let client = Client::with_options(options)
            .await
            .map_err(|error| Trouble::Service(error.into()))?;
        Ok(self.client.insert(client).clone())
    }

    /// Moves a file to where its verdict says, with its report beside it.
    fn place(&self, name: &OsStr, verdict: &Verdict) -> Result<Taken, Trouble> {
        let place = verdict.place();
        let moved = match self.folder.place(name, place, &verdict.report()) {
            // Somebody else took it.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.folder.has(name) => {
                return Ok(Taken::Gone);
            }
            moved => moved.map_err(|error| {
                let what = format!("it cannot be moved to {} with its report", place.folder());
                Trouble::File(anyhow::Error::from(error).context(what))
            })?,
        };
        let said = format!(
            "{}: {}; it is in {}",
            name.display(),
            verdict.said(),
            moved.display()
        );
        answer::say(&said).map_err(Trouble::Service)?;
        Ok(place.into())
    }
}

/// Tells of a failure that stops all files. Returns how long to wait after it.
fn told(error: &anyhow::Error, last: Duration) -> Duration {
    let pause = LONGEST_PAUSE.min(last * 2);
    output::tell(&format!("{error:#}; tried again in {} s", pause.as_secs()));
    pause
}
