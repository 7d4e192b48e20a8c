//! Keeping a database: `diel backup`, `diel restore` and `diel verify`. They work on the database itself.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::answer;
use crate::output::Progress;
use crate::service;

const BACKUP: &str = "\
The copy is as of one moment and whole, whatever the service does meanwhile; it is a database like the one it was made from. A
PostgreSQL database is copied with its own tools.

Examples:
  diel backup --database sqlite:///var/lib/diel/diel.db --out /backup/diel-2026-03-02.db
  diel verify --database sqlite:///backup/diel-2026-03-02.db";

const RESTORE: &str = "\
Nothing that exists is overwritten. Verify what was restored before it is served, and compare the heads of its audit trail with those
that you kept.

Examples:
  diel restore /backup/diel-2026-03-02.db --database sqlite:///var/lib/diel/diel.db
  diel verify --database sqlite:///var/lib/diel/diel.db";

const VERIFY: &str = "\
Reads everything and changes nothing; the service may run meanwhile. It checks the file itself and its
schema (SQLite), walks every chain of the audit
trail, looks for rows that lack what they belong to, holds every revision of a result to the digest of its row, and computes every day and
rhythm again from its samples: what was measured cannot have changed without a trace. Prints the head of each chain: keep them elsewhere. Ends with status 1 when anything is wrong.

Examples:
  diel verify
  diel verify --database postgres://diel@db.example/diel";

#[derive(Debug, Args)]
struct DatabaseOption {
    /// The database: sqlite://PATH or postgres://...
    #[arg(
        long,
        env = "DIEL_DATABASE",
        value_name = "URL",
        default_value = "sqlite://diel.db"
    )]
    database: String,
}

#[derive(Debug, Args)]
#[command(after_help = BACKUP)]
pub(crate) struct BackupArguments {
    /// The file to write; it must not exist.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    #[command(flatten)]
    place: DatabaseOption,
}

#[derive(Debug, Args)]
#[command(after_help = RESTORE)]
pub(crate) struct RestoreArguments {
    /// A file that `diel backup` wrote.
    #[arg(value_name = "FILE")]
    backup: PathBuf,

    #[command(flatten)]
    place: DatabaseOption,
}

#[derive(Debug, Args)]
#[command(after_help = VERIFY)]
pub(crate) struct VerifyArguments {
    #[command(flatten)]
    place: DatabaseOption,
}

pub(crate) fn back_up(arguments: &BackupArguments) -> anyhow::Result<()> {
    service::run_client(async {
        diel_server::back_up(&arguments.place.database, &arguments.out)
            .await
            .context("no backup was written")?;
        answer::say(&format!(
            "{} is a copy of the database",
            arguments.out.display()
        ))
    })
}

pub(crate) fn restore(arguments: &RestoreArguments) -> anyhow::Result<()> {
    service::run_client(async {
        let place = diel_server::restore(&arguments.backup, &arguments.place.database).await?;
        answer::say(&format!("restored to {}", place.display()))
    })
}

pub(crate) fn verify(arguments: &VerifyArguments) -> anyhow::Result<()> {
    service::run_client(async {
        let mut bar = Progress::counting("entries, revisions and persons read");
        let verified = Box::pin(diel_server::verify(&arguments.place.database, |_, done| {
            bar.set(done);
        }))
        .await
        .context("the database cannot be read")?;
        drop(bar);
        for (study, head) in &verified.heads {
            let chain = if study.is_empty() {
                "outside any study".to_owned()
            } else {
                format!("studies/{study}")
            };
            answer::say(&format!("{chain}: {head}"))?;
        }
        answer::say(&format!(
            "{} entries in {} unbroken chains; {} revisions of results read; the rhythms of {} persons computed again",
            verified.entries,
            verified.heads.len(),
            verified.revisions,
            verified.persons
        ))?;
        if verified.without_digest > 0 {
            answer::say(&format!(
                "{} of the revisions were stored by an earlier version, without a digest of their rows",
                verified.without_digest
            ))?;
        }
        let mut flaws: Vec<String> = verified
            .flaws
            .iter()
            .map(|flaw| format!("\n  {}: {}", flaw.resource, flaw.what))
            .collect();
        if verified.unnamed_flaws > 0 {
            flaws.push(format!("\n  and {} more", verified.unnamed_flaws));
        }
        anyhow::ensure!(
            flaws.is_empty(),
            "the database is not what was stored in it:{}",
            flaws.concat()
        );
        answer::say("all is as it was stored")
    })
}
