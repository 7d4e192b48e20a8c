//! A study's plan of sampling: which tubes a day has, when each is due, and how far off it may be.

use std::fmt;

use thiserror::Error;

/// How far a sample of the awakening response may be off when the plan does not say: 5 min either way. A delay of up
/// to 5 min is adherent, one of 5 to 15 min overestimates the response (Smyth et al. 2013, Psychoneuroendocrinology
/// 38:1476-83).
pub const DEFAULT_TOLERANCE_MIN: f64 = 5.0;

/// Samples that are due up to this long after awakening belong to the awakening response.
const AWAKENING_RESPONSE_MIN: f64 = 60.0;
/// A sampling day is no longer than this.
const LONGEST_DAY_MIN: f64 = 20.0 * 60.0;
const DAY_MIN: f64 = 24.0 * 60.0;
const LONGEST_TOLERANCE_MIN: f64 = 12.0 * 60.0;
const MOST_SAMPLES: usize = 50;
const MOST_DAYS: u32 = 366;
const LONGEST_LABEL: usize = 64;

/// When a sample is due.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Due {
    /// Minutes after the awakening.
    AfterAwakening(f64),
    /// Minutes after local midnight. What is due before 04:00 is due on the next date.
    ClockTime(f64),
    /// At bedtime, whenever that is: whether it was taken is known, how far off it was is not.
    Bedtime,
}

/// How many minutes too early and too late a sample may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// Minutes before it is due.
    pub early_min: f64,
    /// Minutes behind.
    pub late_min: f64,
}

/// A sample of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedSample {
    /// The label on its tube.
    pub label: String,
    /// When it is due.
    pub due: Due,
    /// `None`: [`DEFAULT_TOLERANCE_MIN`] either way for a sample of the awakening response; none for bedtime.
    pub tolerance: Option<Tolerance>,
}

/// A checked plan.
#[derive(Debug, Clone, PartialEq)]
pub struct SamplingProtocol {
    samples: Vec<PlannedSample>,
    days: Option<u32>,
}

/// A rule that a plan breaks.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// No samples, or too many.
    #[error("{count} samples; 1 to {MOST_SAMPLES} are planned for a day")]
    SampleCount {
        /// How many.
        count: usize,
    },
    /// Days that nobody samples.
    #[error("{days} is not a number of days from 1 to {MOST_DAYS}")]
    Days {
        /// How many.
        days: u32,
    },
    /// A label that a tube cannot have.
    #[error(
        "{label:?} is not a label: 1 to {LONGEST_LABEL} characters, none of them a control character"
    )]
    Label {
        /// Which sample, from 0.
        sample: usize,
        /// The label.
        label: String,
    },
    /// Tubes are told apart by their labels.
    #[error("{label:?} is planned twice; tubes of a day are told apart by their labels")]
    LabelTwice {
        /// Which sample, from 0.
        sample: usize,
        /// The label.
        label: String,
    },
    /// Outside the day.
    #[error("{minutes} min is not from 0 to {most}")]
    DueTime {
        /// Which sample, from 0.
        sample: usize,
        /// What was given.
        minutes: f64,
        /// The limit.
        most: f64,
    },
    /// No tolerance that makes sense.
    #[error("{minutes} min is not a tolerance from 0 to {LONGEST_TOLERANCE_MIN} min")]
    ToleranceRange {
        /// Which sample, from 0.
        sample: usize,
        /// What was given.
        minutes: f64,
    },
    /// No published tolerance stands behind one.
    #[error(
        "has no tolerance; only samples up to {AWAKENING_RESPONSE_MIN} min after awakening have a default, \
         {DEFAULT_TOLERANCE_MIN} min either way"
    )]
    ToleranceMissing {
        /// Which sample, from 0.
        sample: usize,
    },
    /// A time that is not known cannot be missed.
    #[error("is due at bedtime, which no plan knows; it has no tolerance")]
    BedtimeTolerance {
        /// Which sample, from 0.
        sample: usize,
    },
}

impl ProtocolError {
    /// The sample at fault, from 0; `None` for a fault of the plan as a whole.
    #[must_use]
    pub const fn sample(&self) -> Option<usize> {
        match self {
            Self::SampleCount { .. } | Self::Days { .. } => None,
            Self::Label { sample, .. }
            | Self::LabelTwice { sample, .. }
            | Self::DueTime { sample, .. }
            | Self::ToleranceRange { sample, .. }
            | Self::ToleranceMissing { sample }
            | Self::BedtimeTolerance { sample } => Some(*sample),
        }
    }
}

