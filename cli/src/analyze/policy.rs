//! The rule that rhythms are judged by, from the command line.

use clap::Args;
use diel_core::{Policy, PolicyError, PolicyTerms, References, Threshold};

/// Options of a policy. What is not given has the default of the core.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "How rhythms are judged")]
pub(crate) struct PolicyOptions {
    /// The population to compare with, such as adult-noisy or adult-noisy@1; by age when not given. In a service also
    /// studies/STUDY/references/NAME, or own: the study's newest that rests on enough persons.
    #[arg(long, value_name = "NAME")]
    reference: Option<String>,

    /// Persons that the study's own reference must rest on before anybody is judged against it (100).
    #[arg(long, value_name = "N")]
    min_reference_persons: Option<u32>,

    /// A slope flatter than this is flat, in ln units an hour.
    #[arg(
        long,
        value_name = "X",
        allow_negative_numbers = true,
        conflicts_with = "threshold_percentile"
    )]
    threshold_ln_per_h: Option<f64>,

    /// A slope flatter than this percentile of the reference is flat (90 when nothing is given).
    #[arg(long, value_name = "P")]
    threshold_percentile: Option<f64>,

    /// Judge flat or not flat from this probability on (0.8).
    #[arg(long, value_name = "P")]
    probability: Option<f64>,

    /// Valid days needed to put a rhythm before a reviewer (3).
    #[arg(long, value_name = "N")]
    min_days: Option<u32>,

    /// Valid days needed to judge at all (2).
    #[arg(long, value_name = "N")]
    min_days_to_report: Option<u32>,

    /// The awakening response lasts this many minutes; `car_*` use all samples from 0 to it (60).
    #[arg(long, value_name = "MINUTES")]
    car_window_min: Option<f64>,

    /// A sample this many hours after awakening is an evening sample (8).
    #[arg(long, value_name = "HOURS")]
    evening_after_h: Option<f64>,
}

impl PolicyOptions {
    /// What was said, unchecked.
    pub(crate) fn terms(&self) -> PolicyTerms {
        let threshold = self
            .threshold_ln_per_h
            .map(Threshold::LnPerHour)
            .or(self.threshold_percentile.map(Threshold::Percentile));
        PolicyTerms {
            reference: self.reference.clone(),
            min_reference_persons: self.min_reference_persons,
            threshold,
            probability: self.probability,
            min_days: self.min_days,
            min_days_to_report: self.min_days_to_report,
            car_window_min: self.car_window_min,
            evening_after_h: self.evening_after_h,
        }
    }

    /// The checked policy.
    pub(crate) fn policy(&self) -> anyhow::Result<Policy> {
        accepted(Policy::new(&self.terms()))
    }

    /// The checked policy, against a reference that was given.
    pub(super) fn against(&self, name: &str, references: &References) -> anyhow::Result<Policy> {
        let terms = PolicyTerms {
            reference: Some(name.to_owned()),
            ..self.terms()
        };
        accepted(Policy::with_references(&terms, references))
    }
}

fn accepted(policy: Result<Policy, PolicyError>) -> anyhow::Result<Policy> {
    policy.map_err(|error| {
        let rules: Vec<String> = error
            .violations()
            .iter()
            .map(|violation| format!("{}: {}", violation.field, violation.rule))
            .collect();
        anyhow::anyhow!("the policy is refused: {}", rules.join("; "))
    })
}
