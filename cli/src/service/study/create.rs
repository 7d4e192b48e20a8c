//! A new study.

use clap::Args;
use diel_client::v1;
use diel_core::RetentionDays;

use super::ServerOptions;
use super::update::{RefusedCodes, retention_days};
use crate::analyze::PolicyOptions;
use crate::service::{answer, policy};

const EXAMPLES: &str = "\
The time zone turns instants without an offset into local dates; it cannot be changed later.

Codes of participants and tubes that look like a person are refused, row by row; `diel codes code_shape` lists the shapes, and
`diel check FILE --codes` looks at a file before it is sent.

Examples:
  diel study create pilot --name \"Pilot 2026\" --time-zone Europe/Berlin
  diel study create kept --name Kept --time-zone UTC --retention-days 3650
  diel study create numbers --name Numbers --time-zone UTC --refuse-codes email_address,person_name
  diel study create clinic --name Clinic --time-zone UTC --keyed-codes    # see `diel study key --help`
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
    codes: RefusedCodes,

    /// Store codes of participants and tubes keyed only; it cannot be changed later, and the service needs codes.key_file.
    #[arg(long)]
    keyed_codes: bool,

    /// Days after a participant's last sample for which the study may keep their data, 1 to 36525. Nobody is erased by it.
    #[arg(long, value_name = "DAYS", value_parser = retention_days)]
    retention_days: Option<RetentionDays>,

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
        policy: Some(policy::of_terms(&arguments.policy.terms())),
        code_policy: arguments.codes.policy(),
        code_storage: if arguments.keyed_codes {
            v1::CodeStorage::Keyed
        } else {
            v1::CodeStorage::AsSent
        } as i32,
        retention_days: arguments.retention_days.map(|days| days.days().into()),
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
