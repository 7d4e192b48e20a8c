//! Replaces many results by further revisions, together and for one reason.

use std::collections::HashMap;

use diel_core::Measurement;

use super::bulk::Lookup;
use super::fields::Fields;
use super::ground;
use super::revise::{Revision, Why, revise};
use super::specimens::{self, specimen_name};
use super::write::Write;
use super::{Conn, batches, requests};
use crate::answer::KeptAmended;
use crate::compare::complete_collection;
use crate::fault::Fault;
use crate::ids;
use crate::plan::{Given, Known, KnownCollection};
use crate::result::said;
use crate::trail::{Note, Trail};
use crate::{
    Amended, AmendmentRefusal, AmendmentRow, Amendments, Batch, Call, Mode, NewResult,
    RefusedAmendment, RevisionCause, StoreError,
};

/// What results in force say beside the concentration, which is known with the specimen.
pub(super) static IN_FORCE: Lookup = Lookup::new(
    "select s.specimen, r.batch_no, r.replicate_count, r.replicate_cv_percent, r.well from specimens s \
    join results r on r.study_no = s.study_no and r.specimen = s.specimen and r.revision = s.revision \
    where s.study_no = ",
    " and s.specimen in (",
    ")",
);

/// Amendments as a change.
#[derive(Debug)]
pub(crate) struct AmendTogether(pub(crate) Amendments);

impl Write for AmendTogether {
    type Answer = Amended;

    fn call(&self) -> &Call {
        &self.0.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<Amended, Fault> {
        let amendments = &self.0;
        let call = &amendments.call;
        let ground = ground::share(conn, &amendments.study).await?;
        if let Some(kept) = requests::find::<KeptAmended>(conn, ground.no, call).await? {
            let batch = match kept.batch() {
                Some(id) => Some(batches::find(conn, ground.no, &amendments.study, id).await?),
                None => None,
            };
            return Ok(kept.answer(batch)?);
        }
        let mut codes: Vec<&str> = amendments.rows.iter().map(specimen).collect();
        codes.sort_unstable();
        let known = specimens::known(conn, ground.no, &codes).await?;
        let in_force = in_force(conn, ground.no, &codes).await?;
        let weighed = weigh(&amendments.rows, &known, &in_force);
        if amendments.mode == Mode::Atomic && !weighed.refused.is_empty() {
            return Err(StoreError::Amendments(weighed.refused).into());
        }
        let batch = self.run_again(weighed.changes.len());
        let other_batch = match &batch {
            Some(batch) => {
                batches::insert(conn, ground.no, batch).await?;
                Some(batches::number_of(&batch.id)?)
            }
            None => None,
        };
        let revisions: Vec<Revision<'_>> = weighed
            .changes
            .iter()
            .map(|change| Revision {
                known: change.known,
                result: &change.row.result,
                replaced_batch_no: change.batch_no,
                batch_no: other_batch.unwrap_or(change.batch_no),
            })
            .collect();
        let why = Why {
            cause: RevisionCause::Sent,
            reason: &amendments.reason,
            told: &format!("results amended: {}", amendments.reason),
        };
        let revised = revise(conn, trail, &ground, call, why, &revisions).await?;
        let batch = match batch {
            Some(new) => {
                let id = new.id;
                Some(batches::find(conn, ground.no, &amendments.study, &id).await?)
            }
            None => None,
        };
        for change in &weighed.changes {
            trail.note(ground.no, &amendments.study, call, self.note_of(change));
        }
        let answer = Amended {
            batch,
            unchanged: weighed.unchanged,
            refused: weighed.refused,
            revised,
        };
        requests::keep(conn, ground.no, call, &KeptAmended::of(&answer)).await?;
        Ok(answer)
    }
}

impl AmendTogether {
    /// The batch of another run that so many results come with.
    fn run_again(&self, count: usize) -> Option<Batch> {
        let facts = self.0.rerun.as_ref().filter(|_| count > 0)?;
        let now = self.0.call.now;
        Some(Batch {
            id: ids::batch_id(ids::new_batch_no(now)),
            batch: facts.clone(),
            result_count: i64::try_from(count).unwrap_or(i64::MAX),
            created: now,
            assessment: None,
            decision: None,
            controls: Vec::new(),
            recall: None,
            version: 1,
        })
    }

