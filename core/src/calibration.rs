//! From the responses of a plate to concentrations: the standard curve, its limits, and what stands in the samples' wells.
//!
//! [`calibrate`] fits the curve to the standards, says of every standard whether it gives back its own concentration, and
//! reads the samples and controls off it, each with its standard error; what lies outside the curve becomes a limit. Remarks
//! say what a person should look at; nothing is corrected or left out because of them.
//!
//! # References
//! Four parameters and inverse prediction: O'Connell, Belanger and Haaland 1993,
//! <https://doi.org/10.1016/0169-7439(93)80008-6>; noise as a power of the mean: Davidian, Carroll and Smith 1988,
//! <https://doi.org/10.1093/biomet/75.3.549>; five parameters: Gottschalk and Dunn 2005,
//! <https://doi.org/10.1016/j.ab.2005.04.035>.

mod curve;
mod detection;
mod error;
mod model;
mod options;
mod plate;
mod position;
mod quantity;
mod reading;
mod remark;
mod standard_curve;
mod standards;
mod start;
mod weighting;

pub use curve::{Curve, CurveModel};
pub use detection::Detection;
pub use error::CalibrationError;
pub use options::{Acceptance, BlankUse, CalibrationOptions};
pub use plate::{CalibratedPlate, Calibrator, calibrate};
pub use position::{PositionEffect, Trend};
pub use quantity::{Interval, Quantity};
pub use reading::{PlateWell, Reading};
pub use remark::PlateRemark;
pub use standard_curve::{LackOfFit, StandardCurve};
pub use standards::StandardLevel;
pub use weighting::Weighting;
