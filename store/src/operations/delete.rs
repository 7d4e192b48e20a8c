//! Deletes a study: marks it, so that nothing of it is read or written any more, and takes it away slice by slice.

mod next;
mod tables;

use serde_json::{Value, json};

use super::fields::Fields;
use super::ground::{self, study_name};
use super::write::Write;
use super::{Conn, audit, jobs, studies};
use crate::deletion::{Contents, Deletion, DeletionBegun, Tombstone};
use crate::fault::Fault;
use crate::trail::{Note, OUTSIDE, Place, Trail};
use crate::{Call, Flaw, StoreError};

pub(crate) use next::DeleteNext;

/// Statements of the whole folder.
pub(crate) fn statements() -> impl Iterator<Item = &'static str> {
    [IN_USE, MARK, STOP, RESUME, JOB, TOMBSTONES]
        .into_iter()
        .chain(tables::statements())
        .chain(next::STATEMENTS)
}

/// A study that is judged by a reference of another. Ids hold no character that a pattern gives a meaning.
const IN_USE: &str = "select o.study_id, p.reference from studies o \
    join policies p on p.study_no = o.study_no and p.version = o.policy_version \
    where o.study_no <> $1 and o.deletion_us is null and p.reference like $2 order by o.study_id limit 1";

const MARK: &str = "update studies set deletion_us = $1, deletion_by = $2, updated_us = $1, version = version + 1 \
    where study_no = $3";

const STOP: &str = "update jobs set state = 'cancelled', updated_us = $1 \
    where study_no = $2 and state in ('queued', 'running')";

const RESUME: &str = "update jobs set state = 'queued', attempts = 0, error_reason = '', error = '', updated_us = $1 \
    where study_no = $2 and kind = 'delete' and state = 'failed'";

const JOB: &str = "select job_id from jobs where study_no = $1 and kind = 'delete'";

const TOMBSTONES: &str = "select study_id, deletion_us, deletion_by, deleted_us from studies \
    where deletion_us is not null order by study_id";

/// Begins the deletion of a study. Asked for again while it goes on, it answers with the same job, and gives one that failed
/// to the workers anew.
#[derive(Debug)]
pub(crate) struct DeleteStudy(pub(crate) Deletion);

impl Write for DeleteStudy {
    type Answer = DeletionBegun;

    fn call(&self) -> &Call {
        &self.0.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<DeletionBegun, Fault> {
        let (study, call) = (&self.0.study, &self.0.call);
        // Nobody who judges writes to the study meanwhile, and nobody else can append.
        let no = match ground::hold(conn, study).await {
            Ok(ground) => ground.no,
            Err(Fault::Refused(StoreError::StudyDeleted { is_done: false, .. })) => {
                return self.again(conn).await;
            }
            Err(fault) => return Err(fault),
        };
        self.check(conn, no).await?;
        let contents = tables::contents(conn, no).await?;
        if call.validate_only {
            return Ok(DeletionBegun {
                contents,
                job: None,
            });
        }
        let now = call.now.as_microsecond();
        sqlx::query(MARK)
            .bind(now)
            .bind(&call.actor)
            .bind(no)
            .execute(&mut *conn)
            .await?;
        sqlx::query(STOP)
            .bind(now)
            .bind(no)
            .execute(&mut *conn)
            .await?;
        let rows = i64::try_from(contents.total()).unwrap_or(i64::MAX);
        let job = jobs::queue_deletion(conn, no, study, rows, call.now).await?;
        audit::close(conn, no).await?;
        trail.go_behind_the_closing();
        for (chain, id) in [(OUTSIDE, ""), (no, study.as_str())] {
            let note = Note {
                action: "delete_study",
                resource: study_name(study),
                after: facts(&contents),
                reason: &self.0.reason,
                ..Note::default()
            };
            trail.note(chain, id, call, note);
        }
        Ok(DeletionBegun {
            contents,
            job: Some(job),
        })
    }
}

impl DeleteStudy {
    /// Refuses where the caller has not seen the study as it is, or another study needs it.
    async fn check(&self, conn: &mut Conn, no: i64) -> Result<(), Fault> {
        let resource = study_name(&self.0.study);
        if studies::read(conn, &self.0.study).await?.version != self.0.version {
            return Err(StoreError::EtagMismatch { resource }.into());
        }
        let found = audit::hold(conn, no, 0, Place::InLife).await?;
        if let Some(stated) = self.0.head.filter(|stated| *stated != found) {
            return Err(StoreError::HeadMoved {
                resource,
                stated,
                found,
            }
            .into());
        }
        let user = sqlx::query(IN_USE)
            .bind(no)
            .bind(format!("{resource}/references/%"))
            .fetch_optional(conn)
            .await?;
        match user {
            None => Ok(()),
            Some(row) => Err(StoreError::ReferenceInUse {
                resource,
                by: study_name(Fields(&row).text("study_id")?),
                reference: Fields(&row).owned("reference")?,
            }
            .into()),
        }
    }

    /// What there is still to take of a study that is being deleted, and the job that does.
    async fn again(&self, conn: &mut Conn) -> Result<DeletionBegun, Fault> {
        let (study, call) = (&self.0.study, &self.0.call);
        let no = ground::number_of_any(conn, study).await?;
        sqlx::query(RESUME)
            .bind(call.now.as_microsecond())
            .bind(no)
            .execute(&mut *conn)
            .await?;
        let job: String = sqlx::query_scalar(JOB)
            .bind(no)
            .fetch_one(&mut *conn)
            .await?;
        Ok(DeletionBegun {
            contents: tables::contents(conn, no).await?,
            job: Some(jobs::find(conn, no, study, &job).await?),
        })
    }
}

/// Studies that were deleted, or are being deleted, by id.
pub(crate) async fn tombstones(conn: &mut Conn) -> Result<Vec<Tombstone>, Fault> {
    let rows = sqlx::query(TOMBSTONES).fetch_all(conn).await?;
    rows.iter()
        .map(|row| {
            let fields = Fields(row);
            Ok(Tombstone {
                study: fields.owned("study_id")?,
                asked: fields.instant("deletion_us")?,
                by: fields
                    .maybe_text("deletion_by")?
                    .unwrap_or_default()
                    .to_owned(),
                done: fields.maybe_instant("deleted_us")?,
            })
        })
        .collect()
}

/// What is left of a study that a deletion should have taken.
pub(crate) async fn remains(conn: &mut Conn, study: &str) -> Result<Vec<Flaw>, Fault> {
    let no = ground::number_of_any(conn, study).await?;
    let left = tables::contents(conn, no).await?.total();
    Ok(if left == 0 {
        Vec::new()
    } else {
        vec![Flaw {
            resource: study_name(study),
            what: format!("it was deleted, and {left} rows of it are there"),
        }]
    })
}

/// A deletion as the trail says it.
fn facts(contents: &Contents) -> Value {
    json!({
        "participants": contents.participants,
        "specimens": contents.specimens,
        "results": contents.results,
        "profiles": contents.profiles,
        "flags": contents.flags,
        "flag_events": contents.flag_events,
        "batches": contents.batches,
        "answers": contents.answers,
        "entries": contents.entries,
        "others": contents.others,
    })
}
