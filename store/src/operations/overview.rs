//! What an overview is gathered from: slices of participants with their days, and slices of batches.

use diel_core::Verdict;

use super::fields::Fields;
use super::ground;
use super::{Conn, Row};
use crate::codes::{self, damaged};
use crate::fault::Fault;
use crate::ids;
use crate::overview::{DaysRow, Overview, ParticipantRow, Plate, Quality};

/// Participants of one slice.
const PARTICIPANTS: i64 = 1_000;
/// Batches of one slice; each may have thousands of results.
const BATCHES: i64 = 20;

pub(super) const STATEMENTS: [&str; 3] = [RHYTHMS, DAYS, PLATES];

const RHYTHMS: &str = "select p.participant, p.group_label, r.verdict, r.posterior_slope_ln_per_h, f.state \
    from participants p \
    left join rhythms r on r.study_no = p.study_no and r.participant = p.participant \
    left join flags f on f.study_no = p.study_no and f.participant = p.participant \
    where p.study_no = $1 and p.participant > $2 order by p.participant limit $3";

/// Days alike in all that is counted come as one row.
const DAYS: &str = "select p.group_label, d.valid, d.awakening_recorded, d.findings, count(*) as days \
    from profiles d \
    join participants p on p.study_no = d.study_no and p.participant = d.participant \
    where d.study_no = $1 and d.participant > $2 and d.participant <= $3 \
    group by p.group_label, d.valid, d.awakening_recorded, d.findings";

/// The page is cut before the results are joined, so that only those are read.
const PLATES: &str = "select b.batch_no, b.lab, b.plate, b.run_date, b.created_us, count(r.specimen) as results, \
    count(case when r.outcome = 1 then 1 end) as below, count(case when r.outcome = 2 then 1 end) as above, \
    count(case when r.outcome = 3 then 1 end) as missing, count(r.replicate_cv_percent) as replicated, \
    coalesce(sum(r.replicate_cv_percent), 0e0) as cv_sum, \
    count(case when r.replicate_cv_percent > $4 then 1 end) as high_cv \
    from (select study_no, batch_no, lab, plate, run_date, created_us from batches \
    where study_no = $1 and batch_no > $2 order by batch_no limit $3) b \
    left join results r on r.study_no = b.study_no and r.batch_no = b.batch_no \
    group by b.batch_no, b.lab, b.plate, b.run_date, b.created_us order by b.batch_no";

/// Adds the participants behind a code, and their days; returns the last code, `None` when nobody is left.
pub(crate) async fn add_participants(
    conn: &mut Conn,
    study: &str,
    after: &str,
    overview: &mut Overview,
) -> Result<Option<String>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = sqlx::query(RHYTHMS)
        .bind(no)
        .bind(after)
        .bind(PARTICIPANTS)
        .fetch_all(&mut *conn)
        .await?;
    let mut last = None;
    for row in &rows {
        let participant = participant(row)?;
        overview.add_participant(&participant);
        last = Some(participant.code);
    }
    if let Some(last) = &last {
        let rows = sqlx::query(DAYS)
            .bind(no)
            .bind(after)
            .bind(last)
            .fetch_all(conn)
            .await?;
        for row in &rows {
            overview.add_days(&days(row)?);
        }
    }
    Ok(last)
}

/// Adds the plates behind a batch; returns the number of the last one, `None` when none is left.
pub(crate) async fn add_plates(
    conn: &mut Conn,
    study: &str,
    after: i64,
    high_cv_percent: f64,
    overview: &mut Overview,
) -> Result<Option<i64>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = sqlx::query(PLATES)
        .bind(no)
        .bind(after)
        .bind(BATCHES)
        .bind(high_cv_percent)
        .fetch_all(conn)
        .await?;
    let mut last = None;
    for row in &rows {
        last = Some(Fields(row).integer("batch_no")?);
        overview.add_plate(plate(row)?);
    }
    Ok(last)
}

fn participant(row: &Row) -> Result<ParticipantRow, Fault> {
    let fields = Fields(row);
    let verdict = fields.maybe_text("verdict")?;
    Ok(ParticipantRow {
        code: fields.owned("participant")?,
        group: fields.owned("group_label")?,
        verdict: verdict
            .map(|code| Verdict::from_code(code).ok_or_else(|| damaged("verdict", &code)))
            .transpose()?,
        slope_ln_per_h: fields.maybe_number("posterior_slope_ln_per_h")?,
        flag: fields
            .maybe_text("state")?
            .map(codes::read_flag_state)
            .transpose()?,
    })
}

fn days(row: &Row) -> Result<DaysRow, Fault> {
    let fields = Fields(row);
    Ok(DaysRow {
        group: fields.owned("group_label")?,
        valid: fields.truth("valid")?,
        awakening_recorded: fields.truth("awakening_recorded")?,
        findings: codes::read_findings(fields.text("findings")?)?,
        days: fields.small("days")?,
    })
}

fn plate(row: &Row) -> Result<Plate, Fault> {
    let fields = Fields(row);
    Ok(Plate {
        batch: ids::batch_id(fields.integer("batch_no")?),
        lab: fields.owned("lab")?,
        plate: fields.owned("plate")?,
        run_date: fields.maybe_date("run_date")?,
        created: fields.instant("created_us")?,
        quality: Quality {
            results: fields.small("results")?,
            below: fields.small("below")?,
            above: fields.small("above")?,
            missing: fields.small("missing")?,
            replicated: fields.small("replicated")?,
            replicate_cv_sum_percent: fields.number("cv_sum")?,
            high_cv: fields.small("high_cv")?,
        },
    })
}
