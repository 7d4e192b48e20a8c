//! A table of analysed persons, one row a sample, for models of a whole cohort.

use std::sync::Arc;

use jiff::civil::Weekday;

use super::{Concentrations, Frame, FrameColumn, LabelsBuilder};
use crate::features::{is_in_awakening_response, is_usable_on_ln_scale};
use crate::mixed::Observed;
use crate::{Condition, Conditions, DaySample, Finding, Level, Person, Policy, Profile};

/// A person as a table knows them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CohortMember<'a> {
    /// The participant's code.
    pub participant: &'a str,
    /// Age and conditions.
    pub person: Person,
    /// The study arm or group.
    pub group: Option<&'a str>,
    /// Sex as recorded.
    pub sex: Option<&'a str>,
}

/// Collects analysed persons one by one into a table.
///
/// A row is a sample whose concentration says something on the ln scale (more than 0, or censored), that lies in its day and
/// is not implausible. Columns:
///
/// | column | kind | meaning |
/// |---|---|---|
/// | `participant` | labels | code |
/// | `day` | labels | the day's label, else its date, else its number from 1 |
/// | `cortisol` | concentrations | nmol/L, with limits where censored |
/// | `hours` | numbers | since awakening |
/// | `car` | numbers | 1 in the awakening response, after the latent period, else 0: the samples that slopes leave out |
/// | `valid_day` | numbers | 1 where the day counts toward the rhythm, else 0 |
/// | `weekend` | numbers | 1 on Saturday and Sunday, else 0; missing without a date |
/// | `group`, `sex` | labels | as recorded |
/// | `age_years` | numbers | at sampling |
/// | `corticosteroids`, `pregnancy`, ... | numbers | 1 where the condition holds for the day or the person, else 0 |
#[derive(Debug, Default)]
pub struct CohortFrameBuilder {
    participants: LabelsBuilder,
    days: LabelsBuilder,
    groups: LabelsBuilder,
    sexes: LabelsBuilder,
    cortisol: Vec<(f64, Observed)>,
    hours: Vec<f64>,
    car: Vec<f64>,
    valid_day: Vec<f64>,
    weekend: Vec<f64>,
    age_years: Vec<f64>,
    conditions: Vec<Conditions>,
    positions: Vec<usize>,
    has_unusable: bool,
}

impl CohortFrameBuilder {
    /// A table that has rows also for samples that cannot be used, as far as their time is known, without `cortisol`.
    /// For tables that have a concentration of their own.
    #[must_use]
    pub fn with_unusable() -> Self {
        Self {
            has_unusable: true,
            ..Self::default()
        }
    }

