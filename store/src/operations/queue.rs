//! The queue of flags as a whole.

use diel_core::QueueSummary;

use super::fields::Fields;
use super::write::begin_snapshot;
use super::{Conn, flags, ground};
use crate::fault::Fault;
use crate::{FlagFilter, PageRequest};

/// Flags read at a time.
const SLICE: u32 = 1000;

/// How many of the flags that a filter chooses are expected to be false, all from one state of the database.
pub(crate) async fn summary(
    conn: &mut Conn,
    study: &str,
    filter: &FlagFilter,
) -> Result<QueueSummary, Fault> {
    let mut snapshot = begin_snapshot(conn).await?;
    let no = ground::number(&mut snapshot, study).await?;
    let mut summary = QueueSummary::default();
    let mut page = PageRequest {
        after: None,
        limit: SLICE,
    };
    loop {
        let rows = flags::select_places(no, filter, &page)
            .build()
            .fetch_all(&mut *snapshot)
            .await?;
        let places = rows
            .iter()
            .map(|row| {
                let fields = Fields(row);
                let place = (fields.number("probability_flat")?, fields.owned("flag_id")?);
                Ok((place, fields.owned("group_label")?))
            })
            .collect::<Result<Vec<_>, Fault>>()?;
        let places = page.cut(places, |(place, _)| place.clone());
        for ((probability, _), group) in &places.items {
            summary.add(group, *probability);
        }
        page.after = places.next;
        if page.after.is_none() {
            break;
        }
    }
    snapshot.rollback().await?;
    Ok(summary)
}
