//! The first token, made by whoever holds the database.

use std::sync::Arc;

use diel_store::{Call, Grant, OpenOptions, Role, Store, StoreError};
use jiff::Timestamp;

use super::issue::{self, IssueError, USUAL_LIFE, Wanted};
use super::principal::check_name;
use super::secret::Secret;
use crate::clock::Clock;

/// Who made it, in the audit trail.
pub(super) const ACTOR: &str = "bootstrap";

/// A first token.
#[derive(Debug, Clone)]
pub struct Bootstrap {
    /// The token, which cannot be had again.
    pub token: Secret,
    /// Whose it is: an admin of all studies.
    pub principal: String,
    /// From when on it is refused.
    pub expires: Timestamp,
}

/// Why no first token was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BootstrapError {
    /// The name breaks a rule.
    #[error("principal: {0}")]
    Principal(String),
    /// Somebody has one.
    #[error("{0} is good; use it to make others, or say that it is lost")]
    AnotherIsGood(String),
    /// The database refused.
    #[error("database")]
    Store(#[from] StoreError),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Randomness(#[source] getrandom::Error),
}

/// Makes a token for an admin of all studies, on a database that may be served meanwhile. Whoever can open the database
/// can do everything to it anyway; so nothing but that is asked for. `is_other_lost` makes one even where an admin of
/// all studies has a token that is good.
///
/// # Errors
/// [`BootstrapError`].
pub async fn bootstrap(
    database: &str,
    principal: &str,
    is_other_lost: bool,
    clock: Arc<dyn Clock>,
) -> Result<Bootstrap, BootstrapError> {
    check_name(principal).map_err(BootstrapError::Principal)?;
    let store = Store::open(database, &OpenOptions::default()).await?;
    let now = clock.now();
    let call = Call {
        actor: ACTOR.to_owned(),
        now,
        request: None,
        validate_only: false,
    };
    let wanted = Wanted {
        principal: principal.to_owned(),
        description: "made on the database".to_owned(),
        expires: issue::after(now, USUAL_LIFE),
        grants: vec![Grant {
            study: None,
            role: Role::Admin,
        }],
        only_first: !is_other_lost,
    };
    let issued = issue::issue(&store, &wanted, &call).await;
    store.close().await;
    match issued {
        Ok((token, bearer)) => Ok(Bootstrap {
            token,
            principal: bearer.principal.name,
            expires: bearer.token.expires,
        }),
        Err(IssueError::Store(StoreError::AlreadyExists { resource })) => {
            Err(BootstrapError::AnotherIsGood(resource))
        }
        Err(IssueError::Store(error)) => Err(error.into()),
        Err(IssueError::Randomness(error)) => Err(BootstrapError::Randomness(error)),
    }
}
