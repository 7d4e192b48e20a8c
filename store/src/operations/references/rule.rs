//! What a policy's terms come to.

use std::sync::Arc;

use diel_core::{Policy, PolicyTerms, REFERENCE_OWN, References, Strata};

use super::super::fields::Fields;
use super::super::{Conn, ground};
use super::{find, version_of};
use crate::StoreError;
use crate::codes::damaged;
use crate::fault::Fault;

pub(in super::super) const STATEMENTS: [&str; 1] = [OWN];

/// The newest that rests on enough persons: a smaller one that is frozen later does not take its place.
const OWN: &str = "select reference, version from study_references where study_no = $1 and fit_id is not null \
    and persons_with_days >= $2 order by created_us desc, reference desc, version desc limit 1";

/// The policy of terms that were accepted before, with the reference that they come to now.
pub(in super::super) async fn rule(
    conn: &mut Conn,
    no: i64,
    terms: &PolicyTerms,
) -> Result<Policy, Fault> {
    let references = named(conn, no, terms).await?;
    Policy::with_references(terms, &references).map_err(|error| damaged("a policy", &error).into())
}

/// The policy of terms that somebody states: its own terms have everything filled in, and a reference that exists, with
/// its version.
pub(in super::super) async fn check(
    conn: &mut Conn,
    no: i64,
    terms: &PolicyTerms,
) -> Result<Policy, Fault> {
    let references = named(conn, no, terms).await?;
    Ok(Policy::with_references(terms, &references).map_err(StoreError::from)?)
}

/// The references that terms name beside the built-in ones. Most name none, and nothing is read.
async fn named(conn: &mut Conn, no: i64, terms: &PolicyTerms) -> Result<References, Fault> {
    let Some(name) = terms.reference.as_deref() else {
        return Ok(References::default());
    };
    if name == REFERENCE_OWN {
        let persons = terms
            .min_reference_persons
            .unwrap_or(Policy::default().min_reference_persons());
        return Ok(own(conn, no, persons)
            .await?
            .map_or_else(References::default, |strata| {
                References::default().with_own(strata)
            }));
    }
    let Some((study, reference)) = name
        .strip_prefix("studies/")
        .and_then(|rest| rest.split_once("/references/"))
    else {
        return Ok(References::default());
    };
    let found = find(conn, study, reference).await?;
    Ok(found.map_or_else(References::default, |stored| {
        References::default()
            .with_name(name, Arc::clone(&stored.strata))
            .with(stored.strata)
    }))
}

async fn own(conn: &mut Conn, no: i64, persons: u32) -> Result<Option<Arc<Strata>>, Fault> {
    let row = sqlx::query(OWN)
        .bind(no)
        .bind(i64::from(persons))
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let fields = Fields(&row);
    let (name, version) = (fields.owned("reference")?, fields.integer("version")?);
    let study = ground::id(conn, no).await?;
    let stored = version_of(conn, &study, &name, version).await?;
    Ok(stored.map(|stored| stored.strata))
}