    /// Adds a person's days, each with its label where it has one, as analysed under this policy.
    pub fn add<'d>(
        &mut self,
        member: &CohortMember<'_>,
        days: impl IntoIterator<Item = (Option<&'d str>, &'d Profile)>,
        policy: &Policy,
    ) {
        for (number, (label, profile)) in (1_u32..).zip(days) {
            let date = profile.day.date;
            let name = label.map_or_else(
                || date.map_or_else(|| number.to_string(), |date| date.to_string()),
                str::to_owned,
            );
            let weekend = date.map_or(f64::NAN, |date| {
                truth(matches!(
                    date.weekday(),
                    Weekday::Saturday | Weekday::Sunday
                ))
            });
            let of_day = Day {
                name: &name,
                valid: truth(profile.valid),
                weekend,
                conditions: profile.day.conditions.union(member.person.conditions),
            };
            for sample in &profile.day.samples {
                let unusable = self.has_unusable && sample.hours.is_finite();
                let missing = unusable.then_some((f64::NAN, Observed::Exactly));
                if let Some(level) = usable_level(sample).or(missing) {
                    self.push(member, &of_day, sample, level, policy);
                }
            }
        }
    }

    fn push(
        &mut self,
        member: &CohortMember<'_>,
        day: &Day<'_>,
        sample: &DaySample,
        level: (f64, Observed),
        policy: &Policy,
    ) {
        self.participants.push(Some(member.participant));
        self.days.push(Some(day.name));
        self.groups.push(member.group);
        self.sexes.push(member.sex);
        self.cortisol.push(level);
        self.hours.push(sample.hours);
        self.car
            .push(truth(is_in_awakening_response(sample.hours, policy)));
        self.valid_day.push(day.valid);
        self.weekend.push(day.weekend);
        let age = member.person.age;
        self.age_years.push(age.map_or(f64::NAN, |age| age.get()));
        self.conditions.push(day.conditions);
        self.positions.push(sample.index);
    }

    /// The table.
    #[must_use]
    pub fn finish(self) -> Frame {
        self.finish_with_positions().0
    }

    /// The table, and of each row the sample's [`DaySample::index`].
    #[must_use]
    pub fn finish_with_positions(self) -> (Frame, Vec<usize>) {
        let rows = self.hours.len();
        let cortisol: Concentrations = self.cortisol.into_iter().collect();
        let mut columns: Vec<(&str, FrameColumn)> = vec![
            ("participant", self.participants.finish().into()),
            ("day", self.days.finish().into()),
            ("cortisol", cortisol.into()),
            ("hours", FrameColumn::numbers(self.hours)),
            ("car", FrameColumn::numbers(self.car)),
            ("valid_day", FrameColumn::numbers(self.valid_day)),
            ("weekend", FrameColumn::numbers(self.weekend)),
            ("group", self.groups.finish().into()),
            ("sex", self.sexes.finish().into()),
            ("age_years", FrameColumn::numbers(self.age_years)),
        ];
        // Most conditions hold nowhere; those share one column of zeros.
        let nowhere: Arc<[f64]> = vec![0.0; rows].into();
        for condition in Condition::ALL {
            let of_rows = || self.conditions.iter().map(|all| all.contains(condition));
            let values = if of_rows().any(|holds| holds) {
                of_rows().map(truth).collect()
            } else {
                Arc::clone(&nowhere)
            };
            columns.push((condition.code(), FrameColumn::Numbers(values)));
        }
        let columns = columns
            .into_iter()
            .map(|(name, column)| (name.to_owned(), column))
            .collect();
        (Frame { rows, columns }, self.positions)
    }
}

/// What the rows of one day share.
struct Day<'a> {
    name: &'a str,
    valid: f64,
    weekend: f64,
    conditions: Conditions,
}

/// A table of analysed persons; see [`CohortFrameBuilder`] for its columns.
///
/// ```
/// use diel_core::frame::{CohortMember, cohort_frame};
/// use diel_core::{Level, NmolPerL, Person, Policy, SamplingDay, profile};
/// let samples = [(0.0, 9.0), (0.5, 14.0), (9.0, 4.0)];
/// let samples = samples.map(|(h, nmol)| (h, Level::Exact(NmolPerL::new(nmol).unwrap()), None));
/// let (person, policy) = (Person::default(), Policy::default());
/// let days = [profile(SamplingDay::from_hours(None, samples), &person, &policy)];
/// let member = CohortMember { participant: "P1", person, group: None, sex: None };
/// let frame = cohort_frame([(member, days.as_slice())], &policy);
/// assert_eq!(frame.rows(), 3);
/// ```
pub fn cohort_frame<'a>(
    persons: impl IntoIterator<Item = (CohortMember<'a>, &'a [Profile])>,
    policy: &Policy,
) -> Frame {
    let mut builder = CohortFrameBuilder::default();
    for (member, profiles) in persons {
        builder.add(&member, profiles.iter().map(|day| (None, day)), policy);
    }
    builder.finish()
}

/// What a sample says on the ln scale, where it says something.
fn usable_level(sample: &DaySample) -> Option<(f64, Observed)> {
    if !is_usable_on_ln_scale(sample) || sample.findings.contains(Finding::Implausible) {
        return None;
    }
    match sample.level {
        Level::Exact(value) => Some((value.get(), Observed::Exactly)),
        Level::Below(limit) => Some((limit.get(), Observed::Below)),
        Level::Above(limit) => Some((limit.get(), Observed::Above)),
        Level::Missing(_) => None,
    }
}

const fn truth(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}
