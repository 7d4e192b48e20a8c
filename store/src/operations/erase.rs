//! Takes a participant out of a study, with all that was measured, computed and said of them.

mod traces;

use diel_core::audit::ERASED_ENTRIES;
use serde_json::{Value, json};

use super::ground::{self, study_name};
use super::participants::{self, participant_name};
use super::write::Write;
use super::{Conn, audit};
use crate::erasure::{Erased, Erasure};
use crate::fault::Fault;
use crate::trail::{Note, Place, Trail};
use crate::{Call, StoreError};

use traces::Traces;

pub(crate) fn statements() -> impl Iterator<Item = &'static str> {
    let deletions = DELETIONS.into_iter().map(|(statement, _)| statement);
    [BATCHES, RECOUNT, PROGRESS]
        .into_iter()
        .chain(deletions)
        .chain(traces::STATEMENTS)
}

/// Batches that the participant's results came with.
const BATCHES: &str = "select distinct r.batch_no from results r \
    join specimens s on s.study_no = r.study_no and s.specimen = r.specimen \
    where s.study_no = $1 and s.participant = $2 order by r.batch_no";

/// A batch counts the first results of its specimens, and is left with those of others.
const RECOUNT: &str = "update batches set result_count = (select count(*) from results r \
    where r.study_no = batches.study_no and r.batch_no = batches.batch_no and r.revision = 1), version = version + 1 \
    where study_no = $1 and batch_no = $2";

/// A job that has come as far as this participant begins again, since where it stands is the participant's code.
const PROGRESS: &str = "update jobs set progress = '' where study_no = $1 and progress = $2";

/// What a deletion counts as.
type Counted = fn(&mut Erased) -> Option<&mut u64>;

/// What is deleted, in this order: each finds its rows by those that are deleted later.
const DELETIONS: [(&str, Counted); 10] = [
    (
        "delete from results where study_no = $1 and specimen in \
        (select specimen from specimens where study_no = $1 and participant = $2)",
        |erased| Some(&mut erased.results),
    ),
    (
        "delete from earlier_facts where study_no = $1 and (participant = $2 or specimen in \
        (select specimen from specimens where study_no = $1 and participant = $2))",
        |erased| Some(&mut erased.earlier_facts),
    ),
    (
        "delete from specimens where study_no = $1 and participant = $2",
        |erased| Some(&mut erased.specimens),
    ),
    (
        "delete from awakenings where study_no = $1 and participant = $2",
        |erased| Some(&mut erased.awakenings),
    ),
    (
        "delete from profiles where study_no = $1 and participant = $2",
        |erased| Some(&mut erased.profiles),
    ),
    (
        "delete from rhythms where study_no = $1 and participant = $2",
        |_| None,
    ),
    (
        "delete from flag_steps where study_no = $1 and flag_id in \
        (select flag_id from flags where study_no = $1 and participant = $2)",
        |_| None,
    ),
    (
        "delete from flag_events where study_no = $1 and flag_id in \
        (select flag_id from flags where study_no = $1 and participant = $2)",
        |erased| Some(&mut erased.flag_events),
    ),
    (
        "delete from flags where study_no = $1 and participant = $2",
        |erased| Some(&mut erased.flags),
    ),
    (
        "delete from participants where study_no = $1 and participant = $2",
        |_| None,
    ),
];

/// The erasure of a participant as a change.
#[derive(Debug)]
pub(crate) struct EraseParticipant(pub(crate) Erasure);

impl Write for EraseParticipant {
    type Answer = Erased;

    fn call(&self) -> &Call {
        &self.0.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<Erased, Fault> {
        let Erasure {
            study,
            participant,
            reason,
            call,
        } = &self.0;
        // Nobody else writes to the study meanwhile: the entries that are read are all there are.
        let no = ground::hold(conn, study).await?.no;
        if participants::find(conn, no, participant).await?.is_none() {
            let resource = participant_name(study, participant);
            return Err(StoreError::NotFound { resource }.into());
        }
        let mut erased = Erased::default();
        let traces = Traces::of(conn, no, participant).await?;
        erased.answers = traces.forget_answers(conn, no).await?;
        let by = audit::hold(conn, no, 0, Place::InLife).await?.sequence + 1;
        let entries = traces.empty_entries(conn, no, by).await?;
        erased.entries = entries.len() as u64;
        take(conn, no, participant, &mut erased).await?;
        let note = Note {
            action: "erase_participant",
            resource: study_name(study),
            after: facts(&erased, &entries),
            reason,
            ..Note::default()
        };
        trail.note(no, study, call, note);
        Ok(erased)
    }
}

/// Deletes the participant's rows, and mends what counted them.
async fn take(
    conn: &mut Conn,
    no: i64,
    participant: &str,
    erased: &mut Erased,
) -> Result<(), Fault> {
    let batches: Vec<i64> = sqlx::query_scalar(BATCHES)
        .bind(no)
        .bind(participant)
        .fetch_all(&mut *conn)
        .await?;
    for (statement, counted) in DELETIONS {
        let rows = sqlx::query(statement)
            .bind(no)
            .bind(participant)
            .execute(&mut *conn)
            .await?
            .rows_affected();
        if let Some(count) = counted(erased) {
            *count = rows;
        }
    }
    for batch in batches {
        sqlx::query(RECOUNT)
            .bind(no)
            .bind(batch)
            .execute(&mut *conn)
            .await?;
    }
    sqlx::query(PROGRESS)
        .bind(no)
        .bind(participant)
        .execute(&mut *conn)
        .await?;
    Ok(())
}

/// An erasure as the trail says it: how much, and which entries lost their content; never whom.
fn facts(erased: &Erased, entries: &[i64]) -> Value {
    json!({
        "specimens": erased.specimens,
        "results": erased.results,
        "profiles": erased.profiles,
        "flags": erased.flags,
        "answers": erased.answers,
        ERASED_ENTRIES: entries,
    })
}
