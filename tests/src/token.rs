//! Tokens for the principals of a test, made on the database as whoever holds it can.

use anyhow::Result;
use diel_store::{Call, Grant, NewToken, OpenOptions, Role, Store};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::database::Database;

/// Makes a token that is good for a day, for a principal with these roles, each in a study or, with `None`, in all.
///
/// # Errors
/// A study does not exist.
pub async fn token(
    database: &Database,
    principal: &str,
    roles: &[(Role, Option<&str>)],
) -> Result<String> {
    token_until(
        database,
        principal,
        roles,
        now() + SignedDuration::from_hours(24),
    )
    .await
}

/// The same, good until an instant.
///
/// # Errors
/// A study does not exist.
pub async fn token_until(
    database: &Database,
    principal: &str,
    roles: &[(Role, Option<&str>)],
    expires: Timestamp,
) -> Result<String> {
    let digits = blake3::hash(Uuid::now_v7().as_bytes()).to_hex();
    let secret = format!("diel_{digits}");
    let grant = |(role, study): &(Role, Option<&str>)| Grant {
        study: study.map(str::to_owned),
        role: *role,
    };
    let new = NewToken {
        id: digits.chars().take(10).collect(),
        hash: *blake3::hash(secret.as_bytes()).as_bytes(),
        principal: principal.to_owned(),
        description: "of a test".to_owned(),
        expires,
        grants: roles.iter().map(grant).collect(),
        only_first: false,
    };
    let call = Call {
        actor: "test".to_owned(),
        now: now(),
        request: None,
        validate_only: false,
    };
    let store = Store::open(database.url(), &OpenOptions::default()).await?;
    let made = store.create_token(new, &call).await;
    store.close().await;
    made?;
    Ok(secret)
}

/// The digits of a token that are its id.
#[must_use]
pub fn id(token: &str) -> &str {
    token.get(5..15).unwrap_or_default()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the clock of the servers under test"
)]
fn now() -> Timestamp {
    Timestamp::now()
}
