//! What is planned.

use std::sync::Arc;

use crate::design::closed_form::Spread;
use crate::design::error::{DesignError, DesignRule};
use crate::features::is_in_awakening_response;
use crate::range::Range;
use crate::simulate::{Cohort, Plan};
use crate::{NmolPerL, Policy, Reference, ReferenceTerms};

/// The most persons in the first group.
pub const MOST_PERSONS_PER_GROUP: u32 = 10_000;

/// The fewest persons in a group: slopes must be seen to differ within it.
pub(super) const FEWEST_PERSONS: u32 = 2;

const MOST_STUDIES: u32 = 100_000;

const RATIO: Range = Range {
    what: "a ratio of group sizes",
    minimum: 0.1,
    maximum: 10.0,
    unit: "persons of the second group for each of the first",
};
const ALPHA: Range = Range {
    what: "a significance level",
    minimum: 0.0001,
    maximum: 0.5,
    unit: "(of 1)",
};
const SLOPES: Range = Range {
    what: "a difference of slopes",
    minimum: -10.0,
    maximum: 10.0,
    unit: "ln(nmol/L) per hour",
};
const SDS: Range = Range {
    what: "a difference of slopes",
    minimum: -10.0,
    maximum: 10.0,
    unit: "standard deviations of the true slope",
};

/// How much flatter the second group's mean slope is than the first's; negative: steeper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Difference {
    /// ln(nmol/L) per hour.
    LnPerHour(f64),
    /// Standard deviations of the true slope between persons of one group.
    Sds(f64),
}

/// A study of two groups that is planned. The default has five samples a day of adults on three days, and half a standard deviation of the true slope between the groups.
#[derive(Debug, Clone, PartialEq)]
pub struct PowerPlan {
    /// The population of the first group; the second differs by the mean slope alone.
    pub reference: Arc<Reference>,
    /// Times of the samples in hours since awakening, 0 to 24, strictly increasing.
    pub schedule_h: Vec<f64>,
    /// Days of a person, 1 to 366.
    pub days: u32,
    /// The chance of each sample to be missing, 0 to 1.
    pub missing: f64,
    /// Concentrations below are censored.
    pub limit_of_detection: Option<NmolPerL>,
    /// What is to be found; not 0.
    pub difference: Difference,
    /// Persons of the second group for each of the first, 0.1 to 10.
    pub ratio: f64,
    /// The level of the test, two-sided, 0.0001 to 0.5.
    pub alpha: f64,
    /// Studies that are simulated, 1 to 100,000.
    pub studies: u32,
    /// Equal seeds give equal numbers on every machine.
    pub seed: u64,
}

impl Default for PowerPlan {
    fn default() -> Self {
        let plan = Plan::default();
        Self {
            reference: plan.preset,
            schedule_h: plan.schedule_h,
            days: plan.days,
            missing: plan.missing,
            limit_of_detection: plan.limit_of_detection,
            difference: Difference::Sds(0.5),
            ratio: 1.0,
            alpha: 0.05,
            studies: 2_000,
            seed: plan.seed,
        }
    }
}

/// A checked plan of a study.
///
/// ```
/// use diel_core::design::{Difference, PowerPlan, PowerStudy};
/// let study = PowerStudy::new(PowerPlan { difference: Difference::Sds(1.0), studies: 100, ..PowerPlan::default() })?;
/// let power = study.power(30, &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
/// assert_eq!((power.persons, power.studies), ([30, 30], 100));
/// assert!(power.power > 0.6);
/// # Ok::<(), diel_core::design::DesignError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PowerStudy {
    plan: PowerPlan,
    difference_ln_per_h: f64,
    first: Cohort,
    second: Cohort,
    policy: Policy,
}

impl PowerStudy {
    /// Accepts a plan.
    ///
    /// # Errors
    /// [`DesignError`] names the field and the rule.
    pub fn new(plan: PowerPlan) -> Result<Self, DesignError> {
        let difference_ln_per_h = difference_ln_per_h(&plan)?;
        for (field, number, range) in [("ratio", plan.ratio, RATIO), ("alpha", plan.alpha, ALPHA)] {
            range
                .check(number)
                .map_err(|source| DesignError::of(field, source.into()))?;
        }
        DesignError::count("studies", plan.studies, 1, MOST_STUDIES)?;
        let cohort = |reference: Arc<Reference>| {
            Cohort::new(Plan {
                persons: 0,
                days: plan.days,
                schedule_h: plan.schedule_h.clone(),
                preset: reference,
                limit_of_detection: plan.limit_of_detection,
                missing: plan.missing,
                seed: plan.seed,
                ..Plan::default()
            })
        };
        let first = cohort(Arc::clone(&plan.reference))?;
        let policy = Policy::default();
        check_schedule(&plan, &policy)?;
        let second = cohort(Arc::new(second_group(
            &plan.reference,
            difference_ln_per_h,
        )?))?;
        Ok(Self {
            plan,
            difference_ln_per_h,
            first,
            second,
            policy,
        })
    }

    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &PowerPlan {
        &self.plan
    }

