//! The microplate: its wells, what stands in them, and how many there are.

mod role;
mod size;
mod well;

pub use role::{Dilution, Nominal, WellRole};
pub use size::{PlateSize, PlateSizeError};
pub use well::{Well, WellError};
