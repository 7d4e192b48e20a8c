//! The history of participants: what their judgement rests on.

use std::collections::BTreeMap;

use diel_core::{Person, Sample};

use super::bulk::Lookup;
use super::fields::{Fields, found};
use super::ground;
use super::participants::{self, participant_name};
use super::quality::measured;
use super::write::begin_snapshot;
use super::{Conn, Row, awakenings};
use crate::fault::Fault;
use crate::history::{Evidence, History};
use crate::{Participant, StoredSample};

pub(super) static SAMPLES: Lookup = Lookup::new(
    "select s.participant, s.specimen, s.label, s.collected_us, s.utc_offset_minutes, s.conditions, \
    r.batch_no, r.outcome, r.amount, r.unit, r.missing_reason, r.replicate_cv_percent, \
    b.lod_nmol_per_l, b.lloq_nmol_per_l, b.uloq_nmol_per_l, b.verdict, b.decided_verdict \
    from specimens s \
    join results r on r.study_no = s.study_no and r.specimen = s.specimen and r.revision = s.revision \
    left join batches b on b.study_no = r.study_no and b.batch_no = r.batch_no \
    where s.study_no = ",
    " and s.participant in (",
    ") order by s.participant, s.collected_us, s.specimen",
);

/// The history of one participant, all from one state of the database.
pub(crate) async fn read(conn: &mut Conn, study: &str, code: &str) -> Result<History, Fault> {
    let mut snapshot = begin_snapshot(conn).await?;
    let (_, _, history) = find(&mut snapshot, study, code).await?;
    snapshot.rollback().await?;
    Ok(history)
}

/// The study's number, a participant and the history, in the transaction at hand.
pub(super) async fn find(
    conn: &mut Conn,
    study: &str,
    code: &str,
) -> Result<(i64, Participant, History), Fault> {
    let ground = ground::read(conn, study).await?;
    let participant = participants::find(conn, ground.no, code).await?;
    let participant = found(participant, || participant_name(study, code))?;
    let rows = SAMPLES.read(conn, ground.no, &[code]).await?;
    let samples = rows.iter().map(sample).collect::<Result<_, _>>()?;
    let reports = awakenings::of_participants(conn, ground.no, &[code]).await?;
    let history = History {
        person: participant.person(),
        samples,
        awakenings: reports.into_iter().map(|(_, report)| report).collect(),
        policy: ground.policy,
        rule: ground.rule,
    };
    Ok((ground.no, participant, history))
}

fn sample(row: &Row) -> Result<StoredSample, Fault> {
    let fields = Fields(row);
    let measurement = fields.measurement()?;
    Ok(StoredSample {
        specimen: fields.owned("specimen")?,
        label: fields.owned("label")?,
        sample: Sample {
            collected: fields.moment("collected_us", "utc_offset_minutes")?,
            level: measurement.level(&fields.limits()?),
            replicate_cv_percent: fields.maybe_number("replicate_cv_percent")?,
            batch: measured::verdict(fields)?,
        },
        measurement,
        conditions: fields.conditions("conditions")?,
        batch_no: fields.integer("batch_no")?,
    })
}

/// The evidence of participants whose rows this transaction holds.
pub(super) async fn evidence<'a>(
    conn: &mut Conn,
    no: i64,
    persons: impl IntoIterator<Item = (&'a str, Person)>,
) -> Result<BTreeMap<String, Evidence>, Fault> {
    let mut evidence: BTreeMap<String, Evidence> = persons
        .into_iter()
        .map(|(code, person)| {
            (
                code.to_owned(),
                Evidence {
                    person,
                    ..Evidence::default()
                },
            )
        })
        .collect();
    let codes: Vec<String> = evidence.keys().cloned().collect();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    for row in SAMPLES.read(conn, no, &codes).await? {
        let stored = sample(&row)?;
        if let Some(evidence) = evidence.get_mut(Fields(&row).text("participant")?) {
            evidence.samples.push(stored.sample);
            evidence.conditions.push(stored.conditions);
        }
    }
    for (participant, report) in awakenings::of_participants(conn, no, &codes).await? {
        if let Some(evidence) = evidence.get_mut(&participant) {
            evidence.awakenings.push(report);
        }
    }
    Ok(evidence)
}
