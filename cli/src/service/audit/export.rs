//! A whole chain as a file.

use std::io::{BufWriter, Write};

use clap::Args;
use diel_client::{Client, v1};
use diel_core::audit::Head;

use super::line::Line;
use super::{ChainOption, ServerOptions, chain_name, entry};
use crate::output::{Destination, tell};
use crate::service::name;

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    #[command(flatten)]
    chain: ChainOption,

    /// The file to write, replaced if it exists; - for standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: Destination,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn export(arguments: &ExportArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let parent = arguments.chain.parent();
    let mut out = BufWriter::new(arguments.out.open()?);
    let head = write(&client, &parent, &mut out).await?;
    out.flush()?;
    tell(&format!(
        "{}: {} entries, head {head}",
        chain_name(name::id(&parent)),
        head.sequence
    ));
    Ok(())
}

/// Writes a chain, an entry a line and its head last, and returns the head.
///
/// # Errors
/// The service refuses, or the lines cannot be written.
pub(in crate::service) async fn write(
    client: &Client,
    parent: &str,
    out: &mut impl Write,
) -> anyhow::Result<Head> {
    // The head first: what is appended meanwhile belongs to the next export.
    let head = client.get_audit_head(parent.to_owned()).await?;
    let head = entry::head_from_message(&head)?;
    let mut entries = client.stream(v1::StreamAuditEntriesRequest {
        parent: parent.to_owned(),
        ..Default::default()
    });
    while let Some(message) = entries.next().await {
        let entry = entry::from_message(message?)?;
        if entry.sequence > head.sequence {
            break;
        }
        writeln!(out, "{}", Line::Entry(entry).write()?)?;
    }
    let study = name::id(parent);
    writeln!(out, "{}", Line::Head(study.to_owned(), head).write()?)?;
    Ok(head)
}
