//! The rule that rhythms are judged by, from the command line.

use clap::Args;
use diel_core::{Condition, Conditions, Policy, PolicyError, PolicyTerms, References, Threshold};

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

    /// Samples that the slope must rest on to put a rhythm before a reviewer (0: what the valid days have).
    #[arg(long, value_name = "N")]
    min_samples: Option<u32>,

    /// Conditions under which a day does not count and a person is not judged: codes joined by commas, all or none (all).
    #[arg(long, value_name = "CODES", value_parser = excluding)]
    excluding: Option<Conditions>,

    /// Nobody younger is judged, in years (1/6: two months).
    #[arg(long, value_name = "YEARS")]
    min_age_years: Option<f64>,

    /// Nobody younger is put before a reviewer, in years: the rhythm is then not established (1).
    #[arg(long, value_name = "YEARS")]
    min_age_to_flag_years: Option<f64>,

    /// No awakening response is computed for anybody younger, in years (4).
    #[arg(long, value_name = "YEARS")]
    min_age_for_car_years: Option<f64>,

    /// An evening sample below a limit above this is hardly known, in nmol/L (1).
    #[arg(long, value_name = "X")]
    evening_limit_nmol_per_l: Option<f64>,

    /// More than this share of valid days with such an evening keeps a rhythm from being flagged, 0 to 1 (0.5).
    #[arg(long, value_name = "SHARE")]
    evening_limit_share: Option<f64>,

    /// In a service: whether a decision about a flag needs a second reviewer's (false).
    #[arg(long, value_name = "true|false")]
    second_review: Option<bool>,

    /// In a service: data that move the posterior mean of the slope by more than so many posterior standard deviations open
    /// a decided flag again (1).
    #[arg(long, value_name = "SD")]
    reopen_shift_sd: Option<f64>,
}

/// Codes of conditions, `all` or `none`.
fn excluding(text: &str) -> Result<Conditions, String> {
    match text {
        "all" => Ok(Conditions::all()),
        "none" => Ok(Conditions::EMPTY),
        codes => codes
            .split(',')
            .map(|code| {
                Condition::from_code(code.trim()).ok_or_else(|| {
                    let known = Condition::ALL.map(Condition::code).join(", ");
                    format!("{code:?} is not a condition; known are {known}, or all or none")
                })
            })
            .collect(),
    }
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
            min_samples: self.min_samples,
            excluding: self.excluding,
            min_age_years: self.min_age_years,
            min_age_to_flag_years: self.min_age_to_flag_years,
            min_age_for_car_years: self.min_age_for_car_years,
            evening_limit_nmol_per_l: self.evening_limit_nmol_per_l,
            evening_limit_share: self.evening_limit_share,
            second_review: self.second_review,
            reopen_shift_sd: self.reopen_shift_sd,
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
