//! Why a policy is not accepted: every broken rule at once, not only the first.

use thiserror::Error;

/// A broken rule of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyViolation {
    /// The term.
    pub field: &'static str,
    /// The value and the rule.
    pub rule: String,
}

/// Every broken rule of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", .violations.iter().map(|v| format!("{}: {}", v.field, v.rule)).collect::<Vec<_>>().join("; "))]
pub struct PolicyError {
    pub(super) violations: Vec<PolicyViolation>,
}

impl PolicyError {
    /// The broken rules, at least one.
    #[must_use]
    pub fn violations(&self) -> &[PolicyViolation] {
        &self.violations
    }
}
