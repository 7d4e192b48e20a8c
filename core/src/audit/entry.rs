//! An entry of the trail and the hash that seals it.

use blake3::Hasher;

use super::{Digest, Head};

/// Keeps these hashes apart from all others that diel makes, and says which encoding they are of.
const DOMAIN: &str = "diel audit entry 1";

/// What an entry says: who did what to what, when, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// The id of the study; empty for what lies outside any study.
    pub study: String,
    /// When, microseconds since 1970-01-01T00:00:00Z.
    pub at_us: i64,
    /// Who; `diel` for a step that the data made.
    pub actor: String,
    /// What was done, such as `submit` or `resolve_flag`.
    pub action: String,
    /// The name of what it was done to.
    pub resource: String,
    /// What was changed as it was before, as compact JSON with sorted keys; empty where there was nothing.
    pub before: String,
    /// The same as it was afterwards; empty where nothing was left.
    pub after: String,
    /// Why; empty where nobody was asked.
    pub reason: String,
}

/// A record in its place in a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Counts from 1 in each chain.
    pub sequence: i64,
    /// The hash of the entry before; [`Digest::NONE`] for the first.
    pub previous: Digest,
    /// What it says.
    pub record: Record,
    /// The hash of all of this, as it was said.
    pub hash: Digest,
    /// The later entry that erased what this one said of a person; resource, before, after and reason are then empty.
    pub erased_by: Option<i64>,
}

impl Entry {
    /// The hash that the entry must have: BLAKE3 of, one after the other, the text `diel audit entry 1`, the study, the
    /// sequence number, the 32 bytes of the hash before, the instant in microseconds, the actor, the action, the
    /// resource, before, after and the reason.
    ///
    /// A text is its length in bytes and its bytes in UTF-8; lengths and numbers are 8 bytes, little-endian, two's
    /// complement.
    #[must_use]
    pub fn digest(&self) -> Digest {
        seal(self.sequence, &self.previous, &self.record)
    }

    /// Whether nothing is left of what an erasure takes away.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let record = &self.record;
        [
            &record.resource,
            &record.before,
            &record.after,
            &record.reason,
        ]
        .into_iter()
        .all(String::is_empty)
    }

    /// The chain that ends with this entry.
    #[must_use]
    pub const fn head(&self) -> Head {
        Head {
            sequence: self.sequence,
            hash: self.hash,
        }
    }
}

impl Head {
    /// The entry that puts a record behind this head.
    #[must_use]
    pub fn seal(&self, record: Record) -> Entry {
        let sequence = self.sequence.saturating_add(1);
        Entry {
            sequence,
            previous: self.hash,
            hash: seal(sequence, &self.hash, &record),
            record,
            erased_by: None,
        }
    }
}

fn seal(sequence: i64, previous: &Digest, record: &Record) -> Digest {
    let mut hasher = Hasher::new();
    text(&mut hasher, DOMAIN);
    text(&mut hasher, &record.study);
    hasher.update(&sequence.to_le_bytes());
    hasher.update(previous.bytes());
    hasher.update(&record.at_us.to_le_bytes());
    for part in [
        &record.actor,
        &record.action,
        &record.resource,
        &record.before,
        &record.after,
        &record.reason,
    ] {
        text(&mut hasher, part);
    }
    Digest::new(*hasher.finalize().as_bytes())
}

fn text(hasher: &mut Hasher, text: &str) {
    hasher.update(&(text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}
