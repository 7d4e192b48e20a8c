//! Every statement of fixed text, for the check that the engine accepts them all.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, Executor as _, SqlSafeStr as _};

use super::bulk::{Insertion, Lookup};
use super::{
    Conn, amendments, audit, awakenings, batches, controls, conversions, delete, erase, facts,
    fits, flags, ground, history, integrity, jobs, methods, overview, participants, policies,
    preview, principals, profiles, protocols, quality, recall, references, requests, results,
    rhythms, samplings, specimens, steps, studies, tokens,
};
use crate::fault::Fault;

/// Statements of one row.
fn single() -> impl Iterator<Item = &'static str> {
    let of_studies = ground::STATEMENTS
        .into_iter()
        .chain(studies::STATEMENTS)
        .chain(policies::STATEMENTS)
        .chain(preview::STATEMENTS)
        .chain(references::statements())
        .chain(controls::statements())
        .chain(quality::statements())
        .chain(conversions::statements())
        .chain(methods::statements());
    let of_people = participants::STATEMENTS
        .into_iter()
        .chain([profiles::scan::MARK])
        .chain(batches::STATEMENTS)
        .chain(flags::STATEMENTS)
        .chain(overview::STATEMENTS)
        .chain(recall::STATEMENTS)
        .chain(awakenings::STATEMENTS)
        .chain(facts::STATEMENTS)
        .chain(protocols::STATEMENTS)
        .chain(erase::statements())
        .chain(delete::statements());
    let of_work = jobs::statements()
        .chain(fits::STATEMENTS)
        .chain(requests::STATEMENTS)
        .chain(audit::statements())
        .chain(integrity::STATEMENTS);
    let of_callers = principals::STATEMENTS.into_iter().chain(tokens::STATEMENTS);
    of_studies.chain(of_people).chain(of_work).chain(of_callers)
}

/// Statements on the rows of many keys.
static LOOKUPS: [&Lookup; 10] = [
    &amendments::IN_FORCE,
    &integrity::revisions::SAID,
    &specimens::KNOWN,
    &samplings::TUBES,
    &history::SAMPLES,
    &awakenings::OF_PARTICIPANTS,
    &preview::VERDICTS,
    &profiles::DELETE,
    &profiles::VALID,
    &steps::STANDING,
];

/// Statements of many rows.
static INSERTIONS: [&Insertion; 12] = [
    &participants::MEET,
    &specimens::WRITE,
    &protocols::INSERT_SAMPLES,
    &results::APPEND,
    &quality::measured::WRITE,
    &awakenings::REPORT,
    &profiles::WRITE,
    &rhythms::WRITE,
    &steps::WRITE,
    &steps::NOTE,
    &audit::APPEND,
    &audit::NOTE_STEPS,
];

/// Statements on the rows of many keys, in every size.
pub(crate) fn lookups() -> impl Iterator<Item = Arc<str>> {
    LOOKUPS.into_iter().flat_map(Lookup::every_text)
}

/// All of them, in every size.
pub(crate) fn all() -> impl Iterator<Item = Arc<str>> {
    let inserted = INSERTIONS.into_iter().flat_map(Insertion::every_text);
    single().map(Arc::from).chain(inserted).chain(lookups())
}

/// Each of them once: what refers to columns does so in every size.
fn shortest() -> impl Iterator<Item = Arc<str>> {
    let inserted = INSERTIONS.into_iter().map(Insertion::shortest_text);
    let looked_up = LOOKUPS.into_iter().map(Lookup::shortest_text);
    single().map(Arc::from).chain(inserted).chain(looked_up)
}

/// Has the engine prepare every statement in every size; returns how many there are.
pub(crate) async fn prepare_all(conn: &mut Conn) -> Result<usize, Fault> {
    prepare(conn, all()).await
}

/// Has the engine prepare every statement once.
pub(crate) async fn prepare_each(conn: &mut Conn) -> Result<usize, Fault> {
    prepare(conn, shortest()).await
}

async fn prepare(
    conn: &mut Conn,
    statements: impl Iterator<Item = Arc<str>>,
) -> Result<usize, Fault> {
    let mut count = 0;
    for text in statements {
        (&mut *conn)
            .prepare(AssertSqlSafe(text).into_sql_str())
            .await?;
        count += 1;
    }
    Ok(count)
}
