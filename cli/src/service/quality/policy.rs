//! The policy that batches are assessed by.

use clap::{Args, Subcommand};
use diel_client::v1;

use super::{ServerOptions, StudyOption};
use crate::output::Progress;
use crate::service;
use crate::service::answer::say;

#[derive(Debug, Args)]
pub(super) struct PolicyArguments {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
    /// Show the policy in force, or an earlier version.
    Show(ShowArguments),
    /// Change terms of the policy in force; stored batches are assessed again.
    Set(SetArguments),
}

#[derive(Debug, Args)]
struct ShowArguments {
    #[command(flatten)]
    study: StudyOption,

    /// An earlier version; 0 is the built-in policy.
    #[arg(long, value_name = "N")]
    number: Option<i64>,

    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Debug, Args)]
struct SetArguments {
    #[command(flatten)]
    study: StudyOption,

    /// Rules that are named and change no verdict, such as 1_2s; empty for none.
    #[arg(long, value_name = "RULES")]
    noting: Option<String>,

    /// Rules that ask for a review when broken.
    #[arg(long, value_name = "RULES")]
    reviewing: Option<String>,

    /// Rules that fail a batch when broken, such as 1_3s/2_2s/r_4s.
    #[arg(long, value_name = "RULES")]
    failing: Option<String>,

    /// How many runs of a laboratory's assay the rules look at, 1 to 200.
    #[arg(long, value_name = "N")]
    control_runs: Option<i32>,

    /// Replicates with a greater coefficient of variation disagree, percent.
    #[arg(long, value_name = "CV")]
    replicate_cv_percent: Option<f64>,

    /// Review above this share of results whose replicates disagree, 0 to 1.
    #[arg(long, value_name = "SHARE")]
    review_high_cv_share: Option<f64>,

    /// Fail above this share of results whose replicates disagree, 0 to 1.
    #[arg(long, value_name = "SHARE")]
    fail_high_cv_share: Option<f64>,

    /// Review above this pooled coefficient of variation, percent.
    #[arg(long, value_name = "CV")]
    review_intra_assay_cv_percent: Option<f64>,

    /// Fail above this pooled coefficient of variation, percent.
    #[arg(long, value_name = "CV")]
    fail_intra_assay_cv_percent: Option<f64>,

    /// Review above this share of results below a limit, 0 to 1.
    #[arg(long, value_name = "SHARE")]
    review_below_limit_share: Option<f64>,

    /// Fail above this share of results below a limit, 0 to 1.
    #[arg(long, value_name = "SHARE")]
    fail_below_limit_share: Option<f64>,

    /// Wait until every batch is assessed by it.
    #[arg(long)]
    wait: bool,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) fn run(arguments: &PolicyArguments) -> anyhow::Result<()> {
    match &arguments.command {
        PolicyCommand::Show(arguments) => service::run_client(show(arguments)),
        PolicyCommand::Set(arguments) => service::run_client(set(arguments)),
    }
}

async fn show(arguments: &ShowArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let version = arguments
        .number
        .map_or_else(|| "current".to_owned(), |version| version.to_string());
    let name = format!("{}/qualityPolicies/{version}", arguments.study.name());
    say(&description(&client.get_quality_policy(name).await?))
}

async fn set(arguments: &SetArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let parent = arguments.study.name();
    let name = format!("{parent}/qualityPolicies/current");
    let mut policy = client.get_quality_policy(name).await?;
    arguments.put_on(&mut policy);
    let request = v1::UpdateQualityPolicyRequest {
        parent,
        quality_policy: Some(policy),
        ..Default::default()
    };
    let made = client.update_quality_policy(request).await?;
    let (policy, job) = (
        made.quality_policy.unwrap_or_default(),
        made.job.unwrap_or_default(),
    );
    if arguments.wait {
        let total = u64::try_from(job.total_count).unwrap_or(0);
        let mut progress = Progress::new(total, "batches");
        let ended = client
            .wait_for_job(&job.name, |job| {
                progress.set(u64::try_from(job.done_count).unwrap_or(0));
            })
            .await?;
        drop(progress);
        anyhow::ensure!(
            ended.state() == v1::JobState::Succeeded,
            "{} is in force, but {} ended: {}",
            policy.name,
            ended.name,
            ended.error
        );
    }
    say(&description(&policy))
}

impl SetArguments {
    fn put_on(&self, policy: &mut v1::QualityPolicy) {
        let v1::QualityPolicy {
            noting,
            reviewing,
            failing,
            ..
        } = policy;
        for (given, set) in [
            (&self.noting, noting),
            (&self.reviewing, reviewing),
            (&self.failing, failing),
        ] {
            if let Some(given) = given {
                *set = Some(rules(given));
            }
        }
        policy.control_runs = self.control_runs.or(policy.control_runs);
        policy.replicate_cv_percent = self.replicate_cv_percent.or(policy.replicate_cv_percent);
        for (review, fail, bounds) in [
            (
                self.review_high_cv_share,
                self.fail_high_cv_share,
                &mut policy.high_cv_share,
            ),
            (
                self.review_intra_assay_cv_percent,
                self.fail_intra_assay_cv_percent,
                &mut policy.intra_assay_cv_percent,
            ),
            (
                self.review_below_limit_share,
                self.fail_below_limit_share,
                &mut policy.below_limit_share,
            ),
        ] {
            let bounds = bounds.get_or_insert_default();
            bounds.review_above = review.or(bounds.review_above);
            bounds.fail_above = fail.or(bounds.fail_above);
        }
    }
}

fn rules(text: &str) -> v1::ControlRuleSet {
    let codes = text.split(['/', ',', ';', ' ']);
    v1::ControlRuleSet {
        rules: codes
            .filter(|code| !code.is_empty())
            .map(str::to_lowercase)
            .collect(),
    }
}

fn description(policy: &v1::QualityPolicy) -> String {
    let rules = |set: &Option<v1::ControlRuleSet>| match set {
        Some(set) if !set.rules.is_empty() => set.rules.join("/"),
        _ => "none".to_owned(),
    };
    let bound = |bound: Option<f64>| bound.map_or("never".to_owned(), |bound| bound.to_string());
    let mut text = format!(
        "{}\n  rules noted: {}; for review: {}; failing: {}; over {} runs\n  replicates disagree above a CV of {} %",
        policy.name,
        rules(&policy.noting),
        rules(&policy.reviewing),
        rules(&policy.failing),
        policy.control_runs.unwrap_or_default(),
        policy.replicate_cv_percent.unwrap_or_default(),
    );
    for (what, bounds) in [
        (
            "share of results whose replicates disagree",
            &policy.high_cv_share,
        ),
        ("pooled CV of replicates, %", &policy.intra_assay_cv_percent),
        ("share of results below a limit", &policy.below_limit_share),
        ("plate effect, standard errors", &policy.plate_effect_z),
    ] {
        let bounds = bounds.unwrap_or_default();
        text.push_str(&format!(
            "\n  {what}: review above {}, fail above {}",
            bound(bounds.review_above),
            bound(bounds.fail_above)
        ));
    }
    text
}
