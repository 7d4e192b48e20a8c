//! A whole chain as a file.

use std::io::{BufWriter, Write as _};

use clap::Args;
use diel_client::v1;

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
    // The head first: what is appended meanwhile belongs to the next export.
    let head = client.get_audit_head(parent.clone()).await?;
    let head = entry::head_from_message(&head)?;
    let mut out = BufWriter::new(arguments.out.open()?);
    let mut entries = client.stream(v1::StreamAuditEntriesRequest {
        parent: parent.clone(),
        ..Default::default()
    });
    while let Some(message) = entries.next().await {
        let entry = entry::from_message(message?)?;
        if entry.sequence > head.sequence {
            break;
        }
        writeln!(out, "{}", Line::Entry(entry).write()?)?;
    }
    let study = name::id(&parent);
    writeln!(out, "{}", Line::Head(study.to_owned(), head).write()?)?;
    out.flush()?;
    tell(&format!(
        "{}: {} entries, head {head}",
        chain_name(study),
        head.sequence
    ));
    Ok(())
}
