//! A change of policy that judges everybody again, undisturbed or with the server killed half-way.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use diel_client::{Client, v1};

use crate::process::ServerProcess;

/// The study that is judged again.
pub const STUDY: &str = "rejudged";

/// How long a job may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(3600);

/// A flag as it stands, with its history, without what differs between any two runs: ids and instants.
#[derive(Debug, Clone, PartialEq)]
pub struct StandingFlag {
    /// The participant's code.
    pub participant: String,
    /// Where the flag stands.
    pub state: v1::FlagState,
    /// The numbers it stands on.
    pub evidence: Option<v1::FlagEvidence>,
    /// Each step's kind, and the numbers of that moment.
    pub history: Vec<(v1::FlagEventKind, Option<v1::FlagEvidence>)>,
}

/// The policy that everybody is judged by in the end: steeper slopes count as flat, and it must be surer. It withdraws flags
/// that rest on few days and raises some that rest on many.
#[must_use]
pub fn other_policy() -> v1::Policy {
    v1::Policy {
        threshold: Some(v1::policy::Threshold::ThresholdLnPerH(-0.0525)),
        probability: Some(0.97),
        ..v1::Policy::default()
    }
}

/// Creates the study and stores batches in it, which must name it.
///
/// # Errors
/// Whatever the service answers.
pub async fn load(
    client: &Client,
    batches: impl IntoIterator<Item = v1::SubmitBatchRequest>,
) -> Result<()> {
    let study = v1::Study {
        display_name: "Judged again".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        ..v1::Study::default()
    };
    client
        .create_study(v1::CreateStudyRequest {
            study_id: STUDY.to_owned(),
            study: Some(study),
            ..Default::default()
        })
        .await?;
    for batch in batches {
        client.submit_batch(batch).await?;
    }
    Ok(())
}

/// Puts [`other_policy`] in force; returns the job.
///
/// # Errors
/// Whatever the service answers.
pub async fn change(client: &Client) -> Result<v1::Job> {
    let study = client.get_study(format!("studies/{STUDY}")).await?;
    let request = v1::UpdatePolicyRequest {
        parent: study.name,
        policy: Some(other_policy()),
        etag: study.etag,
        ..Default::default()
    };
    client
        .update_policy(request)
        .await?
        .job
        .context("a change of policy makes a job")
}

/// Waits until the job is done and everybody was judged.
///
/// # Errors
/// The job failed or took too long.
pub async fn finish(client: &Client, job: &v1::Job) -> Result<v1::Job> {
    let ended = tokio::time::timeout(PATIENCE, client.wait_for_job(&job.name, |_| {})).await??;
    ensure!(ended.state() == v1::JobState::Succeeded, "{ended:?}");
    ensure!(ended.done_count == job.total_count, "{ended:?}");
    Ok(ended)
}

/// Kills the server once the job has done half of its participants; returns how many it had done when last seen.
///
/// # Errors
/// The job was over before it could be killed.
pub async fn kill_half_way(server: ServerProcess, client: &Client, job: &v1::Job) -> Result<i64> {
    let begun = Instant::now();
    loop {
        let seen = client.get_job(&job.name).await?;
        if seen.state() == v1::JobState::Succeeded {
            bail!("the job was over before the server was killed: use more participants");
        }
        if 2 * seen.done_count >= job.total_count {
            server.kill();
            return Ok(seen.done_count);
        }
        ensure!(begun.elapsed() < PATIENCE, "{seen:?}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Every flag of the study with its history, by participant.
///
/// # Errors
/// Whatever the service answers.
pub async fn standing(client: &Client) -> Result<Vec<StandingFlag>> {
    let mut flags = client.list(v1::ListFlagsRequest {
        parent: format!("studies/{STUDY}"),
        ..Default::default()
    });
    let mut standing = Vec::new();
    while let Some(flag) = flags.next().await {
        let flag = flag?;
        let events = client.list(v1::ListFlagEventsRequest {
            parent: flag.name.clone(),
            ..Default::default()
        });
        let events = events.collect(usize::MAX).await?;
        standing.push(StandingFlag {
            state: flag.state(),
            history: events
                .into_iter()
                .map(|event| (event.kind(), event.evidence))
                .collect(),
            participant: flag.participant,
            evidence: flag.evidence,
        });
    }
    standing.sort_by(|one, other| one.participant.cmp(&other.participant));
    Ok(standing)
}

/// The last message of a dry run of [`other_policy`], with all changes.
///
/// # Errors
/// Whatever the service answers, or a run that ends before everybody was looked at.
pub async fn preview(client: &Client) -> Result<v1::PreviewPolicyResponse> {
    let request = v1::PreviewPolicyRequest {
        parent: format!("studies/{STUDY}"),
        policy: Some(other_policy()),
    };
    let mut messages = client.preview_policy(request).await?;
    let (mut changes, mut last) = (Vec::new(), v1::PreviewPolicyResponse::default());
    while let Some(message) = messages.next().await {
        last = message?;
        changes.append(&mut last.changes);
    }
    ensure!(last.is_complete, "it ended after {}", last.done_count);
    last.changes = changes;
    Ok(last)
}
