//! Everything of a study as files that outlive the service.

mod folder;

use std::path::{Path, PathBuf};

use clap::Args;
use diel_client::{Client, v1};
use serde_json::json;

use super::ServerOptions;
use crate::output::tell;
use crate::service::{audit, name};

use folder::Folder;

const EXAMPLES: &str = "\
The folder gets one file a kind of record, a JSON object a line as the protocol has it, the audit trail as `diel audit verify`
reads it, and manifest.json with rows and BLAKE3 digests. An admin, a researcher or a reviewer of the study may write it.

Only its owner may read the folder. It holds personal data as much as the database does.

Examples:
  diel study export pilot --out pilot-2026-06
  diel audit verify pilot-2026-06/audit.jsonl";

/// What the manifest says of its own form.
const FORMAT: &str = "diel study export 1";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExportArguments {
    /// The study, such as pilot.
    study: String,

    /// The folder to make.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn export(arguments: &ExportArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let study = client.get_study(name::study(&arguments.study)).await?;
    write(&client, &study, &arguments.out).await?;
    Ok(())
}

/// Writes a study into a folder that it makes, and returns the end of the audit trail that the folder holds.
pub(super) async fn write(
    client: &Client,
    study: &v1::Study,
    out: &Path,
) -> anyhow::Result<String> {
    let parent = study.name.clone();
    let before = client.get_audit_head(parent.clone()).await?;
    let mut folder = Folder::make(out)?;
    folder.one("study.jsonl", study)?;
    rules(client, &mut folder, &parent).await?;
    data(client, &mut folder, &parent).await?;
    flags(client, &mut folder, &parent).await?;
    let mut trail = folder.begin("audit.jsonl")?;
    let head = audit::export::write(client, &parent, &mut trail).await?;
    folder.end(trail)?;
    let is_whole = head.to_string() == format!("{}:{}", before.sequence, before.hash);
    folder.manifest(json!({
        "format": FORMAT,
        "study": name::id(&parent),
        "software": concat!("diel ", env!("CARGO_PKG_VERSION")),
        "audit_head": head.to_string(),
        "written_to_meanwhile": !is_whole,
    }))?;
    if !is_whole {
        tell(
            "note: the study was written to meanwhile, so that files may tell of different moments",
        );
    }
    tell(&format!(
        "{parent}: {} records in {}",
        folder.rows(),
        out.display()
    ));
    Ok(head.to_string())
}

/// What the study is judged by.
async fn rules(client: &Client, folder: &mut Folder, parent: &str) -> anyhow::Result<()> {
    macro_rules! all {
        ($file:literal, $request:ident) => {
            folder
                .list(
                    $file,
                    client.list(v1::$request {
                        parent: parent.to_owned(),
                        ..Default::default()
                    }),
                    |_| None,
                )
                .await?
        };
    }
    all!("policies.jsonl", ListPoliciesRequest);
    all!("protocols.jsonl", ListProtocolsRequest);
    all!("methods.jsonl", ListMethodsRequest);
    all!("conversions.jsonl", ListConversionsRequest);
    all!("fits.jsonl", ListFitsRequest);
    all!("references.jsonl", ListReferencesRequest);
    let controls = client.list(v1::ListControlsRequest {
        parent: parent.to_owned(),
        ..Default::default()
    });
    let controls = folder
        .list("controls.jsonl", controls, |control: &v1::Control| {
            Some(control.name.clone())
        })
        .await?;
    let mut runs = folder.begin("control_runs.jsonl")?;
    for parent in controls {
        let list = client.list(v1::ListControlRunsRequest {
            parent,
            ..Default::default()
        });
        runs.rows(list).await?;
    }
    folder.end(runs)
}

/// What was sent, measured and computed.
async fn data(client: &Client, folder: &mut Folder, parent: &str) -> anyhow::Result<()> {
    let parent = || parent.to_owned();
    let batches = client.list(v1::ListBatchesRequest {
        parent: parent(),
        ..Default::default()
    });
    folder.list("batches.jsonl", batches, |_| None).await?;
    let participants = client.list(v1::ListParticipantsRequest {
        parent: parent(),
        ..Default::default()
    });
    folder
        .list("participants.jsonl", participants, |_| None)
        .await?;
    let specimens = client.list(v1::ListSpecimensRequest {
        parent: parent(),
        ..Default::default()
    });
    let corrected = folder
        .list("specimens.jsonl", specimens, |specimen: &v1::Specimen| {
            (specimen.collection_revision > 1).then(|| specimen.name.clone())
        })
        .await?;
    let mut earlier = folder.begin("earlier_collections.jsonl")?;
    for parent in corrected {
        let list = client.list(v1::ListEarlierCollectionsRequest {
            parent,
            ..Default::default()
        });
        earlier.rows(list).await?;
    }
    folder.end(earlier)?;
    let results = client.list(v1::ListResultsRequest {
        parent: parent(),
        ..Default::default()
    });
    folder.list("results.jsonl", results, |_| None).await?;
    let profiles = client.list(v1::ListProfilesRequest {
        parent: parent(),
        ..Default::default()
    });
    folder.list("profiles.jsonl", profiles, |_| None).await?;
    let rhythms = client.list(v1::ListRhythmsRequest {
        parent: parent(),
        ..Default::default()
    });
    folder.list("rhythms.jsonl", rhythms, |_| None).await?;
    Ok(())
}

/// Flags and their histories.
async fn flags(client: &Client, folder: &mut Folder, parent: &str) -> anyhow::Result<()> {
    let flags = client.list(v1::ListFlagsRequest {
        parent: parent.to_owned(),
        ..Default::default()
    });
    let flags = folder
        .list("flags.jsonl", flags, |flag: &v1::Flag| {
            Some(flag.name.clone())
        })
        .await?;
    let mut events = folder.begin("flag_events.jsonl")?;
    for parent in flags {
        let list = client.list(v1::ListFlagEventsRequest {
            parent,
            ..Default::default()
        });
        events.rows(list).await?;
    }
    folder.end(events)
}
