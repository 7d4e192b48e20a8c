//! Sampling days: from one awakening to the next.

mod awakening;
mod belonging;

use jiff::civil::Date;

pub use belonging::sampling_days;

use crate::{BatchVerdict, Conditions, Finding, Findings, Level, Moment, Rules};

/// A sample in its day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DaySample {
    /// The caller's position of the sample.
    pub index: usize,
    /// Hours since awakening, negative before it.
    pub hours: f64,
    /// What was found in it.
    pub level: Level,
    /// Coefficient of variation of its replicates, in percent.
    pub replicate_cv_percent: Option<f64>,
    /// What quality control says of the batch it was measured in.
    pub batch: BatchVerdict,
    /// Remarks.
    pub findings: Findings,
    /// Whether the slope of the person rests on it; set by [`crate::rhythm`].
    pub used_in_slope: bool,
}

/// A day with its samples in order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct SamplingDay {
    /// The local date of the awakening; `None` in files that give hours only.
    pub date: Option<Date>,
    /// The awakening from which hours are counted.
    pub awakening: Option<Moment>,
    /// Whether that awakening is recorded, and not assumed at the first sample.
    pub awakening_recorded: bool,
    /// Conditions that hold on the day.
    pub conditions: Conditions,
    /// The samples, by time, then by level and batch verdict.
    pub samples: Vec<DaySample>,
    /// Remarks on the day as a whole.
    pub findings: Findings,
}

impl SamplingDay {
    /// A day of a file that gives hours since awakening and no instants. A sample whose hours are not a finite number
    /// is kept at the end, found `time_unknown`, and not used.
    ///
    /// ```
    /// use diel_core::{Level, NmolPerL, SamplingDay};
    /// let level = |nmol| NmolPerL::new(nmol).map(Level::Exact);
    /// let day = SamplingDay::from_hours(None, [(15.0, level(1.5)?, None), (0.0, level(10.0)?, None)]);
    /// assert_eq!(day.samples.iter().map(|sample| sample.index).collect::<Vec<_>>(), [1, 0]);
    /// # Ok::<(), diel_core::RangeError>(())
    /// ```
    #[must_use]
    pub fn from_hours(
        date: Option<Date>,
        samples: impl IntoIterator<Item = (f64, Level, Option<f64>)>,
    ) -> Self {
        let samples = samples
            .into_iter()
            .enumerate()
            .map(|(index, (hours, level, replicate_cv_percent))| {
                DaySample::new(index, hours, level, replicate_cv_percent)
            })
            .collect();
        let mut day = Self {
            date,
            awakening: None,
            awakening_recorded: true,
            conditions: Conditions::EMPTY,
            samples,
            findings: Findings::EMPTY,
        };
        day.order(&Rules::DEFAULT);
        day
    }

    /// Lets conditions that were stated with samples hold on their day; `stated` has one set for each of the caller's
    /// samples, in their order.
    pub fn add_conditions_stated_with(&mut self, stated: &[Conditions]) {
        let samples = self.samples.iter();
        let of_day = samples.filter_map(|sample| stated.get(sample.index));
        self.conditions = of_day.fold(self.conditions, |all, one| all.union(*one));
    }

    /// Sorts the samples and starts their findings afresh with what their times alone tell.
    pub(crate) fn order(&mut self, rules: &Rules) {
        self.samples.sort_unstable_by(|a, b| {
            a.hours
                .total_cmp(&b.hours)
                .then_with(|| a.level.key().cmp(&b.level.key()))
                .then_with(|| a.batch.cmp(&b.batch))
                .then_with(|| a.index.cmp(&b.index))
        });
        self.mark_times(rules);
    }

    fn mark_times(&mut self, rules: &Rules) {
        for sample in &mut self.samples {
            sample.findings = finding_of_time(sample.hours, rules).into_iter().collect();
        }
        let mut rest = self.samples.as_mut_slice();
        while let [first, tail @ ..] = rest {
            if let Some(next) = tail.first_mut()
                && next.hours == first.hours
            {
                first.findings.insert(Finding::DuplicateTime);
                next.findings.insert(Finding::DuplicateTime);
            }
            rest = tail;
        }
    }
}

impl DaySample {
    const fn new(
        index: usize,
        hours: f64,
        level: Level,
        replicate_cv_percent: Option<f64>,
    ) -> Self {
        Self {
            index,
            hours,
            level,
            replicate_cv_percent,
            batch: BatchVerdict::NotAssessed,
            findings: Findings::EMPTY,
            used_in_slope: false,
        }
    }
}

fn finding_of_time(hours: f64, rules: &Rules) -> Option<Finding> {
    if !hours.is_finite() {
        Some(Finding::TimeUnknown)
    } else if hours < -rules.before_awakening_min / 60.0 {
        Some(Finding::LongBeforeAwakening)
    } else if hours < 0.0 {
        Some(Finding::BeforeAwakening)
    } else if hours > rules.longest_day_h {
        Some(Finding::LongAfterAwakening)
    } else {
        None
    }
}
