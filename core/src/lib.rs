//! Diurnal rhythms of salivary cortisol, numbers only: no clock, no file, no network, no name of a person.
//!
//! Samples and awakenings become sampling days ([`sampling_days`]), days become profiles with features and findings
//! ([`profile()`]), and a person's valid days become a rhythm: a posterior of the slope against a population
//! [`Reference`], and a [`Verdict`] under a [`Policy`] ([`rhythm()`]). [`analyse`] does all of it.
//!
//! Everything is on ln(nmol/L) against hours since awakening unless its name says otherwise. An absent number has a
//! reason. A verdict is a reason to look again, never a statement about a person.
//!
//! ```
//! use diel_core::{Level, NmolPerL, Person, Policy, SamplingDay, Verdict, analyse_days};
//! let day = || {
//!     let samples = [(0.0, 9.0), (4.0, 6.0), (9.0, 4.0), (15.0, 1.4)];
//!     SamplingDay::from_hours(None, samples.map(|(h, c)| (h, Level::Exact(NmolPerL::new(c).unwrap()), None)))
//! };
//! let analysis = analyse_days(&Person::default(), vec![day(), day(), day()], &Policy::default());
//! assert_eq!(analysis.rhythm.verdict, Verdict::NotFlat);
//! ```
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        reason = "tests may fail loudly"
    )
)]

mod absence;
mod analysis;
pub mod audit;
pub mod calibration;
mod code_shape;
mod coded;
mod concentration;
pub mod conversion;
pub mod cosinor;
mod curve;
mod day;
pub mod design;
mod false_discovery;
mod features;
mod finding;
pub mod formula;
pub mod frame;
mod least_squares;
mod limits;
mod measurement;
pub mod mixed;
mod moment;
mod nearest;
pub mod nonlinear;
mod normal;
mod person;
pub mod piecewise;
pub mod plate;
mod policy;
mod profile;
pub mod quality;
pub mod range;
mod reason;
mod reference;
mod retention;
mod rhythm;
pub mod rules;
mod sample;
pub mod sampling;
pub mod simulate;
mod tails;
mod verdict;

pub use absence::{Absence, Feature};
pub use analysis::{Analysis, analyse, analyse_days};
pub use code_shape::{CodeShape, CodeShapes};
pub use coded::{CodeEntry, codes};
pub use concentration::{MOLAR_MASS_G_PER_MOL, NmolPerL, Unit};
pub use curve::{
    CurveError, LeastSquaresLine, auc_ground, auc_increase, max_increase, mean_increase,
    two_point_slope,
};
pub use day::{DaySample, SamplingDay, sampling_days};
pub use false_discovery::{FalseDiscovery, QueueStep, QueueSummary};
pub use features::Features;
pub use finding::{Finding, Findings};
pub use limits::{Limits, LimitsError};
pub use measurement::{Level, Measurement, MeasurementError, MissingReason, Outcome};
pub use moment::{Moment, MomentError};
pub use nearest::nearest;
pub use person::{AgeYears, Condition, Conditions, Person, Sex};
pub use policy::{
    Ages, Policy, PolicyError, PolicyTerms, PolicyViolation, REFERENCE_BY_AGE, REFERENCE_OWN,
    ReferenceChoice, Reviewing, Threshold,
};
pub use profile::{Profile, profile};
pub use quality::BatchVerdict;
pub use range::RangeError;
pub use reason::{Reason, Reasons};
pub use reference::{
    Basis, FreezeError, Freezing, Gap, HoursTableError, LevelAtHours, PopulationModel, Reference,
    ReferenceError, ReferenceTerms, References, Strata, StrataError, strata_of_hours,
};
pub use retention::{RetentionDays, RetentionError, whole_days};
pub use rhythm::{Estimate, Posterior, RHYTHM_METHOD, Rhythm, rhythm};
pub use rules::Rules;
pub use sample::{Awakening, Sample, TimeSource};
pub use verdict::Verdict;
