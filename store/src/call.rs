//! Who asks for a change, when, and whether the same was asked for before.

use jiff::Timestamp;

/// What every change carries.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who asks, for the audit trail.
    pub actor: String,
    /// The present instant. The store has no clock of its own.
    pub now: Timestamp,
    /// Makes a repetition harmless.
    pub request: Option<Request>,
    /// Do everything, answer, and keep nothing. The request id is then neither looked up nor kept.
    pub validate_only: bool,
}

/// A caller's name for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Chosen by the caller, unique in the study.
    pub id: String,
    /// Digest of the content: the same id with another digest is refused.
    pub digest: [u8; 32],
}
