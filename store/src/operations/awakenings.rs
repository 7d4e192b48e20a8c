//! Reports of awakenings. Several of one day stay side by side; the numeric core chooses.

use std::collections::BTreeMap;

use diel_core::{Awakening, Moment};

use super::Conn;
use super::bulk::{Insertion, Lookup};
use super::fields::Fields;
use crate::codes;
use crate::fault::Fault;

pub(super) const STATEMENTS: [&str; 1] = [WITHDRAW];

/// A report of the same instant keeps the most trusted source and all conditions; one that adds nothing changes
/// nothing.
pub(super) static REPORT: Insertion = Insertion::new(
    "insert into awakenings (study_no, participant, awakening_us, utc_offset_minutes, time_source, conditions, stated_apart) \
    values ",
    7,
    " on conflict (study_no, participant, awakening_us) do update set \
    time_source = case when excluded.time_source > awakenings.time_source then excluded.time_source \
    else awakenings.time_source end, \
    conditions = awakenings.conditions | excluded.conditions, \
    stated_apart = awakenings.stated_apart or excluded.stated_apart \
    where excluded.time_source > awakenings.time_source \
    or (awakenings.conditions | excluded.conditions) <> awakenings.conditions \
    or (excluded.stated_apart and not awakenings.stated_apart)",
);

/// Takes back an awakening that only tubes stated, none of which states it any more.
const WITHDRAW: &str = "delete from awakenings where study_no = $1 and participant = $2 and awakening_us = $3 \
    and not stated_apart and not exists (select 1 from specimens s where s.study_no = $1 and s.participant = $2 \
    and s.awakening_us = $3)";

pub(super) static OF_PARTICIPANTS: Lookup = Lookup::new(
    "select participant, awakening_us, utc_offset_minutes, time_source, conditions from awakenings where study_no = ",
    " and participant in (",
    ") order by participant, awakening_us",
);

/// Stores reports, made apart from any tube or with one; returns how many were new or added something.
pub(super) async fn report(
    conn: &mut Conn,
    study_no: i64,
    reports: &BTreeMap<(&str, i64), Awakening>,
    stated_apart: bool,
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
        values.truth(stated_apart);
    };
    REPORT.write(conn, &reports, bind).await
}

/// Takes back an awakening that nobody states any more; returns whether there was such a one.
pub(super) async fn withdraw(
    conn: &mut Conn,
    study_no: i64,
    participant: &str,
    at: Moment,
) -> Result<bool, Fault> {
    let gone = sqlx::query(WITHDRAW)
        .bind(study_no)
        .bind(participant)
        .bind(at.microseconds())
        .execute(conn)
        .await?;
    Ok(gone.rows_affected() > 0)
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
