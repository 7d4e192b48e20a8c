//! Rhythms: one row a participant, as last judged.

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::bulk::{Insertion, Values};
use super::fields::{Fields, found};
use super::ground::{self, Ground};
use super::numbers::{self, NUMBER_COLUMNS};
use super::participants::participant_name;
use super::{Conn, Db, Row};
use crate::codes;
use crate::fault::Fault;
use crate::filter::{push_ages, push_bound, push_one_of};
use crate::{Page, PageRequest, RhythmFilter, RhythmNumbers, StoredRhythm};

const MANY: &str = concat!(
    "select r.participant, r.updated_us, r.policy_version, p.group_label, p.age_years, f.flag_id, f.state, ",
    number_columns!("r."),
    " from rhythms r \
    join participants p on p.study_no = r.study_no and p.participant = r.participant \
    left join flags f on f.study_no = r.study_no and f.participant = r.participant \
    where r.study_no = "
);

pub(super) static WRITE: Insertion = Insertion::new(
    concat!(
        "insert into rhythms (study_no, participant, updated_us, policy_version, ",
        number_columns!(""),
        ") values "
    ),
    4 + NUMBER_COLUMNS,
    " on conflict (study_no, participant) do update set updated_us = excluded.updated_us, \
    policy_version = excluded.policy_version, day_count = excluded.day_count, \
    valid_day_count = excluded.valid_day_count, sample_count = excluded.sample_count, \
    left_out_sample_count = excluded.left_out_sample_count, slope_ln_per_h = excluded.slope_ln_per_h, \
    slope_se = excluded.slope_se, posterior_slope_ln_per_h = excluded.posterior_slope_ln_per_h, \
    posterior_sd = excluded.posterior_sd, posterior_lower_ln_per_h = excluded.posterior_lower_ln_per_h, \
    posterior_upper_ln_per_h = excluded.posterior_upper_ln_per_h, probability_flat = excluded.probability_flat, \
    reference_percentile = excluded.reference_percentile, reliability = excluded.reliability, \
    days_to_reliable = excluded.days_to_reliable, threshold_ln_per_h = excluded.threshold_ln_per_h, \
    verdict = excluded.verdict, reasons = excluded.reasons, reference = excluded.reference, \
    digest = excluded.digest",
);

/// Writes rhythms over those that were kept before.
pub(super) async fn write(
    conn: &mut Conn,
    ground: &Ground,
    now: Timestamp,
    rhythms: &[(&str, RhythmNumbers)],
) -> Result<(), Fault> {
    let bind = |values: &mut Values, (code, rhythm): &(&str, RhythmNumbers)| {
        values.integer(ground.no);
        values.text(*code);
        values.integer(now.as_microsecond());
        values.integer(ground.policy.version);
        numbers::bind(values, rhythm);
    };
    WRITE.write(conn, rhythms, bind).await?;
    Ok(())
}

/// The rhythm of a participant.
pub(crate) async fn read(
    conn: &mut Conn,
    study: &str,
    participant: &str,
) -> Result<StoredRhythm, Fault> {
    let no = ground::number(conn, study).await?;
    found(find(conn, no, participant).await?, || {
        format!("{}/rhythm", participant_name(study, participant))
    })
}

pub(super) async fn find(
    conn: &mut Conn,
    no: i64,
    participant: &str,
) -> Result<Option<StoredRhythm>, Fault> {
    let mut select = QueryBuilder::<Db>::new(MANY);
    select
        .push_bind(no)
        .push(" and r.participant = ")
        .push_bind(participant);
    let row = select.build().fetch_optional(conn).await?;
    row.as_ref().map(rhythm).transpose()
}

/// Rhythms by participant.
pub(crate) async fn list(
    conn: &mut Conn,
    study: &str,
    filter: &RhythmFilter,
    page: &PageRequest<String>,
) -> Result<Page<StoredRhythm, String>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = select(no, filter, page).build().fetch_all(conn).await?;
    let rhythms = rows.iter().map(rhythm).collect::<Result<_, _>>()?;
    Ok(page.cut(rhythms, |rhythm| rhythm.participant.clone()))
}

pub(crate) fn select(
    no: i64,
    filter: &RhythmFilter,
    page: &PageRequest<String>,
) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(MANY);
    select.push_bind(no);
    push_one_of(&mut select, " and p.group_label in (", &filter.groups);
    push_ages(&mut select, filter.min_age_years, filter.max_age_years);
    let verdicts: Vec<&str> = filter
        .verdicts
        .iter()
        .map(|verdict| verdict.code())
        .collect();
    push_one_of(&mut select, " and r.verdict in (", &verdicts);
    let states: Vec<&str> = filter
        .flag_states
        .iter()
        .map(|state| codes::flag_state(*state))
        .collect();
    // The outer join must stay one: else the engine begins with all flags and sorts.
    push_one_of(&mut select, " and coalesce(f.state, '') in (", &states);
    push_bound(
        &mut select,
        " and r.posterior_slope_ln_per_h >= ",
        filter.min_slope_ln_per_h,
    );
    push_bound(
        &mut select,
        " and r.posterior_slope_ln_per_h <= ",
        filter.max_slope_ln_per_h,
    );
    push_bound(&mut select, " and r.participant > ", page.after.as_deref());
    select
        .push(" order by r.participant limit ")
        .push_bind(page.probe());
    select
}

fn rhythm(row: &Row) -> Result<StoredRhythm, Fault> {
    let fields = Fields(row);
    let flag = match (fields.maybe_text("flag_id")?, fields.maybe_text("state")?) {
        (Some(id), Some(state)) => Some((id.to_owned(), codes::read_flag_state(state)?)),
        _ => None,
    };
    Ok(StoredRhythm {
        participant: fields.owned("participant")?,
        group: fields.owned("group_label")?,
        age: fields.age()?,
        rhythm: numbers::read(fields)?,
        policy_version: fields.integer("policy_version")?,
        flag,
        updated: fields.instant("updated_us")?,
    })
}