    fn note_of(&self, change: &Change<'_>) -> Note<'_> {
        let Amendments { study, reason, .. } = &self.0;
        let revision = change.known.revision;
        let specimen = specimen_name(study, specimen(change.row));
        Note {
            action: "amend_result",
            resource: format!("{specimen}/results/{}", revision + 1),
            before: said(revision, &change.before),
            after: said(revision + 1, &change.row.result.measurement),
            reason,
        }
    }
}

fn specimen(row: &AmendmentRow) -> &str {
    &row.result.specimen
}

/// What a result in force says beside its concentration.
struct InForce {
    batch_no: i64,
    replicate_count: Option<i32>,
    replicate_cv_percent: Option<f64>,
    well: String,
}

async fn in_force(
    conn: &mut Conn,
    no: i64,
    codes: &[&str],
) -> Result<HashMap<String, InForce>, Fault> {
    let rows = IN_FORCE.read(conn, no, codes).await?;
    rows.iter()
        .map(|row| {
            let fields = Fields(row);
            let found = InForce {
                batch_no: fields.integer("batch_no")?,
                replicate_count: fields.maybe_small("replicate_count")?,
                replicate_cv_percent: fields.maybe_number("replicate_cv_percent")?,
                well: fields.owned("well")?,
            };
            Ok((fields.owned("specimen")?, found))
        })
        .collect()
}

/// A row that changes something.
struct Change<'a> {
    row: &'a AmendmentRow,
    known: &'a Known,
    before: Measurement,
    batch_no: i64,
}

/// Rows compared with what is in force; the changes in the order of their specimens.
#[derive(Default)]
struct Weighed<'a> {
    changes: Vec<Change<'a>>,
    unchanged: u32,
    refused: Vec<RefusedAmendment>,
}

fn weigh<'a>(
    rows: &'a [AmendmentRow],
    known: &'a HashMap<String, Known>,
    in_force: &HashMap<String, InForce>,
) -> Weighed<'a> {
    let mut weighed = Weighed::default();
    let mut refuse = |row: &AmendmentRow, refusal| {
        weighed.refused.push(RefusedAmendment {
            row: row.row,
            refusal,
        });
    };
    for row in rows {
        let specimen = specimen(row);
        let stored = known.get(specimen).zip(in_force.get(specimen));
        let Some((known, stands, before)) =
            stored.and_then(|(known, stands)| Some((known, stands, known.measurement?)))
        else {
            let specimen = specimen.to_owned();
            refuse(row, AmendmentRefusal::NoResult { specimen });
            continue;
        };
        let conflicts = contradictions(row, known.collection.as_ref());
        if !conflicts.is_empty() {
            for conflict in conflicts {
                refuse(row, AmendmentRefusal::Collection(conflict));
            }
        } else if repeats(&row.result, before, stands) {
            weighed.unchanged += 1;
        } else {
            weighed.changes.push(Change {
                row,
                known,
                before,
                batch_no: stands.batch_no,
            });
        }
    }
    weighed
        .changes
        .sort_by_key(|change| specimen(change.row).to_owned());
    weighed
}

/// What collection facts that came with a row contradict.
fn contradictions(row: &AmendmentRow, stored: Option<&KnownCollection>) -> Vec<crate::Conflict> {
    let mut conflicts = Vec::new();
    if let (Some(given), Some(stored)) = (&row.collection, stored) {
        let of_row = Given {
            row: row.row,
            specimen: specimen(row),
            collection: row.collection.as_ref(),
            result: None,
        };
        complete_collection(Some(stored.facts()), given, &of_row, &mut conflicts);
    }
    conflicts
}

/// Whether a row says nothing new. What it does not state is not new.
fn repeats(result: &NewResult, before: Measurement, stands: &InForce) -> bool {
    let same_count = result
        .replicate_count
        .is_none_or(|count| stands.replicate_count == Some(count));
    let same_cv = result
        .replicate_cv_percent
        .is_none_or(|cv| stands.replicate_cv_percent == Some(cv));
    let same_well = result.well.is_empty() || result.well == stands.well;
    result.measurement == before && same_count && same_cv && same_well
}
