//! What is wrong with a database, if anything.

/// Something that should not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The resource at fault, such as `studies/pilot/specimens/S-1`; `database` for the file itself.
    pub resource: String,
    /// What is wrong with it.
    pub what: String,
}

/// How many flaws of one kind are named.
pub(crate) const NAMED: i64 = 100;
