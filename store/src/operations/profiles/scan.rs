//! Profiles read from end to end, with the columns that are asked for and no others.

use super::super::{Conn, ground};
use super::narrow;
use crate::fault::Fault;
use crate::filter::Statement;
use crate::scan::ProfileScan;
use crate::{PageRequest, ProfileFilter};
use jiff::civil::Date;

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
