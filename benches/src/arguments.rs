//! What stands on the command line of a bench.

/// The arguments, without what cargo adds.
#[must_use]
pub fn arguments() -> Vec<String> {
    std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect()
}
