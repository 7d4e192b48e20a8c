//! Puts further revisions of results in force, judges whoever they belong to, and says what that did.

use std::collections::{BTreeMap, BTreeSet};

use diel_core::Verdict;
use jiff::civil::Date;

use super::ground::Ground;
use super::judge::rejudge;
use super::participants::meet;
use super::results::{self, Further, Revising};
use super::{Conn, preview, profiles, quality, specimens};
use crate::fault::Fault;
use crate::plan::{Known, KnownCollection, Said, SpecimenRow};
use crate::trail::Trail;
use crate::{Call, NewResult, Revised, RevisedPerson, RevisionCause};

/// A result that is to replace the one in force.
#[derive(Debug, Clone, Copy)]
pub(super) struct Revision<'a> {
    pub(super) known: &'a Known,
    pub(super) result: &'a NewResult,
    /// The batch of the result that is replaced.
    pub(super) replaced_batch_no: i64,
    /// The batch that the revision belongs to.
    pub(super) batch_no: i64,
}

/// Why results are revised.
#[derive(Debug, Clone, Copy)]
pub(super) struct Why<'a> {
    pub(super) cause: RevisionCause,
    /// As it is kept with each revision.
    pub(super) reason: &'a str,
    /// As the histories of flags say it: what was done and why.
    pub(super) told: &'a str,
}

/// Puts revisions in force, with all that follows. They must be in the order of their specimens, one for each.
///
/// # Errors
/// [`Fault::Stale`] when another writer came first to one of the specimens.
pub(super) async fn revise(
    conn: &mut Conn,
    trail: &mut Trail,
    ground: &Ground,
    call: &Call,
    why: Why<'_>,
    revisions: &[Revision<'_>],
) -> Result<Revised, Fault> {
    let now_us = call.now.as_microsecond();
    // The participants first, as in every other operation, so that two writers never wait for each other.
    let codes: BTreeSet<&str> = revisions
        .iter()
        .filter_map(|revision| revision.known.collection.as_ref())
        .map(|facts| facts.participant.as_str())
        .collect();
    let said = codes.iter().map(|code| (*code, Said::default()));
    let mut met = meet(conn, ground.no, now_us, said).await?;
    let rows: Vec<SpecimenRow<'_>> = revisions.iter().map(put_in_force).collect();
    specimens::write(conn, ground.no, &rows).await?;
    let with = Revising {
        study_no: ground.no,
        cause: why.cause,
        reason: why.reason,
        now_us,
    };
    let further: Vec<Further<'_>> = revisions
        .iter()
        .map(|revision| Further {
            result: revision.result,
            batch_no: revision.batch_no,
            revision: revision.known.revision + 1,
        })
        .collect();
    results::revise(conn, with, &further).await?;
    let touched = reassess(conn, trail, ground, call, revisions).await?;
    let others = touched.iter().map(String::as_str);
    let others: Vec<_> = others
        .filter(|code| !codes.contains(code))
        .map(|code| (code, Said::default()))
        .collect();
    met.extend(meet(conn, ground.no, now_us, others).await?);
    let mut codes: Vec<&str> = met
        .iter()
        .map(|met| met.participant.code.as_str())
        .collect();
    codes.sort_unstable();
    let before = Standing::of(conn, ground.no, &codes).await?;
    let cause = ground.by_revision(why.told);
    let judgement = rejudge(conn, trail, ground, call.now, cause, &met).await?;
    let after = Standing::of(conn, ground.no, &codes).await?;
    let mut steps: BTreeMap<String, _> = judgement
        .steps
        .into_iter()
        .map(|step| (step.participant, (step.flag, step.kind)))
        .collect();
    let persons = codes.iter().map(|code| RevisedPerson {
        participant: (*code).to_owned(),
        verdict_before: before.verdict(code),
        verdict_after: after.verdict(code),
        days_lost: before.days_beyond(&after, code),
        days_gained: after.days_beyond(&before, code),
        flag: steps.remove(*code),
    });
    Ok(Revised {
        results: u32::try_from(revisions.len()).unwrap_or(u32::MAX),
        profiles: judgement.profiles,
        persons: persons.collect(),
    })
}

/// Assesses the batches again that gained or lost results; returns the participants whose results carry another remark.
async fn reassess(
    conn: &mut Conn,
    trail: &mut Trail,
    ground: &Ground,
    call: &Call,
    revisions: &[Revision<'_>],
) -> Result<BTreeSet<String>, Fault> {
    let batches: BTreeSet<i64> = revisions
        .iter()
        .flat_map(|revision| [revision.replaced_batch_no, revision.batch_no])
        .collect();
    let mut changed = Vec::new();
    for batch_no in batches {
        changed.extend(quality::reassess(conn, trail, ground, batch_no, call).await?);
    }
    let touched = quality::touched(conn, ground.no, &changed).await?;
    Ok(touched.into_iter().collect())
}

/// The specimen with its next revision in force.
fn put_in_force<'a>(revision: &Revision<'a>) -> SpecimenRow<'a> {
    let known = revision.known;
    SpecimenRow {
        code: &revision.result.specimen,
        facts: known.collection.as_ref().map(KnownCollection::facts),
        revision: known.revision + 1,
        created_us: known.created_us,
        version: known.version + 1,
        result: Some(revision.result),
    }
}

/// How participants stand: verdicts, and the days that count.
struct Standing {
    verdicts: BTreeMap<String, (Verdict, Option<f64>)>,
    days: BTreeMap<String, BTreeSet<Date>>,
}

impl Standing {
    async fn of(conn: &mut Conn, no: i64, codes: &[&str]) -> Result<Self, Fault> {
        Ok(Self {
            verdicts: preview::verdicts(conn, no, codes).await?,
            days: profiles::valid_days(conn, no, codes).await?,
        })
    }

    fn verdict(&self, code: &str) -> Option<Verdict> {
        self.verdicts.get(code).map(|(verdict, _)| *verdict)
    }

    /// The days that count here and not there.
    fn days_beyond(&self, other: &Self, code: &str) -> Vec<Date> {
        let nothing = BTreeSet::new();
        let others = other.days.get(code).unwrap_or(&nothing);
        let days = self.days.get(code).into_iter().flatten();
        days.filter(|day| !others.contains(day)).copied().collect()
    }
}
