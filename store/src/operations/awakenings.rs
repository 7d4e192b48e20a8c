//! Reports of awakenings. Several of one day stay side by side; the numeric core chooses.

use std::collections::BTreeMap;

use diel_core::{Awakening, Moment};

use super::Conn;
use super::bulk::{Insertion, Lookup};
use super::fields::Fields;
use crate::codes;
use crate::fault::Fault;

/// A report of the same instant keeps the most trusted source and all conditions; one that adds nothing changes
/// nothing.
pub(super) static REPORT: Insertion = Insertion::new(
    "insert into awakenings (study_no, participant, awakening_us, utc_offset_minutes, time_source, conditions) values ",
    6,
    " on conflict (study_no, participant, awakening_us) do update set \
    time_source = case when excluded.time_source > awakenings.time_source then excluded.time_source \
    else awakenings.time_source end, \
    conditions = awakenings.conditions | excluded.conditions \
    where excluded.time_source > awakenings.time_source \
    or (awakenings.conditions | excluded.conditions) <> awakenings.conditions",
);

pub(super) static OF_PARTICIPANTS: Lookup = Lookup::new(
    "select participant, awakening_us, utc_offset_minutes, time_source, conditions from awakenings where study_no = ",
    " and participant in (",
    ") order by participant, awakening_us",
);

/// Stores reports; returns how many were new or added something.
pub(super) async fn report(
    conn: &mut Conn,
    study_no: i64,
    reports: &BTreeMap<(&str, i64), Awakening>,
) -> Result<u64, Fault> {
    let reports: Vec<_> = reports.iter().collect();
    let bind = |values: &mut super::bulk::Values, report: &(&(&str, i64), &Awakening)| {
        let ((participant, awakening_us), awakening) = *report;
        values.integer(study_no);
        values.text(*participant);
        values.integer(*awakening_us);
        values.integer(i64::from(awakening.at.utc_offset_minutes()));
        values.integer(codes::source(awakening.source));
        values.integer(i64::from(awakening.conditions.bits()));
    };
    REPORT.write(conn, &reports, bind).await
}

/// The reports of participants, by time.
pub(super) async fn of_participants(
    conn: &mut Conn,
    study_no: i64,
    participants: &[&str],
) -> Result<Vec<(String, Awakening)>, Fault> {
    let rows = OF_PARTICIPANTS.read(conn, study_no, participants).await?;
    rows.iter().map(|row| awakening(Fields(row))).collect()
}

fn awakening(fields: Fields<'_>) -> Result<(String, Awakening), Fault> {
    let at: Moment = fields.moment("awakening_us", "utc_offset_minutes")?;
    let source = codes::read_source(fields.integer("time_source")?)?;
    let conditions = fields.conditions("conditions")?;
    Ok((
        fields.owned("participant")?,
        Awakening {
            at,
            source,
            conditions,
        },
    ))
}
