//! Corrections of collection facts.

use clap::Args;
use diel_client::v1;
use diel_core::Moment;

use super::{ServerOptions, SpecimenOption, StudyOption, effects, seen};
use crate::output::OutputOptions;
use crate::service::instant;

/// What every correction needs.
#[derive(Debug, Args)]
struct CorrectionOptions {
    /// Why, for those who read the history: 1 to 500 characters.
    #[arg(long, value_name = "TEXT")]
    reason: String,

    /// Say what would change, and change nothing.
    #[arg(long)]
    validate_only: bool,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Debug, Args)]
pub(super) struct SwapArguments {
    /// A specimen's id.
    first: String,

    /// The id of the specimen it was taken for.
    second: String,

    #[command(flatten)]
    study: StudyOption,

    #[command(flatten)]
    correction: CorrectionOptions,
}

#[derive(Debug, Args)]
pub(super) struct ReassignArguments {
    #[command(flatten)]
    specimen: SpecimenOption,

    #[command(flatten)]
    facts: FactOptions,

    #[command(flatten)]
    correction: CorrectionOptions,
}

/// What is to be otherwise; the rest stays.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct FactOptions {
    /// The participant the tube belongs to.
    #[arg(long, value_name = "CODE")]
    participant: Option<String>,

    /// When saliva was collected, with its offset, such as 2026-03-01T22:10+01:00.
    #[arg(long, value_name = "INSTANT", value_parser = instant::parse)]
    collected_at: Option<Moment>,

    /// The label on the tube; an empty one takes it away.
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,

    /// The awakening that began the tube's day, with its offset.
    #[arg(long, value_name = "INSTANT", value_parser = instant::parse, conflicts_with = "no_awakening")]
    awakening_at: Option<Moment>,

    /// The tube states no awakening. Needed for the tube of another person, whose awakening is another.
    #[arg(long)]
    no_awakening: bool,
}

pub(super) async fn swap(arguments: &SwapArguments) -> anyhow::Result<()> {
    let client = arguments.correction.server.connect().await?;
    let study = arguments.study.name();
    let first = seen(&client, &study, &arguments.first).await?;
    let second = seen(&client, &study, &arguments.second).await?;
    let swap = v1::SpecimenSwap {
        first: arguments.first.clone(),
        first_replaced_revision: first.collection_revision,
        second: arguments.second.clone(),
        second_replaced_revision: second.collection_revision,
    };
    let correction = v1::specimen_correction::Correction::Swap(swap);
    send(&client, study, correction, &arguments.correction).await
}

pub(super) async fn reassign(arguments: &ReassignArguments) -> anyhow::Result<()> {
    let client = arguments.correction.server.connect().await?;
    let study = arguments.specimen.study.name();
    let specimen = seen(&client, &study, &arguments.specimen.specimen).await?;
    let Some(collection) = specimen.collection else {
        anyhow::bail!(
            "{} has no collection facts to correct; `diel register` brings them",
            specimen.name
        );
    };
    let reassignment = v1::SpecimenReassignment {
        specimen: arguments.specimen.specimen.clone(),
        replaced_revision: specimen.collection_revision,
        collection: Some(arguments.facts.put_on(collection)?),
    };
    let correction = v1::specimen_correction::Correction::Reassignment(reassignment);
    send(&client, study, correction, &arguments.correction).await
}

impl FactOptions {
    /// The facts with what was given. What is the participant's is not the tube's.
    fn put_on(&self, known: v1::Collection) -> anyhow::Result<v1::Collection> {
        let mut facts = v1::Collection {
            age_years: None,
            sex: v1::Sex::Unspecified.into(),
            group: String::new(),
            ..known
        };
        if let Some(participant) = &self.participant {
            let is_another = *participant != facts.participant;
            anyhow::ensure!(
                !is_another
                    || facts.awakening_time.is_none()
                    || self.awakening_at.is_some()
                    || self.no_awakening,
                "the tube states the awakening of {}; say when {participant} woke with --awakening-at, or that the \
                 tube does not say it with --no-awakening",
                facts.participant
            );
            facts.participant.clone_from(participant);
        }
        if let Some(at) = self.collected_at {
            facts.collection_time = Some(instant::to_message(at));
            facts.collection_utc_offset_minutes = Some(at.utc_offset_minutes());
        }
        if let Some(label) = &self.label {
            facts.label.clone_from(label);
        }
        if let Some(at) = self.awakening_at {
            facts.awakening_time = Some(instant::to_message(at));
            facts.awakening_utc_offset_minutes = Some(at.utc_offset_minutes());
        }
        if self.no_awakening {
            facts.awakening_time = None;
            facts.awakening_utc_offset_minutes = None;
            facts.awakening_source = v1::TimeSource::Unspecified.into();
        }
        Ok(facts)
    }
}

async fn send(
    client: &diel_client::Client,
    parent: String,
    correction: v1::specimen_correction::Correction,
    options: &CorrectionOptions,
) -> anyhow::Result<()> {
    let request = v1::CorrectSpecimensRequest {
        parent,
        corrections: vec![v1::SpecimenCorrection {
            correction: Some(correction),
        }],
        reason: options.reason.clone(),
        validate_only: options.validate_only,
        ..Default::default()
    };
    let corrected = client.correct_specimens(request).await?;
    effects::show(&corrected, options.validate_only, options.output.format)
}
