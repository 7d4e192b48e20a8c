//! Walks a chain and names the first thing that is wrong with it.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use diel_client::v1;
use diel_core::audit::{Broken, Head, Kept, Walk};

use super::line::Line;
use super::{ServerOptions, chain_name, entry};
use crate::service::{self, answer, name};

#[derive(Debug, Args)]
#[group(id = "chain", required = true, multiple = false, args = ["file", "study", "outside"])]
pub(super) struct VerifyArguments {
    /// A file that `diel audit export` wrote; no service is needed.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// The chain of this study in the service, such as pilot.
    #[arg(long, value_name = "STUDY")]
    study: Option<String>,

    /// The chain in the service of what lies outside any study.
    #[arg(long)]
    outside: bool,

    /// A head that was kept, SEQUENCE:HASH or the hash alone: the chain must contain it.
    #[arg(long, value_name = "HEAD")]
    head: Option<Kept>,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) fn verify(arguments: &VerifyArguments) -> anyhow::Result<()> {
    match &arguments.file {
        Some(file) => verify_file(file, arguments.head),
        None => service::run_client(verify_service(arguments)),
    }
}

fn walk(study: &str, kept: Option<Kept>) -> Walk {
    let walk = Walk::new(study);
    match kept {
        Some(kept) => walk.expecting(kept),
        None => walk,
    }
}

/// Says that all is well.
fn report(study: &str, head: Head) -> anyhow::Result<()> {
    answer::say(&format!(
        "{}: {} entries, an unbroken chain; its head is {head}",
        chain_name(study),
        head.sequence
    ))
}

async fn verify_service(arguments: &VerifyArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let parent = arguments
        .study
        .as_deref()
        .map(name::study)
        .unwrap_or_default();
    let study = name::id(&parent);
    // The head first: what is appended meanwhile is not walked.
    let stated = client.get_audit_head(parent.clone()).await?;
    let stated = entry::head_from_message(&stated)?;
    let mut walk = walk(study, arguments.head);
    let mut entries = client.stream(v1::StreamAuditEntriesRequest {
        parent: parent.clone(),
        ..Default::default()
    });
    let broken = || format!("{} is broken", chain_name(study));
    while let Some(message) = entries.next().await {
        let entry = entry::from_message(message?)?;
        if entry.sequence > stated.sequence {
            break;
        }
        walk.step(&entry).with_context(broken)?;
    }
    let head = walk.finish_at(stated).with_context(broken)?;
    report(study, head)
}

fn verify_file(path: &Path, kept: Option<Kept>) -> anyhow::Result<()> {
    let broken = || format!("{} is broken", path.display());
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut walk_begun: Option<(String, Walk)> = None;
    let mut lines = BufReader::new(file).lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        let at = || format!("{}, line {number}", path.display());
        let line = line.with_context(at)?;
        let entry = match Line::read(&line).with_context(at)? {
            Line::Entry(entry) => entry,
            Line::Head(study, stated) => {
                if lines.next().is_some() {
                    bail!("{}: something follows the head", at());
                }
                let (begun, walk) =
                    walk_begun.unwrap_or_else(|| (study.clone(), walk(&study, kept)));
                if begun != study {
                    let sequence = stated.sequence;
                    return Err(Broken::Study { sequence }).with_context(broken);
                }
                let head = walk.finish_at(stated).with_context(broken)?;
                return report(&study, head);
            }
        };
        let study = &entry.record.study;
        let (_, walk) = walk_begun.get_or_insert_with(|| (study.clone(), walk(study, kept)));
        walk.step(&entry).with_context(broken)?;
    }
    let last = walk_begun.map_or(0, |(_, walk)| walk.head().sequence);
    Err(Broken::NoHead { last }).with_context(broken)
}
