//! What a file holds, as requests.

use diel_client::{Client, Error, v1};
use diel_interchange::fhir::{Imported, ImportedSample, Refused};

use crate::service::submit::row_of;

/// Rows in one request.
const ROWS: usize = 2_000;

/// How strictly to proceed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mode {
    pub(super) validate_only: bool,
    pub(super) partial: bool,
}

/// What was stored.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) results: i64,
    pub(super) unchanged: i64,
    pub(super) waiting: i64,
    pub(super) specimens: i64,
    pub(super) unchanged_specimens: i64,
    pub(super) days: i64,
    pub(super) profiles: i64,
    pub(super) raised_flags: Vec<String>,
}

/// Sends everything: results by the run that they came from, then tubes without results, then days.
///
/// # Errors
/// The service cannot be reached or stays away. What it refuses is noted in `refused`.
pub(super) async fn send(
    client: &Client,
    parent: &str,
    imported: Imported,
    mode: Mode,
    refused: &mut Vec<Refused>,
) -> anyhow::Result<Sent> {
    let mut sent = Sent::default();
    for run in runs(imported.samples) {
        let request = v1::SubmitBatchRequest {
            parent: parent.to_owned(),
            batch: Some(run.batch),
            results: run.rows,
            validate_only: mode.validate_only,
            allow_partial: mode.partial,
            ..Default::default()
        };
        match client.submit_batch(request).await {
            Ok(answer) => {
                sent.results += answer.stored_count;
                sent.unchanged += answer.unchanged_count;
                sent.waiting += answer.waiting_count;
                sent.profiles += answer.profile_count;
                sent.raised_flags.extend(answer.raised_flags);
                note(&answer.violations, &run.paths, "results", refused);
            }
            Err(error) => note_refusal(error, &run.paths, "results", refused)?,
        }
    }
    let (paths, specimens): (Vec<_>, Vec<_>) = imported
        .specimens
        .into_iter()
        .map(|one| (one.path, one.specimen))
        .unzip();
    for (paths, specimens) in paths.chunks(ROWS).zip(specimens.chunks(ROWS)) {
        let request = v1::RegisterSpecimensRequest {
            specimens: specimens.to_vec(),
            ..registration(parent, mode)
        };
        register(client, request, paths, "specimens", &mut sent, refused).await?;
    }
    let (paths, days): (Vec<_>, Vec<_>) = imported
        .days
        .into_iter()
        .map(|one| (one.path, one.day))
        .unzip();
    for (paths, days) in paths.chunks(ROWS).zip(days.chunks(ROWS)) {
        let request = v1::RegisterSpecimensRequest {
            days: days.to_vec(),
            ..registration(parent, mode)
        };
        register(client, request, paths, "days", &mut sent, refused).await?;
    }
    Ok(sent)
}

fn registration(parent: &str, mode: Mode) -> v1::RegisterSpecimensRequest {
    v1::RegisterSpecimensRequest {
        parent: parent.to_owned(),
        validate_only: mode.validate_only,
        allow_partial: mode.partial,
        ..Default::default()
    }
}

async fn register(
    client: &Client,
    request: v1::RegisterSpecimensRequest,
    paths: &[String],
    rows: &str,
    sent: &mut Sent,
    refused: &mut Vec<Refused>,
) -> anyhow::Result<()> {
    match client.register_specimens(request).await {
        Ok(answer) => {
            sent.specimens += answer.stored_count;
            sent.unchanged_specimens += answer.unchanged_count;
            sent.days += answer.day_count;
            sent.profiles += answer.profile_count;
            sent.raised_flags.extend(answer.raised_flags);
            note(&answer.violations, paths, rows, refused);
            Ok(())
        }
        Err(error) => note_refusal(error, paths, rows, refused),
    }
}

/// Results that came from one run.
struct Run {
    /// With the id that the batch had where the file was written, which is not sent.
    batch: v1::Batch,
    rows: Vec<v1::ResultInput>,
    paths: Vec<String>,
}

/// Gathers results by run, in the order of the file. Only what differs in a fact, or in the batch that the file names, is
/// another run.
fn runs(samples: Vec<ImportedSample>) -> Vec<Run> {
    let mut done = Vec::new();
    let mut open: Vec<Run> = Vec::new();
    for sample in samples {
        let at = match open.iter().position(|run| run.batch == sample.batch) {
            Some(at) => at,
            None => {
                open.push(Run {
                    batch: sample.batch,
                    rows: Vec::new(),
                    paths: Vec::new(),
                });
                open.len() - 1
            }
        };
        let Some(run) = open.get_mut(at) else {
            continue;
        };
        run.rows.push(sample.row);
        run.paths.push(sample.path);
        if run.rows.len() == ROWS {
            done.push(open.remove(at));
        }
    }
    done.append(&mut open);
    for run in &mut done {
        run.batch.name.clear();
    }
    done
}

/// Notes a request that was refused as a whole.
fn note_refusal(
    error: Error,
    paths: &[String],
    rows: &str,
    refused: &mut Vec<Refused>,
) -> anyhow::Result<()> {
    if error.refusal().is_none() {
        return Err(error.into());
    }
    let before = refused.len();
    note(error.violations(), paths, rows, refused);
    if refused.len() == before {
        refused.push(Refused {
            path: paths.first().cloned().unwrap_or_default(),
            value: format!("{} resources from here", paths.len()),
            rule: error.to_string(),
        });
    }
    Ok(())
}

/// Violations at the resources that their rows came from.
fn note(
    violations: &[v1::FieldViolation],
    paths: &[String],
    rows: &str,
    refused: &mut Vec<Refused>,
) {
    for violation in violations {
        let place = row_of(&violation.field, rows);
        let path = place.and_then(|(row, _)| paths.get(row));
        refused.push(Refused {
            path: path.cloned().unwrap_or_default(),
            value: place
                .map_or(violation.field.as_str(), |(_, field)| field)
                .to_owned(),
            rule: violation.description.clone(),
        });
    }
}
