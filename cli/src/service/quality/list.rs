//! Batches with their verdicts.

use clap::{Args, ValueEnum};
use diel_client::v1;

use super::{ServerOptions, StudyOption, verdict_word};
use crate::output::{Column, OutputOptions, Records};
use crate::service::answer::{Answer, text_or_nothing};

const COLUMNS: &[Column] = &[
    Column::headed("batch", "batch"),
    Column::headed("run_date", "run"),
    Column::new("lab"),
    Column::new("assay"),
    Column::new("plate"),
    Column::new("verdict"),
    Column::unshown("computed_verdict"),
    Column::headed("results", "results"),
    Column::headed("below_limit", "below\nlimit"),
    Column::headed("replicate_cvs", "with\nCV"),
    Column::headed("high_cvs", "high\nCV"),
    Column::headed("intra_assay_cv_percent", "intra-assay\nCV, %"),
    Column::unshown("plate_effect_z"),
    Column::unshown("decided_by"),
    Column::unshown("decision_reason"),
    Column::unshown("quality_policy"),
    Column::new("reasons"),
];

/// A verdict that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum VerdictChoice {
    /// Nothing says whether the run was right.
    NotAssessed,
    /// It keeps the rules.
    Pass,
    /// It is to be looked at.
    Review,
    /// It fails.
    Fail,
}

impl VerdictChoice {
    const fn word(self) -> &'static str {
        match self {
            Self::NotAssessed => "NOT_ASSESSED",
            Self::Pass => "PASS",
            Self::Review => "REVIEW",
            Self::Fail => "FAIL",
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    study: StudyOption,

    /// Only batches with this verdict in force. May be repeated.
    #[arg(long = "verdict", value_enum, value_name = "VERDICT")]
    verdicts: Vec<VerdictChoice>,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(super) async fn list(arguments: &ListArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let mut rows = Answer::begin(COLUMNS, arguments.output.format)?;
    let mut batches = client.list(v1::ListBatchesRequest {
        parent: arguments.study.name(),
        ..Default::default()
    });
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        let quality = batch.quality.clone().unwrap_or_default();
        let word = verdict_word(quality.verdict());
        let wanted = &arguments.verdicts;
        if wanted.is_empty() || wanted.iter().any(|verdict| verdict.word() == word) {
            rows.row(|records| row(records, &batch, &quality))?;
        }
    }
    rows.end(None)
}

fn row(records: &mut dyn Records, batch: &v1::Batch, quality: &v1::BatchQuality) {
    records.text(&batch.name);
    for text in [&batch.run_date, &batch.lab, &batch.assay, &batch.plate] {
        text_or_nothing(records, text);
    }
    records.text(verdict_word(quality.verdict()));
    records.text(verdict_word(quality.computed_verdict()));
    records.integer(batch.result_count);
    for count in [
        quality.below_limit_count,
        quality.replicate_cv_count,
        quality.high_cv_count,
    ] {
        records.integer(count);
    }
    records.maybe(quality.intra_assay_cv_percent);
    records.maybe(quality.plate_effect_z);
    let decision = quality.decision.as_ref();
    text_or_nothing(records, decision.map_or("", |decision| &decision.reviewer));
    text_or_nothing(records, decision.map_or("", |decision| &decision.reason));
    text_or_nothing(records, &quality.quality_policy);
    text_or_nothing(records, &quality.reasons.join(";"));
    records.end_row();
}
