//! Every statement of fixed text, for the check that the engine accepts them all.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, Executor as _, SqlSafeStr as _};

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

/// Statements on the rows of many keys, in every size.
pub(crate) fn lookups() -> impl Iterator<Item = Arc<str>> {
    let lookups = [
        &amendments::IN_FORCE,
        &specimens::KNOWN,
        &samplings::TUBES,
        &history::SAMPLES,
        &awakenings::OF_PARTICIPANTS,
        &preview::VERDICTS,
        &profiles::DELETE,
        &profiles::VALID,
        &steps::STANDING,
    ];
    lookups.into_iter().flat_map(|lookup| lookup.every_text())
}

/// Statements of many rows, in every size.
fn bulk() -> impl Iterator<Item = Arc<str>> {
    let insertions = [
        &participants::MEET,
        &specimens::WRITE,
        &protocols::INSERT_SAMPLES,
        &results::APPEND,
        &quality::measured::WRITE,
        &results::REVISE,
        &awakenings::REPORT,
        &profiles::WRITE,
        &rhythms::WRITE,
        &steps::WRITE,
        &steps::NOTE,
        &audit::APPEND,
        &audit::NOTE_STEPS,
    ];
    let inserted = insertions
        .into_iter()
        .flat_map(|insertion| insertion.every_text());
    inserted.chain(lookups())
}

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = Arc<str>> {
    single().map(Arc::from).chain(bulk())
}

/// Has the engine prepare every statement; returns how many there are.
pub(crate) async fn prepare_all(conn: &mut Conn) -> Result<usize, Fault> {
    let mut count = 0;
    for text in all() {
        (&mut *conn)
            .prepare(AssertSqlSafe(text).into_sql_str())
            .await?;
        count += 1;
    }
    Ok(count)
}