impl SamplingProtocol {
    /// Checks a plan; `days` is how many days everybody is to be sampled, where the study says so.
    ///
    /// # Errors
    /// Every rule that it breaks.
    ///
    /// ```
    /// use diel_core::sampling::{Due, PlannedSample, SamplingProtocol};
    /// let sample = |label: &str, due| PlannedSample { label: label.to_owned(), due, tolerance: None };
    /// let protocol = SamplingProtocol::new(
    ///     vec![sample("S1", Due::AfterAwakening(0.0)), sample("S2", Due::AfterAwakening(30.0)), sample("S3", Due::Bedtime)],
    ///     Some(2),
    /// );
    /// assert_eq!(protocol.unwrap().tolerance_of("S2").unwrap().late_min, 5.0);
    /// let late = SamplingProtocol::new(vec![sample("S1", Due::AfterAwakening(240.0))], None).unwrap_err();
    /// assert!(late[0].to_string().contains("has no tolerance"));
    /// ```
    pub fn new(samples: Vec<PlannedSample>, days: Option<u32>) -> Result<Self, Vec<ProtocolError>> {
        let mut errors = Vec::new();
        if samples.is_empty() || samples.len() > MOST_SAMPLES {
            let count = samples.len();
            errors.push(ProtocolError::SampleCount { count });
        }
        if let Some(days) = days.filter(|days| !(1..=MOST_DAYS).contains(days)) {
            errors.push(ProtocolError::Days { days });
        }
        for (at, sample) in samples.iter().enumerate() {
            let before = samples.get(..at).unwrap_or_default();
            check(at, sample, before, &mut errors);
        }
        if errors.is_empty() {
            Ok(Self { samples, days })
        } else {
            Err(errors)
        }
    }

    /// The samples, in the order in which they were given.
    #[must_use]
    pub fn samples(&self) -> &[PlannedSample] {
        &self.samples
    }

    /// How many days everybody is to be sampled; `None` where the study does not say.
    #[must_use]
    pub const fn days(&self) -> Option<u32> {
        self.days
    }

    /// The tolerance of a planned sample; `None` for bedtime and for a label that is not planned.
    #[must_use]
    pub fn tolerance_of(&self, label: &str) -> Option<Tolerance> {
        self.samples
            .iter()
            .find(|sample| sample.label == label)?
            .tolerance_in_force()
    }
}

impl PlannedSample {
    /// The tolerance given, or the default; `None` for bedtime.
    #[must_use]
    pub fn tolerance_in_force(&self) -> Option<Tolerance> {
        self.tolerance.or(match self.due {
            Due::AfterAwakening(minutes) if minutes <= AWAKENING_RESPONSE_MIN => Some(Tolerance {
                early_min: DEFAULT_TOLERANCE_MIN,
                late_min: DEFAULT_TOLERANCE_MIN,
            }),
            _ => None,
        })
    }
}

fn check(
    sample: usize,
    planned: &PlannedSample,
    before: &[PlannedSample],
    errors: &mut Vec<ProtocolError>,
) {
    let label = &planned.label;
    let length = label.chars().count();
    if length == 0 || length > LONGEST_LABEL || label.chars().any(char::is_control) {
        let label = label.clone();
        errors.push(ProtocolError::Label { sample, label });
    } else if before.iter().any(|other| other.label == *label) {
        let label = label.clone();
        errors.push(ProtocolError::LabelTwice { sample, label });
    }
    let (minutes, most) = match planned.due {
        Due::AfterAwakening(minutes) => (minutes, LONGEST_DAY_MIN),
        // The last minute of a day is 23:59.
        Due::ClockTime(minutes) => (minutes, DAY_MIN - 1.0),
        Due::Bedtime => (0.0, 0.0),
    };
    if !(0.0..=most).contains(&minutes) {
        errors.push(ProtocolError::DueTime {
            sample,
            minutes,
            most,
        });
    }
    match (planned.due, planned.tolerance) {
        (Due::Bedtime, Some(_)) => errors.push(ProtocolError::BedtimeTolerance { sample }),
        (_, Some(tolerance)) => {
            for minutes in [tolerance.early_min, tolerance.late_min] {
                if !(0.0..=LONGEST_TOLERANCE_MIN).contains(&minutes) {
                    errors.push(ProtocolError::ToleranceRange { sample, minutes });
                }
            }
        }
        (Due::Bedtime, None) => {}
        (_, None) if planned.tolerance_in_force().is_none() => {
            errors.push(ProtocolError::ToleranceMissing { sample });
        }
        (_, None) => {}
    }
}

/// As people write it: `30 min after awakening`, `22:00`, `bedtime`.
impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AfterAwakening(minutes) => write!(f, "{minutes} min after awakening"),
            Self::ClockTime(minutes) => {
                let whole = minutes.floor();
                write!(f, "{:02}:{:02}", (whole / 60.0).floor(), whole % 60.0)
            }
            Self::Bedtime => f.write_str("bedtime"),
        }
    }
}
