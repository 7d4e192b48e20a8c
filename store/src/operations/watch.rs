//! Steps of flags in the order in which they were committed, for those who watch.

use sqlx::QueryBuilder;

use super::fields::Fields;
use super::flags::{event, event_columns};
use super::ground;
use super::{Conn, Db, Row};
use crate::codes;
use crate::fault::Fault;
use crate::filter::{push_bound, push_one_of};
use crate::{FlagChange, FlagFilter, Page, PageRequest};

const STEPS: &str = concat!(
    "select s.sequence as step_sequence, s.flag_id, s.state, f.participant, p.group_label, ",
    event_columns!(),
    " from flag_steps s \
    join flags f on f.study_no = s.study_no and f.flag_id = s.flag_id \
    join participants p on p.study_no = f.study_no and p.participant = f.participant \
    join flag_events e on e.study_no = s.study_no and e.flag_id = s.flag_id and e.sequence = s.event \
    where s.study_no = "
);

/// A flag that has moved on since the watch began is left out: its steps come after.
const PRESENT: &str = concat!(
    "select coalesce(s.sequence, 0) as step_sequence, f.flag_id, f.state, f.participant, p.group_label, ",
    event_columns!(),
    " from flags f \
    join participants p on p.study_no = f.study_no and p.participant = f.participant \
    join flag_events e on e.study_no = f.study_no and e.flag_id = f.flag_id and e.sequence = f.version \
    left join flag_steps s on s.study_no = f.study_no and s.flag_id = f.flag_id and s.event = f.version \
    where f.study_no = "
);

/// Steps behind the number of one, up to that of another.
pub(crate) async fn steps(
    conn: &mut Conn,
    study: &str,
    filter: &FlagFilter,
    until: i64,
    page: &PageRequest<i64>,
) -> Result<Page<FlagChange, i64>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = select_steps(no, filter, until, page)
        .build()
        .fetch_all(conn)
        .await?;
    let changes = rows.iter().map(change).collect::<Result<_, _>>()?;
    Ok(page.cut(changes, |change| change.sequence))
}

pub(crate) fn select_steps(
    no: i64,
    filter: &FlagFilter,
    until: i64,
    page: &PageRequest<i64>,
) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(STEPS);
    select.push_bind(no);
    select
        .push(" and s.sequence > ")
        .push_bind(page.after.unwrap_or(0));
    select.push(" and s.sequence <= ").push_bind(until);
    push_filter(&mut select, " and s.state in (", filter);
    select
        .push(" order by s.sequence limit ")
        .push_bind(page.probe());
    select
}

/// The flags whose last step has this number or one before, by id.
pub(crate) async fn present(
    conn: &mut Conn,
    study: &str,
    filter: &FlagFilter,
    at: i64,
    page: &PageRequest<String>,
) -> Result<Page<FlagChange, String>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = select_present(no, filter, at, page)
        .build()
        .fetch_all(conn)
        .await?;
    let changes = rows.iter().map(change).collect::<Result<_, _>>()?;
    Ok(page.cut(changes, |change| change.flag.clone()))
}

pub(crate) fn select_present(
    no: i64,
    filter: &FlagFilter,
    at: i64,
    page: &PageRequest<String>,
) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(PRESENT);
    select.push_bind(no);
    push_bound(&mut select, " and f.flag_id > ", page.after.as_deref());
    select
        .push(" and (s.sequence is null or s.sequence <= ")
        .push_bind(at)
        .push(")");
    push_filter(&mut select, " and f.state in (", filter);
    select
        .push(" order by f.flag_id limit ")
        .push_bind(page.probe());
    select
}

/// Conditions on the flag as it stood after the step. The one on its state begins with the column that has it.
fn push_filter(select: &mut QueryBuilder<Db>, of_state: &'static str, filter: &FlagFilter) {
    let states: Vec<&str> = filter
        .states
        .iter()
        .map(|state| codes::flag_state(*state))
        .collect();
    push_one_of(select, of_state, &states);
    push_bound(
        select,
        " and f.participant = ",
        filter.participant.as_deref(),
    );
    push_one_of(select, " and p.group_label in (", &filter.groups);
    push_bound(
        select,
        " and e.probability_flat >= ",
        filter.min_probability,
    );
}

fn change(row: &Row) -> Result<FlagChange, Fault> {
    let fields = Fields(row);
    Ok(FlagChange {
        sequence: fields.integer("step_sequence")?,
        flag: fields.owned("flag_id")?,
        participant: fields.owned("participant")?,
        group: fields.owned("group_label")?,
        state: codes::read_flag_state(fields.text("state")?)?,
        event: event(row)?,
    })
}
