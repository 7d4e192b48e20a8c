//! Samples and results as other systems write them. Bytes in, checked messages out, and the other way round; no service, no
//! terminal.
//!
//! - [`fhir`]: resources of HL7 FHIR R4, in a Bundle or one a line.
//! - [`json`]: the canonical JSON of the messages of `diel.v1`.
//! - [`stata`]: datasets of Stata, written.

pub mod fhir;
pub mod json;
pub mod stata;
