//! One batch: its controls as a table, its verdict and the rules it breaks below.

use clap::Args;
use diel_client::v1;

use super::{ServerOptions, verdict_word};
use crate::output::{Column, OutputOptions, Records};
use crate::service::answer::{Answer, text_or_nothing};
use crate::service::name;

const COLUMNS: &[Column] = &[
    Column::new("material"),
    Column::new("level"),
    Column::new("lot"),
    Column::new("well"),
    Column::headed("value_nmol_per_l", "nmol/L"),
    Column::headed("replicate_cv_percent", "CV, %"),
    Column::new("z"),
    Column::new("control"),
];

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// The batch, studies/{study}/batches/{batch}, as `diel quality list` lists it.
    name: String,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(super) async fn show(arguments: &ShowArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let batch = client.get_batch(&arguments.name).await?;
    let mut rows = Answer::begin(COLUMNS, arguments.output.format)?;
    for control in &batch.controls {
        rows.row(|records| row(records, control))?;
    }
    rows.end([description(&batch)])
}

fn row(records: &mut dyn Records, control: &v1::ControlMeasurement) {
    for text in [
        &control.material,
        &control.level,
        &control.lot,
        &control.well,
    ] {
        text_or_nothing(records, text);
    }
    records.maybe(control.value_nmol_per_l);
    records.maybe(control.replicate_cv_percent);
    records.maybe(control.z);
    text_or_nothing(records, name::id(&control.control));
    records.end_row();
}

/// The verdict, why, the numbers and the rules that are broken.
pub(super) fn description(batch: &v1::Batch) -> String {
    let quality = batch.quality.clone().unwrap_or_default();
    let mut text = format!("{}: {}", batch.name, verdict_word(quality.verdict()));
    if let Some(decision) = &quality.decision {
        text.push_str(&format!(
            ", decided by {} ({}); computed {}",
            decision.reviewer,
            decision.reason,
            verdict_word(quality.computed_verdict())
        ));
    }
    for code in &quality.reasons {
        text.push_str(&format!("\n  {code}: {}", meaning(code)));
    }
    for broken in &quality.violations {
        let points: Vec<String> = broken
            .points
            .iter()
            .map(|point| {
                let (batch, control) = (name::id(&point.batch), name::id(&point.control));
                format!("{control} {:+.2} SD in {batch}", point.z)
            })
            .collect();
        text.push_str(&format!("\n  {}: {}", broken.rule, points.join(", ")));
    }
    text.push_str(&format!(
        "\n{} of {} results below a limit; {} of {} replicate CVs above the policy's",
        quality.below_limit_count,
        quality.measured_count,
        quality.high_cv_count,
        quality.replicate_cv_count,
    ));
    if let Some(cv) = quality.intra_assay_cv_percent {
        text.push_str(&format!("; intra-assay CV {cv:.1} %"));
    }
    if !quality.quality_policy.is_empty() {
        text.push_str(&format!("\nassessed by {}", quality.quality_policy));
    }
    text
}

fn meaning(code: &str) -> &'static str {
    diel_core::codes()
        .find(|entry| entry.kind == "quality_reason" && entry.code == code)
        .map_or("", |entry| entry.meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_batch_says_which_runs_break_which_rule() {
        let point = |batch: &str, z| v1::ViolationPoint {
            batch: format!("studies/s/batches/{batch}"),
            control: "studies/s/controls/low".to_owned(),
            z,
        };
        let quality = v1::BatchQuality {
            verdict: v1::BatchVerdict::Fail.into(),
            reasons: vec!["control_2_2s".to_owned()],
            measured_count: 40,
            below_limit_count: 3,
            replicate_cv_count: 40,
            high_cv_count: 1,
            intra_assay_cv_percent: Some(6.25),
            violations: vec![v1::RuleViolation {
                rule: "2_2s".to_owned(),
                points: vec![point("a1", 2.4), point("b2", 2.2)],
                ..Default::default()
            }],
            ..Default::default()
        };
        let batch = v1::Batch {
            name: "studies/s/batches/b2".to_owned(),
            quality: Some(quality),
            ..Default::default()
        };
        assert_eq!(
            description(&batch),
            "studies/s/batches/b2: FAIL\n  \
             control_2_2s: Two controls in a row exceed 2 SD on the same side.\n  \
             2_2s: low +2.40 SD in a1, low +2.20 SD in b2\n\
             3 of 40 results below a limit; 1 of 40 replicate CVs above the policy's; intra-assay CV 6.2 %"
        );
    }
}
