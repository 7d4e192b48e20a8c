//! Calls that were refused for want of a token or a role, counted.

use jiff::Timestamp;

/// Refusals of one cause, from one place, for one caller, within a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedCalls {
    /// Who called, as far as the token says; else empty.
    pub principal: String,
    /// Where the calls came from.
    pub address: String,
    /// What was refused: a method's name and study, or nothing where no token was good.
    pub resource: String,
    /// The machine-readable cause, such as `TOKEN_EXPIRED`.
    pub cause: String,
    /// How many.
    pub count: u64,
    /// When the first was refused.
    pub since: Timestamp,
}
