//! Revisions of results, those that are out of force too, as they stand in their rows.

use std::collections::HashMap;

use super::super::bulk::Lookup;
use super::super::fields::Fields;
use super::super::results::{self, Columns, result_columns};
use super::super::{Conn, Row, ground};
use crate::fault::Fault;
use crate::result::said as words;
use crate::trail::text;
use crate::{Page, PageRequest, RevisionCheck, RowCheck, StoreError};

pub(super) const MANY: &str = concat!(
    "select r.study_no, r.specimen, r.revision, r.row_digest, ",
    result_columns!(),
    " from results r left join batches b on b.study_no = r.study_no and b.batch_no = r.batch_no \
    where r.study_no = $1 and (r.specimen, r.revision) > ($2, $3) order by r.specimen, r.revision limit $4"
);

pub(in super::super) static SAID: Lookup = Lookup::new(
    "select r.specimen, r.revision, r.outcome, r.amount, r.unit, r.missing_reason from results r where r.study_no = ",
    " and r.specimen in (",
    ")",
);

/// Revisions with what is to be said of their rows.
pub(crate) async fn check(
    conn: &mut Conn,
    study: &str,
    page: &PageRequest<(String, i64)>,
) -> Result<Page<RevisionCheck, (String, i64)>, Fault> {
    let no = ground::number(conn, study).await?;
    let (specimen, revision) = match &page.after {
        Some((specimen, revision)) => (specimen.as_str(), *revision),
        None => ("", i64::MIN),
    };
    let rows = sqlx::query(MANY)
        .bind(no)
        .bind(specimen)
        .bind(revision)
        .bind(page.probe())
        .fetch_all(conn)
        .await?;
    let checks = rows.iter().map(revision_check).collect::<Result<_, _>>()?;
    Ok(page.cut(checks, |check: &RevisionCheck| {
        (check.specimen.clone(), check.revision)
    }))
}

fn revision_check(row: &Row) -> Result<RevisionCheck, Fault> {
    let fields = Fields(row);
    let stored = |revision| results::stored(row, revision);
    Ok(RevisionCheck {
        specimen: fields.owned("specimen")?,
        revision: fields.integer("revision")?,
        row: row_check(row),
        result: (fields.small("revision").and_then(stored)).map_err(StoreError::from),
    })
}

/// A column that cannot be read is not what was written either.
fn row_check(row: &Row) -> RowCheck {
    let digests = (
        Fields(row).maybe_integer("row_digest"),
        Columns::read(row).map(|columns| columns.digest()),
    );
    match digests {
        (Ok(None), Ok(_)) => RowCheck::WithoutDigest,
        (Ok(Some(written)), Ok(found)) if written == found => RowCheck::AsWritten,
        _ => RowCheck::Changed,
    }
}

/// What revisions say, in the words of the trail.
pub(crate) async fn said(
    conn: &mut Conn,
    study: &str,
    specimens: &[&str],
) -> Result<HashMap<(String, i64), String>, Fault> {
    let no = ground::number(conn, study).await?;
    let mut said = HashMap::new();
    for row in SAID.read(conn, no, specimens).await? {
        let fields = Fields(&row);
        if let Ok(measurement) = fields.measurement() {
            let revision = fields.integer("revision")?;
            let key = (fields.owned("specimen")?, revision);
            said.insert(key, text(&words(revision, &measurement)));
        }
    }
    Ok(said)
}
