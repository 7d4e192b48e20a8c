//! Another policy, and the job that judges everybody by it.

use anyhow::bail;
use clap::Args;
use diel_client::{Client, v1};

use super::{ServerOptions, StudyOption, changed, of_terms};
use crate::analyze::PolicyOptions;
use crate::output::Progress;
use crate::service::answer::say;

/// The policy that is asked about: the one in force, changed.
#[derive(Debug, Args)]
pub(super) struct OtherPolicy {
    /// Begin with the defaults and not with the policy in force.
    #[arg(long)]
    defaults: bool,

    #[command(flatten)]
    options: PolicyOptions,
}

impl OtherPolicy {
    /// The whole policy, beside the study as it is now.
    pub(super) async fn ask(
        &self,
        client: &Client,
        study: &StudyOption,
    ) -> anyhow::Result<(v1::Policy, v1::Study)> {
        let study = client.get_study(study.name()).await?;
        let terms = self.options.terms();
        let policy = if self.defaults {
            of_terms(&terms)
        } else {
            changed(study.policy.clone().unwrap_or_default(), &terms)
        };
        Ok((policy, study))
    }
}

#[derive(Debug, Args)]
pub(super) struct SetArguments {
    #[command(flatten)]
    study: StudyOption,

    #[command(flatten)]
    policy: OtherPolicy,

    /// Wait until everybody is judged by it.
    #[arg(long)]
    wait: bool,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn set(arguments: &SetArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let (policy, study) = arguments.policy.ask(&client, &arguments.study).await?;
    let request = v1::UpdatePolicyRequest {
        parent: study.name,
        policy: Some(policy),
        etag: study.etag,
        ..Default::default()
    };
    let made = client.update_policy(request).await?;
    let (policy, job) = (
        made.policy.unwrap_or_default().name,
        made.job.unwrap_or_default(),
    );
    if !arguments.wait {
        return say(&format!(
            "{policy} is in force; {} judges {} participants again",
            job.name, job.total_count
        ));
    }
    let mut progress = Progress::new(u64::try_from(job.total_count).unwrap_or(0), "participants");
    let ended = client
        .wait_for_job(&job.name, |job| {
            progress.set(u64::try_from(job.done_count).unwrap_or(0));
        })
        .await?;
    drop(progress);
    if ended.state() != v1::JobState::Succeeded {
        bail!(
            "{policy} is in force, but {} ended: {}",
            ended.name,
            ended.error
        );
    }
    say(&format!(
        "{policy} is in force; {} participants were judged by it",
        ended.done_count
    ))
}
