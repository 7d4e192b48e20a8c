//! Making tokens.

use diel_store::{Bearer, Call, Grant, NewToken, Store, StoreError};
use jiff::{SignedDuration, Timestamp};

use super::secret::Secret;

/// How long a token lasts when nobody says.
pub(crate) const USUAL_LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How long a token may last at most.
pub(crate) const LONGEST_LIFE: SignedDuration = SignedDuration::from_hours(366 * 24);
/// Tries to find an id that is not taken: of 2^40 ids few are.
const TRIES: usize = 4;

/// The instant so long after another, or the last one that there is.
pub(crate) fn after(instant: Timestamp, life: SignedDuration) -> Timestamp {
    instant.checked_add(life).unwrap_or(Timestamp::MAX)
}

/// What a token is to be.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) principal: String,
    pub(crate) description: String,
    pub(crate) expires: Timestamp,
    pub(crate) grants: Vec<Grant>,
    pub(crate) only_first: bool,
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IssueError {
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Randomness(#[from] getrandom::Error),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a token and keeps its hash. This is the only time that the token itself is seen.
///
/// # Errors
/// [`IssueError`].
pub(crate) async fn issue(
    store: &Store,
    wanted: &Wanted,
    call: &Call,
) -> Result<(Secret, Bearer), IssueError> {
    let mut tries = 1;
    loop {
        let secret = Secret::random()?;
        let new = NewToken {
            id: secret.id().to_owned(),
            hash: secret.hash(),
            principal: wanted.principal.clone(),
            description: wanted.description.clone(),
            expires: wanted.expires,
            grants: wanted.grants.clone(),
            only_first: wanted.only_first,
        };
        match store.create_token(new, call).await {
            Ok(bearer) => return Ok((secret, bearer)),
            Err(StoreError::AlreadyExists { resource })
                if resource.ends_with(secret.id()) && tries < TRIES =>
            {
                tries += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
}
