//! A new study.

use clap::Args;
use diel_client::v1;
use diel_core::{PolicyTerms, Threshold};

use super::ServerOptions;
use crate::analyze::PolicyOptions;
use crate::service::answer;

const EXAMPLES: &str = "\
The time zone turns instants without an offset into local dates; it cannot be changed later.

Examples:
  diel study create pilot --name \"Pilot 2026\" --time-zone Europe/Berlin
  diel study create infants --name Infants --time-zone UTC --reference infant --probability 0.9";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CreateArguments {
    /// The study's id: 1 to 63 of a-z, 0-9 and -, beginning with a letter.
    id: String,

    /// What people call the study.
    #[arg(long, value_name = "TEXT")]
    name: String,

    /// The IANA time zone of the study, such as Europe/Berlin.
    #[arg(long, value_name = "ZONE")]
    time_zone: String,

    #[command(flatten)]
    policy: PolicyOptions,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn create(arguments: &CreateArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let study = v1::Study {
        display_name: arguments.name.clone(),
        time_zone: arguments.time_zone.clone(),
        policy: Some(policy(&arguments.policy.terms())),
        ..v1::Study::default()
    };
    let request = v1::CreateStudyRequest {
        study_id: arguments.id.clone(),
        study: Some(study),
        ..Default::default()
    };
    let study = client.create_study(request).await?;
    answer::say(&format!(
        "created {}; send samples with `diel submit FILE --study {}`",
        study.name, arguments.id
    ))
}

/// What was said about the policy, as a message. What was not said is left to the service.
fn policy(terms: &PolicyTerms) -> v1::Policy {
    let threshold = terms.threshold.map(|threshold| match threshold {
        Threshold::LnPerHour(slope) => v1::policy::Threshold::ThresholdLnPerH(slope),
        Threshold::Percentile(percentile) => v1::policy::Threshold::ThresholdPercentile(percentile),
    });
    let count = |days: u32| i32::try_from(days).unwrap_or(i32::MAX);
    v1::Policy {
        reference: terms.reference.clone().unwrap_or_default(),
        min_reference_persons: terms.min_reference_persons.map(count),
        threshold,
        probability: terms.probability,
        min_days: terms.min_days.map(count),
        min_days_to_report: terms.min_days_to_report.map(count),
        car_window_min: terms.car_window_min,
        evening_after_h: terms.evening_after_h,
        ..v1::Policy::default()
    }
}
