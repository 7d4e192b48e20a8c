//! What could not be read, where, and which rule it breaks.

/// An element that was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path} `{value}`: {rule}")]
pub struct Refused {
    /// Where, such as `entry[17].resource.valueQuantity.code`, or `line 17: valueQuantity.code`.
    pub path: String,
    /// What stands there, cut when it is long.
    pub value: String,
    /// The rule it breaks and what to do.
    pub rule: String,
}

/// Why a file is not FHIR at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// No JSON.
    #[error("line {line}: no JSON is read here: {source}")]
    Json {
        /// The line, from 1.
        line: usize,
        /// What the reader of JSON says.
        source: serde_json::Error,
    },
    /// JSON without a resource.
    #[error("line {line}: holds no FHIR resource: a Bundle, or one resource a line, is read")]
    NoResource {
        /// The line, from 1.
        line: usize,
    },
    /// Neither a concentration nor a tube in it.
    #[error(
        "holds no Observation of salivary cortisol (LOINC 51844-9 or 2142-8) and no Specimen; {skipped} other resources were \
         looked at"
    )]
    Nothing {
        /// Resources of other kinds.
        skipped: usize,
    },
}
