//! Designs of studies: how reliable a metric is after so many days, and how many persons show a difference of slopes.
//!
//! Reliability is the share of the variance of a metric that lies between persons: of one day the intraclass correlation, of
//! the mean of k days what Spearman and Brown make of it. It comes from a population model ([`modelled_reliability`]) or
//! from the days of a cohort ([`CohortDays`]). Power comes from simulated studies, each fitted as a real one would be
//! ([`PowerStudy`]).

mod closed_form;
mod days;
mod error;
mod metric;
mod modelled;
mod observed;
mod one_way;
mod power;
mod watch;

pub use days::{Target, reliability_of_mean};
pub use error::{DesignError, DesignRule};
pub use metric::{METRICS, POSTERIOR_SLOPE};
pub use modelled::{ModelledReliability, ReliabilityPlan, Simulated, modelled_reliability};
pub use observed::{CohortDays, Intraclass, ObservedReliability, Shortage};
pub use power::{Difference, MOST_PERSONS_PER_GROUP, Power, PowerPlan, PowerStudy, Smallest};
pub use watch::{Stopped, Watch};
