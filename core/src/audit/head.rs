//! Where a chain ends, and what somebody kept of it.

use std::fmt;
use std::str::FromStr;

use super::{Digest, DigestError};

/// The end of a chain: the number and the hash of its last entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last entry's number; 0 for a chain without entries.
    pub sequence: i64,
    /// The last entry's hash; [`Digest::NONE`] for a chain without entries.
    pub hash: Digest,
}

impl Head {
    /// The head of a chain without entries.
    pub const EMPTY: Self = Self {
        sequence: 0,
        hash: Digest::NONE,
    };
}

impl fmt::Display for Head {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.sequence, self.hash)
    }
}

/// A head that was kept outside the database: `SEQUENCE:HASH`, or the hash alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The number, where it was kept.
    pub sequence: Option<i64>,
    /// The hash.
    pub hash: Digest,
}

/// A text is no head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeadError {
    /// What stands before the colon is no number from 0.
    #[error("does not begin with a sequence number: SEQUENCE:HASH or HASH is required")]
    Sequence,
    /// The hash is none.
    #[error(transparent)]
    Hash(#[from] DigestError),
}

impl From<Head> for Kept {
    fn from(head: Head) -> Self {
        Self {
            sequence: Some(head.sequence),
            hash: head.hash,
        }
    }
}

impl FromStr for Kept {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let Some((sequence, hash)) = text.split_once(':') else {
            return Ok(Self {
                sequence: None,
                hash: text.parse()?,
            });
        };
        let sequence = sequence.parse().ok().filter(|number| *number >= 0);
        Ok(Self {
            sequence: Some(sequence.ok_or(HeadError::Sequence)?),
            hash: hash.parse()?,
        })
    }
}
