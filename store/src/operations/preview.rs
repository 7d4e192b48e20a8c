//! What another policy would change: judged as a change of policy judges, slice by slice, and kept nowhere.

use std::collections::{BTreeMap, HashMap};

use diel_core::{PolicyTerms, Verdict};

use super::bulk::Lookup;
use super::fields::Fields;
use super::judge::Analysing;
use super::write::begin_snapshot;
use super::{Conn, ground, history, participants, references, steps};
use crate::codes;
use crate::fault::Fault;
use crate::flag_step::{self, Cause};
use crate::preview::effect;
use crate::{PageRequest, Participant, PreviewSlice, PreviewedPerson, RhythmNumbers, StoredPolicy};

pub(super) const STATEMENTS: [&str; 1] = [COUNT];

const COUNT: &str = "select count(*) from participants where study_no = $1";

pub(super) static VERDICTS: Lookup = Lookup::new(
    "select participant, verdict, probability_flat from rhythms where study_no = ",
    " and participant in (",
    ")",
);

/// How many participants a study has.
pub(crate) async fn count(conn: &mut Conn, study: &str) -> Result<i64, Fault> {
    let no = ground::number(conn, study).await?;
    Ok(sqlx::query_scalar(COUNT).bind(no).fetch_one(conn).await?)
}

/// Terms with everything filled in, beside the policy in force.
pub(crate) async fn terms(
    conn: &mut Conn,
    study: &str,
    terms: &PolicyTerms,
) -> Result<(PolicyTerms, StoredPolicy), Fault> {
    let ground = ground::read(conn, study).await?;
    let filled_in = references::rule::check(conn, ground.no, terms).await?;
    Ok((filled_in.terms(), ground.policy))
}

/// The next participants under other terms, all from one state of the database.
pub(crate) async fn slice(
    conn: &mut Conn,
    study: &str,
    terms: &PolicyTerms,
    page: &PageRequest<String>,
) -> Result<PreviewSlice, Fault> {
    let mut snapshot = begin_snapshot(conn).await?;
    let no = ground::number(&mut snapshot, study).await?;
    let rule = references::rule::check(&mut snapshot, no, terms).await?;
    let page = participants::page(&mut snapshot, no, page).await?;
    let codes: Vec<&str> = page.items.iter().map(|one| one.code.as_str()).collect();
    let persons = page
        .items
        .iter()
        .map(|one| (one.code.as_str(), one.person()));
    let evidence = history::evidence(&mut snapshot, no, persons).await?;
    let mut standing = steps::standing(&mut snapshot, no, &codes).await?;
    let mut before = verdicts(&mut snapshot, no, &codes).await?;
    snapshot.rollback().await?;
    let analyses = Analysing::start(evidence, &rule).finish().await?;
    let mut after: HashMap<_, _> = analyses.into_iter().collect();
    let persons = page.items.into_iter().filter_map(|participant| {
        let after = RhythmNumbers::from(&after.remove(&participant.code)?.rhythm);
        let flag = standing.remove(&participant.code);
        let before = before.remove(&participant.code);
        Some(previewed(participant, before, after, flag))
    });
    Ok(PreviewSlice {
        persons: persons.collect(),
        next: page.next,
    })
}

fn previewed(
    participant: Participant,
    before: Option<(Verdict, Option<f64>)>,
    after: RhythmNumbers,
    flag: Option<steps::Found>,
) -> PreviewedPerson {
    let standing = flag.as_ref().map(|found| &found.standing);
    let step = flag_step::step(standing, &after, Cause::Policy);
    PreviewedPerson {
        effect: effect(standing.map(|one| one.life.state), step.map(|step| step.0)),
        participant: participant.code,
        group: participant.group,
        verdict_before: before.map(|(verdict, _)| verdict),
        probability_before: before.and_then(|(_, probability)| probability),
        flag: flag.map(|found| (found.id, found.standing.life.state)),
        after,
    }
}

/// The verdicts of participants as last judged, with their P(flat).
pub(super) async fn verdicts(
    conn: &mut Conn,
    no: i64,
    codes: &[&str],
) -> Result<BTreeMap<String, (Verdict, Option<f64>)>, Fault> {
    let rows = VERDICTS.read(conn, no, codes).await?;
    rows.iter()
        .map(|row| {
            let fields = Fields(row);
            let verdict = codes::read_verdict(fields.text("verdict")?)?;
            let probability = fields.maybe_number("probability_flat")?;
            Ok((fields.owned("participant")?, (verdict, probability)))
        })
        .collect()
}
