//! The audit trail as it is asked for. Its entries and their hashes are [`diel_core::audit`]'s.

pub use diel_core::audit::Entry as AuditEntry;
pub use diel_core::audit::Head as AuditHead;
use jiff::Timestamp;

/// Conditions on entries; those that are absent do not filter. What a filter leaves is no chain that can be verified.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// The name of a resource.
    pub resource: Option<String>,
    /// Who.
    pub actor: Option<String>,
    /// What was done, such as `resolve_flag`.
    pub action: Option<String>,
    /// Not before this instant.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}
