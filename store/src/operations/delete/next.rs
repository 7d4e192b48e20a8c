//! Takes the next slice of a study that is being deleted.

use std::time::Duration;

use serde_json::json;

use diel_core::audit::ERASED_ENTRIES;

use super::super::ground::{self, study_name};
use super::super::jobs::{Held, job, move_on};
use super::super::write::Write;
use super::super::{Conn, audit};
use super::tables::{TABLES, said};
use crate::codes::damaged;
use crate::fault::Fault;
use crate::trail::{DIEL, Note, OUTSIDE, Place, Trail, record};
use crate::{Call, Job, JobState};

pub(super) const STATEMENTS: [&str; 2] = [EMPTY, FINISH];

const EMPTY: &str = concat!(
    "update audit_entries set resource = '', before_json = '', after_json = '', reason = '', erased_by = $1 \
    where study_no = $2 and sequence in (select sequence from audit_entries where study_no = $2 and sequence > $3 and ",
    said!(),
    " order by sequence limit $4) returning sequence"
);

/// The study's row stays, so that neither its number nor its name is given again.
const FINISH: &str = "update studies set deleted_us = $1, updated_us = $1, display_name = '', code_key = null, \
    version = version + 1 where study_no = $2";

/// How far a deletion has come. What is kept of it names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reached {
    /// Entries up to this number are emptied.
    Entry(i64),
    /// The tables before this one are empty of the study.
    Table(usize),
}

impl Reached {
    fn read(progress: &str) -> Result<Self, Fault> {
        let reached = match progress.split_once(':') {
            None if progress.is_empty() => Some(Self::Entry(0)),
            Some(("entry", number)) => number.parse().ok().map(Self::Entry),
            Some(("table", place)) => place.parse().ok().map(Self::Table),
            _ => None,
        };
        Ok(reached.ok_or_else(|| damaged("progress", &progress))?)
    }

    fn text(self) -> String {
        match self {
            Self::Entry(number) => format!("entry:{number}"),
            Self::Table(place) => format!("table:{place}"),
        }
    }
}

/// Takes the next rows of a study that is being deleted, of about `limit` keys.
#[derive(Debug)]
pub(crate) struct DeleteNext {
    pub(crate) study: String,
    pub(crate) job: String,
    pub(crate) limit: u32,
    pub(crate) lease: Duration,
    pub(crate) call: Call,
}

impl Write for DeleteNext {
    type Answer = Job;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(&self, conn: &mut Conn, trail: &mut Trail, _attempt: u32) -> Result<Job, Fault> {
        let no = ground::number_of_any(conn, &self.study).await?;
        let held = Held {
            study: &self.study,
            job: &self.job,
            lease: self.lease,
            call: &self.call,
        };
        let reached = Reached::read(&held.hold(conn, no).await?)?;
        trail.go_behind_the_closing();
        let (reached, done) = match reached {
            Reached::Entry(after) => self.empty_entries(conn, trail, no, after).await?,
            Reached::Table(place) => self.take_rows(conn, no, place).await?,
        };
        let state = if reached == Reached::Table(TABLES.len()) {
            JobState::Succeeded
        } else {
            JobState::Running
        };
        let row = move_on(conn, no, &held, state, &reached.text(), done).await?;
        let job = job(&row, &self.study)?;
        if state == JobState::Succeeded {
            sqlx::query(FINISH)
                .bind(self.call.now.as_microsecond())
                .bind(no)
                .execute(conn)
                .await?;
            for chain in [OUTSIDE, no] {
                self.note(trail, chain, "finish_deletion", json!({ "rows": job.done }));
            }
        }
        Ok(job)
    }
}

impl DeleteNext {
    /// Empties the next entries of the trail, and appends the one that names them.
    async fn empty_entries(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        no: i64,
        after: i64,
    ) -> Result<(Reached, usize), Fault> {
        let by = audit::hold(conn, no, 0, Place::BehindTheClosing)
            .await?
            .sequence
            + 1;
        let mut emptied: Vec<i64> = sqlx::query_scalar(EMPTY)
            .bind(by)
            .bind(no)
            .bind(after)
            .bind(i64::from(self.limit.max(1)))
            .fetch_all(&mut *conn)
            .await?;
        emptied.sort_unstable();
        let Some(last) = emptied.last().copied() else {
            return Ok((Reached::Table(0), 0));
        };
        let done = emptied.len();
        self.note(
            trail,
            no,
            "erase_entries",
            json!({ ERASED_ENTRIES: emptied }),
        );
        Ok((Reached::Entry(last), done))
    }

    /// Takes rows from this table on, until the slice is full or nothing is left.
    async fn take_rows(
        &self,
        conn: &mut Conn,
        no: i64,
        place: usize,
    ) -> Result<(Reached, usize), Fault> {
        let mut left = u64::from(self.limit.max(1));
        let mut done = 0;
        for (place, table) in TABLES.iter().enumerate().skip(place) {
            let taken = sqlx::query(table.take)
                .bind(no)
                .bind(i64::try_from(left).unwrap_or(i64::MAX))
                .execute(&mut *conn)
                .await?
                .rows_affected();
            done += usize::try_from(taken).unwrap_or(usize::MAX);
            // A key has a row or more: as many rows as keys were asked for, and there may be more keys.
            if taken >= left {
                return Ok((Reached::Table(place), done));
            }
            left -= taken;
        }
        Ok((Reached::Table(TABLES.len()), done))
    }

    /// Notes a step of the deletion in the chain of the study, or outside any.
    fn note(&self, trail: &mut Trail, chain: i64, action: &str, after: serde_json::Value) {
        let study = if chain == OUTSIDE { "" } else { &self.study };
        let note = Note {
            action,
            resource: study_name(&self.study),
            after,
            ..Note::default()
        };
        trail.add(chain, record(study, DIEL, self.call.now, note), None);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic fails the test")]

    use super::Reached;

    #[test]
    fn progress_is_read_as_it_was_written() {
        for reached in [Reached::Entry(0), Reached::Entry(4711), Reached::Table(12)] {
            assert_eq!(Reached::read(&reached.text()).unwrap(), reached);
        }
        assert_eq!(Reached::read("").unwrap(), Reached::Entry(0));
        Reached::read("P-017").unwrap_err();
    }
}
