//! Bearer tokens. What is stored of one tells whether it is the right one and cannot be turned into it.

use jiff::Timestamp;

use crate::{Grant, PrincipalRecord};

/// A token without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The id, which is also how the token begins behind `diel_`.
    pub id: String,
    /// Whose it is.
    pub principal: String,
    /// What it is for.
    pub description: String,
    /// When it was made.
    pub created: Timestamp,
    /// From when on it is refused.
    pub expires: Timestamp,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
    /// When it was last seen in use, to the hour.
    pub used: Option<Timestamp>,
}

/// A token to keep.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// The id: the beginning of the token.
    pub id: String,
    /// BLAKE3 of the whole token.
    pub hash: [u8; 32],
    /// Whose it is; a principal that does not exist is made.
    pub principal: String,
    /// What it is for.
    pub description: String,
    /// From when on it is refused.
    pub expires: Timestamp,
    /// Granted to the principal in the same transaction, beside what it has.
    pub grants: Vec<Grant>,
    /// Refuse when somebody has a usable token and is admin of all studies.
    pub only_first: bool,
}

/// What is known of the bearer of a token.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// The token.
    pub token: Token,
    /// Who bears it.
    pub principal: PrincipalRecord,
}
