//! Another name of a study, the codes that it refuses, how long it may keep data.

use clap::Args;
use diel_client::{FieldMask, v1};
use diel_core::{CodeShape, CodeShapes, RetentionDays};

use super::ServerOptions;
use crate::code_shapes;
use crate::service::{answer, name};

const EXAMPLES: &str = "\
What is not said stays as it is. Which codes are refused holds for rows from then on; what is stored stays.

Examples:
  diel study update pilot --name \"Pilot 2026\"
  diel study update pilot --refuse-codes usual
  diel study update pilot --refuse-codes email_address,date,digits_date
  diel study update pilot --refuse-codes none
  diel study update pilot --retention-days 3650";

/// Which codes of participants and tubes a study refuses.
#[derive(Debug, Args)]
pub(super) struct RefusedCodes {
    /// Shapes of codes that are refused because they look like a person, joined by commas, of email_address, person_name,
    /// date, digits_date, phone_number and national_number; or none; or usual: all but digits_date.
    #[arg(long, value_name = "SHAPES", value_parser = code_shapes::parse)]
    refuse_codes: Option<CodeShapes>,
}

impl RefusedCodes {
    /// What was said; `None` leaves it to the service.
    pub(super) fn policy(&self) -> Option<v1::CodePolicy> {
        let shapes = self.refuse_codes?;
        Some(v1::CodePolicy {
            refused_shapes: shapes.iter().map(|shape| message(shape) as i32).collect(),
        })
    }
}

/// How long a study may keep a person's data, or that it does not say.
#[derive(Debug, Clone, Copy)]
struct Retention(Option<RetentionDays>);

fn retention(text: &str) -> Result<Retention, String> {
    match text {
        "none" => Ok(Retention(None)),
        days => retention_days(days).map(|days| Retention(Some(days))),
    }
}

/// Reads a number of days.
pub(in crate::service) fn retention_days(text: &str) -> Result<RetentionDays, String> {
    let days = text
        .parse()
        .map_err(|_| format!("{text:?} is not a number of days"))?;
    RetentionDays::new(days).map_err(|error| error.to_string())
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct UpdateArguments {
    /// The study, such as pilot.
    study: String,

    /// What people call the study.
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,

    #[command(flatten)]
    codes: RefusedCodes,

    /// Days after a participant's last sample for which the study may keep their data, 1 to 36525; or none, to state nothing.
    /// Nobody is erased by it: see `diel participant due`.
    #[arg(long, value_name = "DAYS|none", value_parser = retention)]
    retention_days: Option<Retention>,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn update(arguments: &UpdateArguments) -> anyhow::Result<()> {
    let code_policy = arguments.codes.policy();
    let mut paths = Vec::new();
    paths.extend(arguments.name.as_ref().map(|_| "display_name".to_owned()));
    paths.extend(code_policy.as_ref().map(|_| "code_policy".to_owned()));
    let retention = arguments.retention_days;
    paths.extend(retention.map(|_| "retention_days".to_owned()));
    anyhow::ensure!(
        !paths.is_empty(),
        "nothing to change: say --name, --refuse-codes or --retention-days"
    );
    let client = arguments.server.connect().await?;
    let mut study = client.get_study(name::study(&arguments.study)).await?;
    study.display_name = arguments.name.clone().unwrap_or(study.display_name);
    study.code_policy = code_policy.or(study.code_policy);
    if let Some(Retention(days)) = retention {
        study.retention_days = days.map(|days| days.days().into());
    }
    let request = v1::UpdateStudyRequest {
        study: Some(study),
        update_mask: Some(FieldMask { paths }),
        ..Default::default()
    };
    let study = client.update_study(request).await?;
    answer::say(&format!(
        "changed {}; codes refused: {}; kept for: {}",
        study.name,
        refused_codes(&study),
        study.retention_days.map_or_else(
            || "not stated".to_owned(),
            |days| format!("{days} days after the last sample")
        )
    ))
}

/// The shapes that a study refuses, in words.
pub(super) fn refused_codes(study: &v1::Study) -> String {
    let refused = study.code_policy.iter().flat_map(|policy| {
        let shapes = policy.refused_shapes.iter();
        shapes.filter_map(|shape| v1::CodeShape::try_from(*shape).ok())
    });
    let known: CodeShapes = CodeShape::ALL
        .into_iter()
        .filter(|shape| refused.clone().any(|refused| refused == message(*shape)))
        .collect();
    if known.is_empty() {
        "none".to_owned()
    } else {
        known.to_string()
    }
}

fn message(shape: CodeShape) -> v1::CodeShape {
    match shape {
        CodeShape::EmailAddress => v1::CodeShape::EmailAddress,
        CodeShape::PersonName => v1::CodeShape::PersonName,
        CodeShape::Date => v1::CodeShape::Date,
        CodeShape::DigitsDate => v1::CodeShape::DigitsDate,
        CodeShape::PhoneNumber => v1::CodeShape::PhoneNumber,
        CodeShape::NationalNumber => v1::CodeShape::NationalNumber,
    }
}
