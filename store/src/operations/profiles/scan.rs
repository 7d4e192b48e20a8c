//! Profiles read from end to end, with the columns that are asked for and no others.

use super::super::fields::Fields;
use super::super::{Conn, ground};
use super::narrow;
use crate::fault::Fault;
use crate::filter::Statement;
use crate::scan::ProfileScan;
use crate::{PageRequest, ProfileFilter};
use jiff::civil::Date;

/// The row so many behind another. Of the rows between nothing is read but that they are there.
pub(crate) const MARK: &str = "select participant, day from profiles where study_no = $1 and (participant, day) > ($2, $3) \
    order by participant, day limit 1 offset $4";

/// Finds the key of the row so many behind `after`, or behind the beginning; `None` where there are fewer.
///
/// # Errors
/// [`crate::StoreError::NotFound`] for the study.
pub(crate) async fn mark(
    conn: &mut Conn,
    study: &str,
    after: Option<&(String, Date)>,
    rows: u32,
) -> Result<Option<(String, Date)>, Fault> {
    let no = ground::number(conn, study).await?;
    // No participant and no day is called nothing.
    let (participant, day) = after.map_or_else(Default::default, |(participant, date)| {
        (participant.as_str(), date.to_string())
    });
    let found = sqlx::query(MARK)
        .bind(no)
        .bind(participant)
        .bind(day)
        .bind(i64::from(rows.saturating_sub(1)))
        .fetch_optional(conn)
        .await?;
    found
        .map(|row| {
            let fields = Fields(&row);
            Ok((fields.owned("participant")?, fields.date("day")?))
        })
        .transpose()
}

/// Writes the statement that reads a page for a scan. What runs it is the engine's to say.
///
/// # Errors
/// [`crate::StoreError::NotFound`] for the study.
pub(crate) async fn prepare(
    conn: &mut Conn,
    select: &mut impl Statement,
    study: &str,
    filter: &ProfileFilter,
    scan: &ProfileScan,
    page: &PageRequest<(String, Date)>,
) -> Result<(), Fault> {
    let no = ground::number(conn, study).await?;
    self::select(select, no, filter, scan, page);
    Ok(())
}

pub(crate) fn select(
    select: &mut impl Statement,
    no: i64,
    filter: &ProfileFilter,
    scan: &ProfileScan,
    page: &PageRequest<(String, Date)>,
) {
    select.words("select ");
    scan.push_columns(select);
    select.words(" from profiles where study_no = ");
    narrow(select, no, filter, page);
}
