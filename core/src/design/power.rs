//! Power of a study of two groups to find a difference of slopes, by simulation.
//!
//! Each simulated study is fitted as a real one would be: ln C ~ hours * group + car + (hours | participant), by REML, with
//! Satterthwaite's test of hours:group; where samples lie below a limit by maximum likelihood, with the normal distribution's.

mod approximate;
mod plan;
mod search;
mod simulated;

pub use plan::{Difference, MOST_PERSONS_PER_GROUP, PowerPlan, PowerStudy};
pub use search::Smallest;
pub use simulated::Power;
