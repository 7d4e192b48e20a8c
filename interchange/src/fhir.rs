//! Specimens, results and days as resources of HL7 FHIR R4.
//!
//! A result is an Observation with a LOINC code and a UCUM unit, its tube a Specimen; what FHIR has no element for stands in
//! extensions whose names are in [`names`]. [`read`] takes what other systems write as well.

mod code;
mod day;
mod extension;
mod measurement;
pub mod names;
mod node;
mod observation;
mod read;
mod refused;
mod resource;
mod specimen;
mod time;
mod write;

pub use day::Day;
pub use read::{Imported, ImportedDay, ImportedSample, ImportedSpecimen, read};
pub use refused::{ReadError, Refused};
pub use resource::Resource;
pub use write::{Form, Writer};

use diel_proto::v1;

/// The tube of a specimen; `study` is the study's id.
#[must_use]
pub fn specimen(study: &str, specimen: &v1::Specimen) -> Resource {
    specimen::write(study, specimen)
}

/// The result in force of a specimen, which came with a batch; `None` while it waits for one.
#[must_use]
pub fn observation(study: &str, specimen: &v1::Specimen, batch: &v1::Batch) -> Option<Resource> {
    observation::write(study, specimen, batch)
}

/// What is known of a sampling day apart from its tubes.
#[must_use]
pub fn day(study: &str, day: &Day) -> Resource {
    day::write(study, day)
}
