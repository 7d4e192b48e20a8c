//! Wide tables: a row a participant or one day of a participant, and columns for each sample.
//!
//! `subject,cort_s1,time_s1,cort_s2,time_s2`; `S1_cortisol` and `S1_time`; `sampling_time_D1_B1`; labels alone, such as
//! `subject,condition,S1,S2`; and the same in two or three header rows. A sample is a column of concentrations; times,
//! dates, awakenings and tubes join it by the labels in their headers. Samples are never ordered by label.

mod header;
mod names;
mod night;
mod samples;
mod unfold;
mod words;

use super::Unfolded;
use crate::date::Order;
use crate::error::ImportCause;
use crate::options::ImportOptions;
use crate::sheet::Sheet;
use header::Headers;

/// Reads a sheet as a wide table, if its header rows are those of one.
///
/// # Errors
/// It is one, of times alone.
pub(super) fn recognise(
    sheet: &Sheet,
    options: &ImportOptions,
) -> Result<Option<Unfolded>, ImportCause> {
    let Some(headers) = Headers::find(sheet, options) else {
        return Ok(None);
    };
    let order = options.date_order.map_or(Order::Unknown, Order::Stated);
    let unfolded = unfold::unfold(sheet, &headers, order);
    if headers.is_log() {
        let reading = unfolded.reading;
        return Err(ImportCause::LogWithoutResults { reading });
    }
    Ok(Some(unfolded))
}
