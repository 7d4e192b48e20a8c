//! Cohorts with known truth, for tests, benches and the planning of studies.

mod person;
mod plan;

pub(crate) use person::response_share;
pub use person::{SimulatedDay, SimulatedPerson, SimulatedSample, Truth};
pub use plan::{Cohort, Plan, PlanError};
