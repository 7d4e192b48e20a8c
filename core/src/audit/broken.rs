//! What is wrong with a chain.

use super::{Digest, Head};

/// The first thing that is wrong with a chain, and the number of the entry where it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Broken {
    /// An entry does not have the hash of what it says.
    #[error("entry {sequence}: its hash does not match its content, so one of them was changed")]
    Content {
        /// The entry.
        sequence: i64,
    },
    /// An entry is empty and says that another erased it, and that one does not say so.
    #[error("entry {sequence}: its content is gone, and no later entry erased it")]
    Emptied {
        /// The entry.
        sequence: i64,
    },
    /// An erasure names other entries than those that say that it erased them.
    #[error("entry {sequence}: it erased other entries than it names")]
    Erasure {
        /// The erasure.
        sequence: i64,
    },
    /// An entry names another hash than that of the entry before it.
    #[error(
        "entry {sequence}: does not follow entry {before}: it names another hash than that entry has",
        before = sequence - 1
    )]
    Predecessor {
        /// The entry.
        sequence: i64,
    },
    /// An entry is not there.
    #[error("entry {sequence}: is missing; entry {found} stands in its place")]
    Missing {
        /// The entry that should stand there.
        sequence: i64,
        /// The one that does.
        found: i64,
    },
    /// An entry is there, but not in its place.
    #[error("entry {sequence}: is out of order; entry {found} stands in its place")]
    Order {
        /// The entry that should stand there.
        sequence: i64,
        /// The one that does.
        found: i64,
    },
    /// An entry is of another chain.
    #[error("entry {sequence}: belongs to the chain of another study")]
    Study {
        /// The entry.
        sequence: i64,
    },
    /// The chain ends before the head that it should have.
    #[error("entry {sequence}: is missing with all up to entry {head}: the end of the chain was cut off", sequence = last + 1)]
    Cut {
        /// The last entry that there is.
        last: i64,
        /// The one that there should be.
        head: i64,
    },
    /// The chain is whole, but ends otherwise than it is said to.
    #[error("entry {}: is not the head that was stated, {stated}; the chain ends with {found}", found.sequence)]
    Head {
        /// What was stated.
        stated: Head,
        /// What was found.
        found: Head,
    },
    /// A head that was kept outside is not in the chain.
    #[error(
        "the kept head {hash} is no entry of the chain, which ends with entry {last}: its end was cut off, or it was written anew"
    )]
    Kept {
        /// The hash that was kept.
        hash: Digest,
        /// The last entry of the chain.
        last: i64,
    },
    /// A head that was kept outside is another than the entry of its number.
    #[error("entry {sequence}: is not the one whose hash was kept: the chain was written anew")]
    Rewritten {
        /// The entry.
        sequence: i64,
    },
    /// Nothing says where the chain should end.
    #[error("the head is missing behind entry {last}: the end may have been cut off")]
    NoHead {
        /// The last entry that there is.
        last: i64,
    },
}
