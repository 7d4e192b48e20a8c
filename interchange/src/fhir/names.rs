//! Systems, codes and extensions.
//!
//! The project has no domain, so that its own names lie under `https://diel.invalid/fhir`: `.invalid` is reserved (RFC 2606) and never
//! becomes anybody's address. They are names, not addresses.

/// LOINC.
pub const LOINC: &str = "http://loinc.org";
/// Cortisol \[Moles/volume\] in Saliva (oral fluid).
pub const MOLES_PER_VOLUME: &str = "51844-9";
/// Cortisol \[Mass/volume\] in Saliva (oral fluid).
pub const MASS_PER_VOLUME: &str = "2142-8";
/// UCUM.
pub const UCUM: &str = "http://unitsofmeasure.org";
/// SNOMED CT, for the kind of the specimen.
pub const SNOMED: &str = "http://snomed.info/sct";
/// Saliva specimen.
pub const SALIVA: &str = "119342007";
/// Why there is no value, in the value set that R4 names.
pub const DATA_ABSENT_REASON: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
/// The category of Observations.
pub const OBSERVATION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";

/// What every name of the project begins with.
pub const BASE: &str = "https://diel.invalid/fhir";
/// The codes of `diel codes` for missing results.
pub const MISSING_REASON: &str = "https://diel.invalid/fhir/CodeSystem/missing-reason";
/// What Observations that are no concentrations say.
pub const OBSERVATION: &str = "https://diel.invalid/fhir/CodeSystem/observation";
/// In [`OBSERVATION`]: the awakening that began a sampling day.
pub const AWAKENING_CODE: &str = "awakening";

/// The label on the tube, of a Specimen: valueString.
pub const LABEL: &str = "label";
/// How the collection time is known, of a Specimen: valueCode.
pub const TIME_SOURCE: &str = "collection-time-source";
/// The awakening that began the day, of a Specimen: `time` and `source`.
pub const AWAKENING: &str = "awakening";
/// How an awakening is known, of its Observation: valueCode.
pub const AWAKENING_SOURCE: &str = "awakening-source";
/// A condition that holds on the day, of a Specimen or an awakening, once for each: valueCode.
pub const CONDITION: &str = "condition";
/// The participant's age at sampling in years, of a Specimen: valueDecimal.
pub const AGE: &str = "age-at-sampling-years";
/// The participant's sex, of a Specimen: valueCode.
pub const SEX: &str = "sex";
/// The participant's group, of a Specimen: valueString.
pub const GROUP: &str = "group";
/// The batch, of an Observation: valueIdentifier.
pub const BATCH: &str = "batch";
/// The plate, of an Observation: valueString.
pub const PLATE: &str = "plate";
/// The well, of an Observation: valueString.
pub const WELL: &str = "well";
/// The day of the assay run, of an Observation: valueDate.
pub const RUN_DATE: &str = "run-date";
/// How many replicates the value is the mean of, of an Observation: valueInteger.
pub const REPLICATE_COUNT: &str = "replicate-count";
/// Their coefficient of variation in percent, of an Observation: valueDecimal.
pub const REPLICATE_CV: &str = "replicate-cv-percent";
/// The limit of detection of the assay, of an Observation: valueQuantity.
pub const LIMIT_OF_DETECTION: &str = "limit-of-detection";
/// The lower limit of quantification, of an Observation: valueQuantity.
pub const LOWER_LIMIT: &str = "lower-limit-of-quantification";
/// The upper limit of quantification, of an Observation: valueQuantity.
pub const UPPER_LIMIT: &str = "upper-limit-of-quantification";

/// The URL of an extension.
#[must_use]
pub fn extension(name: &str) -> String {
    format!("{BASE}/StructureDefinition/{name}")
}

/// The system of the identifiers of a kind of things in a study.
#[must_use]
pub fn system(study: &str, kind: &str) -> String {
    format!("{BASE}/studies/{study}/{kind}")
}
