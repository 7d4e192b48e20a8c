//! Judges participants and keeps what comes out: profiles, rhythm, and the step of the flag.

use std::collections::BTreeMap;

use diel_core::{Analysis, Policy};
use jiff::Timestamp;
use tokio::task::JoinHandle;

use super::ground::Ground;
use super::participants::Met;
use super::steps::Taken;
use super::{Conn, history, profiles, rhythms, steps};
use crate::fault::Fault;
use crate::flag_step::Cause;
use crate::history::Evidence;
use crate::trail::Trail;
use crate::{FlagEventKind, RhythmNumbers};

/// Fewer samples are judged in less time than another thread takes to begin.
const SAMPLES_WORTH_A_THREAD: usize = 200;

/// What a judgement of several participants did.
#[derive(Debug, Default)]
pub(super) struct Judgement {
    pub(super) profiles: u32,
    /// The steps that flags took.
    pub(super) steps: Vec<Taken>,
}

impl Judgement {
    pub(super) fn and(mut self, other: Self) -> Self {
        self.profiles += other.profiles;
        self.steps.extend(other.steps);
        self
    }

    /// The ids of flags raised or opened again.
    pub(super) fn raised_flags(self) -> Vec<String> {
        let raised =
            |step: &Taken| matches!(step.kind, FlagEventKind::Raised | FlagEventKind::Reopened);
        let steps = self.steps.into_iter().filter(raised);
        steps.map(|step| step.flag).collect()
    }
}

/// The analyses of participants, by code.
pub(super) type Analyses = Vec<(String, Analysis)>;

/// Analyses under way, beside the database's own work.
pub(super) enum Analysing {
    Done(Analyses),
    Elsewhere(JoinHandle<Analyses>),
}

impl Analysing {
    pub(super) fn start(evidence: BTreeMap<String, Evidence>, policy: &Policy) -> Self {
        let samples: usize = evidence
            .values()
            .map(|evidence| evidence.samples.len())
            .sum();
        if samples < SAMPLES_WORTH_A_THREAD {
            return Self::Done(analyse(evidence, policy));
        }
        let policy = policy.clone();
        Self::Elsewhere(tokio::task::spawn_blocking(move || {
            analyse(evidence, &policy)
        }))
    }

    pub(super) async fn finish(self) -> Result<Analyses, Fault> {
        match self {
            Self::Done(analyses) => Ok(analyses),
            Self::Elsewhere(task) => task.await.map_err(|_| crate::fault::interrupted().into()),
        }
    }
}

fn analyse(evidence: BTreeMap<String, Evidence>, policy: &Policy) -> Analyses {
    evidence
        .into_iter()
        .map(|(code, evidence)| (code, evidence.judge(policy)))
        .collect()
}

/// Judges participants, for a cause, on all that is stored of them. Their rows must be held by this transaction: then nobody else
/// can add to what is read here before it is judged.
pub(super) async fn rejudge(
    conn: &mut Conn,
    trail: &mut Trail,
    ground: &Ground,
    now: Timestamp,
    cause: Cause<'_>,
    met: &[Met],
) -> Result<Judgement, Fault> {
    if met.is_empty() {
        return Ok(Judgement::default());
    }
    let persons = met
        .iter()
        .map(|met| (met.participant.code.as_str(), met.person()));
    let evidence = history::evidence(conn, ground.no, persons).await?;
    let analyses = Analysing::start(evidence, &ground.rule).finish().await?;
    let codes: Vec<&str> = analyses.iter().map(|(code, _)| code.as_str()).collect();
    profiles::delete(conn, ground.no, &codes).await?;
    let standing = steps::standing(conn, ground.no, &codes).await?;
    keep(conn, trail, ground, now, cause, &analyses, standing).await
}

/// Keeps the analyses of participants of whom nothing was kept before.
pub(super) async fn keep_first(
    conn: &mut Conn,
    trail: &mut Trail,
    ground: &Ground,
    now: Timestamp,
    analyses: &Analyses,
) -> Result<Judgement, Fault> {
    let cause = ground.by_data();
    keep(conn, trail, ground, now, cause, analyses, BTreeMap::new()).await
}

async fn keep(
    conn: &mut Conn,
    trail: &mut Trail,
    ground: &Ground,
    now: Timestamp,
    cause: Cause<'_>,
    analyses: &Analyses,
    standing: BTreeMap<String, steps::Found>,
) -> Result<Judgement, Fault> {
    let profiles = profiles::write(conn, ground.no, analyses).await?;
    let rhythms: Vec<(&str, RhythmNumbers)> = analyses
        .iter()
        .map(|(code, analysis)| (code.as_str(), RhythmNumbers::from(&analysis.rhythm)))
        .collect();
    rhythms::write(conn, ground, now, &rhythms).await?;
    let steps = steps::step(conn, trail, ground, now, cause, &rhythms, standing).await?;
    Ok(Judgement { profiles, steps })
}