    /// What is to be found, ln(nmol/L) per hour.
    #[must_use]
    pub const fn difference_ln_per_h(&self) -> f64 {
        self.difference_ln_per_h
    }

    /// The populations of the two groups.
    pub(super) const fn groups(&self) -> [&Cohort; 2] {
        [&self.first, &self.second]
    }

    pub(super) const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Samples that one simulation of so many persons in the first group draws.
    ///
    /// # Errors
    /// [`DesignError`] for a number of persons that is too small or too large.
    pub fn samples(&self, per_group: u32) -> Result<u64, DesignError> {
        let persons: u64 = self
            .persons(per_group)?
            .iter()
            .map(|count| u64::from(*count))
            .sum();
        let a_day = u64::try_from(self.plan.schedule_h.len()).unwrap_or(u64::MAX);
        let a_person = u64::from(self.plan.days).saturating_mul(a_day);
        Ok((u64::from(self.plan.studies) * persons).saturating_mul(a_person))
    }

    /// Persons of both groups, two or more each.
    ///
    /// # Errors
    /// [`DesignError`] for a number of persons that is too small or too large.
    pub fn persons(&self, per_group: u32) -> Result<[u32; 2], DesignError> {
        DesignError::count(
            "persons_per_group",
            per_group,
            FEWEST_PERSONS,
            MOST_PERSONS_PER_GROUP,
        )?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at most ten times 10,000"
        )]
        let second = (self.plan.ratio * f64::from(per_group)).round() as u32;
        let persons = [per_group, second.max(FEWEST_PERSONS)];
        let of_study: u64 = persons.iter().map(|count| u64::from(*count)).sum();
        // Each person has a stream of random numbers, and those are numbered by 32 bits.
        if of_study * u64::from(self.plan.studies) > u64::from(u32::MAX) {
            return Err(DesignError::of(
                "studies",
                DesignRule::TooLarge {
                    studies: self.plan.studies,
                    persons: of_study,
                    most: u32::MAX.into(),
                },
            ));
        }
        Ok(persons)
    }
}

fn difference_ln_per_h(plan: &PowerPlan) -> Result<f64, DesignError> {
    let refuse = |rule| DesignError::of("difference", rule);
    let checked = match plan.difference {
        Difference::LnPerHour(slope) => SLOPES.check(slope),
        Difference::Sds(sds) => SDS.check(sds).map(|sds| sds * plan.reference.slope_sd()),
    };
    let difference = checked.map_err(|source| refuse(source.into()))?;
    if difference == 0.0 {
        return Err(refuse(DesignRule::NoDifference));
    }
    Ok(difference)
}

/// The same population but for its mean slope.
fn second_group(first: &Reference, difference_ln_per_h: f64) -> Result<Reference, DesignError> {
    let mut terms = ReferenceTerms::clone(first.terms());
    terms.model.slope_ln_per_h += difference_ln_per_h;
    let slope_ln_per_h = terms.model.slope_ln_per_h;
    Reference::new(terms).map_err(|source| {
        DesignError::of(
            "difference",
            DesignRule::SecondGroup {
                slope_ln_per_h,
                source,
            },
        )
    })
}

/// A slope and a residual must be there to be estimated.
fn check_schedule(plan: &PowerPlan, policy: &Policy) -> Result<(), DesignError> {
    let times = plan.schedule_h.iter().copied();
    let outside = times.filter(|hours| !is_in_awakening_response(*hours, policy));
    let count = outside.clone().count();
    if Spread::of(outside).squares.is_nan() || count < 2 {
        return Err(DesignError::of(
            "schedule_h",
            DesignRule::NoSlope { times: count },
        ));
    }
    let samples = count * plan.days as usize;
    if samples < 3 {
        return Err(DesignError::of("days", DesignRule::FewSamples { samples }));
    }
    Ok(())
}
