//! Changes: how they are drawn, how they are made, and what they do to the model.

use diel_core::PolicyTerms;
use diel_store::{
    Amendment, Call, FlagDecision, ParticipantChange, Recall, Registration, RevisionCause, Store,
    StoreError, StudyChange, Submission, SubmissionRow,
};
use proptest::prelude::*;
use proptest::sample::Index;

use super::model::{BatchModel, Model, Revision};
use crate::cohort::{FLAT, STEEP, call_with, day, nmol, now, result, submission};
use crate::orders::{registration, results_only};

/// A change that a caller asks for. Indices choose among what there is; `stale` presents a version that is not in force.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    Submit {
        day: Day,
        knows_facts: bool,
        only_check: bool,
    },
    Register {
        day: Day,
    },
    Repeat {
        which: Index,
        other_content: bool,
    },
    Amend {
        tube: Index,
        stale: bool,
    },
    Recall {
        batch: Index,
        takes: bool,
        stale: bool,
    },
    Rename {
        stale: bool,
    },
    Policy {
        strict: bool,
        stale: bool,
    },
    Decide {
        flag: Index,
        decision: usize,
        stale: bool,
    },
    Reopen {
        flag: Index,
        stale: bool,
    },
    Regroup {
        person: Index,
        group: usize,
        stale: bool,
    },
}

/// One of five days of one of three persons, on either of two curves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day {
    person: usize,
    day: i64,
    is_flat: bool,
}

impl Day {
    fn rows(self) -> Vec<SubmissionRow> {
        let slope = if self.is_flat { FLAT } else { STEEP };
        let mut rows = day(&format!("p{}", self.person), self.day, slope);
        for facts in rows.iter_mut().filter_map(|row| row.collection.as_mut()) {
            // What a participant's group is, only reviewers say here.
            facts.group.clear();
        }
        rows
    }
}

/// A submission as it was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent(Submission);

pub(crate) fn change() -> impl Strategy<Value = Change> {
    // A person is mostly on one curve, so that there are flags.
    let day = || {
        (0..3_usize, 0..5_i64, 0..8_u8).prop_map(|(person, day, chance)| Day {
            person,
            day,
            is_flat: (person == 0) != (chance == 0),
        })
    };
    let rarely = || prop::bool::weighted(0.2);
    prop_oneof![
        8 => (day(), prop::bool::weighted(0.7), rarely())
            .prop_map(|(day, knows_facts, only_check)| Change::Submit { day, knows_facts, only_check }),
        3 => day().prop_map(|day| Change::Register { day }),
        2 => (any::<Index>(), rarely())
            .prop_map(|(which, other_content)| Change::Repeat { which, other_content }),
        3 => (any::<Index>(), rarely()).prop_map(|(tube, stale)| Change::Amend { tube, stale }),
        3 => (any::<Index>(), any::<bool>(), rarely())
            .prop_map(|(batch, takes, stale)| Change::Recall { batch, takes, stale }),
        1 => rarely().prop_map(|stale| Change::Rename { stale }),
        1 => (any::<bool>(), rarely()).prop_map(|(strict, stale)| Change::Policy { strict, stale }),
        2 => (any::<Index>(), 0..3_usize, rarely())
            .prop_map(|(flag, decision, stale)| Change::Decide { flag, decision, stale }),
        1 => (any::<Index>(), rarely()).prop_map(|(flag, stale)| Change::Reopen { flag, stale }),
        1 => (any::<Index>(), 0..3_usize, rarely())
            .prop_map(|(person, group, stale)| Change::Regroup { person, group, stale }),
    ]
}

/// Makes one change in the store and in the model, which must agree on whether it can be. Returns whether something was done.
pub(crate) async fn make(
    store: &Store,
    study: &str,
    model: &mut Model,
    number: usize,
    change: &Change,
) -> bool {
    let call = call_with(&format!("change-{number}"), 1);
    match *change {
        Change::Submit {
            day,
            knows_facts,
            only_check,
        } => {
            let rows = if knows_facts {
                day.rows()
            } else {
                results_only(&day.rows())
            };
            let sent = Submission {
                study: study.to_owned(),
                call: Call {
                    validate_only: only_check,
                    ..call
                },
                ..submission(rows)
            };
            submit(store, model, sent).await
        }
        Change::Register { day } => {
            let facts = Registration {
                study: study.to_owned(),
                call,
                ..registration(&day.rows())
            };
            store.register(facts).await.unwrap();
            for row in day.rows() {
                model.learn_facts(&row.result.specimen, &format!("p{}", day.person));
            }
            true
        }
        Change::Repeat {
            which,
            other_content,
        } => repeat(store, model, which, other_content).await,
        Change::Amend { tube, stale } => amend(store, study, model, call, tube, stale).await,
        Change::Recall {
            batch,
            takes,
            stale,
        } => recall(store, study, model, call, (batch, takes, stale)).await,
        Change::Rename { stale } => {
            let renamed = StudyChange {
                display_name: Some(format!("Renamed by change {number}")),
                ..StudyChange::default()
            };
            let version = model.versions.0 - i64::from(stale);
            let done = store.update_study(study, version, renamed, &call).await;
            model.versions.0 += i64::from(!stale);
            is_done(done, stale)
        }
        Change::Policy { strict, stale } => {
            let terms = PolicyTerms {
                min_days: strict.then_some(4),
                ..PolicyTerms::default()
            };
            let version = model.versions.0 - i64::from(stale);
            let done = store.update_policy(study, version, terms, &call).await;
            judge_everybody(store).await;
            model.versions.0 += i64::from(!stale);
            model.versions.1 += i64::from(!stale);
            is_done(done, stale)
        }
        Change::Decide {
            flag,
            decision,
            stale,
        } => decide(store, study, model, call, (flag, Some(decision), stale)).await,
        Change::Reopen { flag, stale } => {
            decide(store, study, model, call, (flag, None, stale)).await
        }
        Change::Regroup {
            person,
            group,
            stale,
        } => {
            let Some(code) = chosen(person, model.persons.keys()) else {
                return false;
            };
            let known = model.persons.get_mut(&code).unwrap();
            let group = ["case", "control", ""][group].to_owned();
            let version = known.1 - i64::from(stale);
            let change = ParticipantChange {
                group: Some(group.clone()),
                ..ParticipantChange::default()
            };
            let done = store
                .update_participant(study, &code, Some(version), change, false, &call)
                .await;
            if !stale {
                *known = (group, known.1 + 1);
            }
            is_done(done, stale)
        }
    }
}

fn chosen<'a>(index: Index, among: impl Iterator<Item = &'a String>) -> Option<String> {
    let among: Vec<_> = among.collect();
    (!among.is_empty()).then(|| index.get(&among).to_string())
}

/// A change that had to be refused, because it presented an old version, was; any other was made.
fn is_done<T: std::fmt::Debug>(done: Result<T, StoreError>, stale: bool) -> bool {
    match done {
        Ok(_) if !stale => true,
        Err(StoreError::EtagMismatch { .. } | StoreError::FlagMovedOn { .. }) if stale => false,
        other => panic!("stale: {stale}, {other:?}"),
    }
}

async fn submit(store: &Store, model: &mut Model, sent: Submission) -> bool {
    let contradicts = sent.rows.iter().any(|row| {
        let known = model.in_force(&row.result.specimen);
        known.is_some_and(|known| known.measurement != row.result.measurement)
    });
    let answer = store.submit(sent.clone()).await;
    if contradicts {
        assert!(
            matches!(answer, Err(StoreError::Conflicts(_))),
            "{answer:?}"
        );
        return false;
    }
    let answer = answer.unwrap();
    let is_new = |row: &&SubmissionRow| model.in_force(&row.result.specimen).is_none();
    let new: Vec<_> = sent.rows.iter().filter(is_new).cloned().collect();
    // Facts that were not known are stored with a result that was.
    let brings = |row: &&SubmissionRow| {
        let tube = model.tubes.get(&row.result.specimen);
        let knows_whose = tube.is_some_and(|tube| tube.participant.is_some());
        is_new(row) || (row.collection.is_some() && !knows_whose)
    };
    let stored = sent.rows.iter().filter(brings).count();
    assert_eq!(answer.stored as usize, stored);
    assert_eq!(answer.unchanged as usize, sent.rows.len() - stored);
    if sent.call.validate_only {
        return false;
    }
    if let Some(batch) = &answer.batch {
        model.batches.push(BatchModel {
            id: batch.id.clone(),
            results: batch.result_count,
            is_recalled: false,
            version: batch.version,
        });
    }
    assert_eq!(answer.batch.is_some(), !new.is_empty());
    for row in &new {
        let revision = Revision {
            measurement: row.result.measurement,
            batch: model.batches.len() - 1,
            cause: RevisionCause::Sent,
        };
        model.revise(&row.result.specimen, revision);
    }
    for row in &sent.rows {
        if let Some(facts) = &row.collection {
            model.learn_facts(&row.result.specimen, &facts.participant);
        }
    }
    model.answered.push((Sent(sent), answer));
    // One that brings nothing new is noted too.
    true
}

/// The same request is answered as before; the same id with other content is refused.
async fn repeat(store: &Store, model: &Model, which: Index, other_content: bool) -> bool {
    if model.answered.is_empty() {
        return false;
    }
    let (Sent(sent), answer) = which.get(&model.answered);
    let mut again = sent.clone();
    if other_content {
        again.call.request.as_mut().unwrap().digest = [2; 32];
        let refused = store.submit(again).await;
        let reused = matches!(refused, Err(StoreError::RequestIdReused { .. }));
        assert!(reused, "{refused:?}");
    } else {
        let said = store.submit(again).await.unwrap();
        assert!(said.answered_before);
        let told = |answer: &diel_store::Submitted| {
            let batch = answer.batch.as_ref().map(|batch| batch.id.clone());
            (batch, answer.stored, answer.raised_flags.clone())
        };
        assert_eq!(told(&said), told(answer));
    }
    false
}

async fn amend(
    store: &Store,
    study: &str,
    model: &mut Model,
    call: Call,
    tube: Index,
    stale: bool,
) -> bool {
    let with_result = model
        .tubes
        .iter()
        .filter(|(_, tube)| !tube.revisions.is_empty());
    let Some(specimen) = chosen(tube, with_result.map(|(code, _)| code)) else {
        return false;
    };
    let revisions = &model.tubes[&specimen].revisions;
    let (in_force, count) = (revisions[revisions.len() - 1], revisions.len());
    let measurement = nmol(2.0 + f64::from(u32::try_from(count).unwrap()));
    let amendment = Amendment {
        study: study.to_owned(),
        result: result(&specimen, measurement),
        specimen: specimen.clone(),
        replaced_revision: i32::try_from(count).unwrap() - i32::from(stale),
        reason: "pipetting".to_owned(),
        call,
    };
    let done = store.amend(amendment).await;
    if !stale {
        let revision = Revision {
            measurement,
            batch: in_force.batch,
            cause: RevisionCause::Sent,
        };
        model.amend(&specimen, revision);
    }
    is_done(done, stale)
}

async fn recall(
    store: &Store,
    study: &str,
    model: &mut Model,
    call: Call,
    (batch, takes, stale): (Index, bool, bool),
) -> bool {
    if model.batches.is_empty() {
        return false;
    }
    let place = batch.index(model.batches.len());
    let known = &model.batches[place];
    let recall = Recall {
        study: study.to_owned(),
        batch: known.id.clone(),
        version: Some(known.version - i64::from(stale)),
        reason: "standards swapped".to_owned(),
        call,
    };
    let forbidden = known.is_recalled == takes;
    let done = if takes {
        store.recall_batch(recall).await
    } else {
        store.restore_batch(recall).await
    };
    if forbidden && !stale {
        assert!(
            matches!(done, Err(StoreError::StateForbids { .. })),
            "{done:?}"
        );
        return false;
    }
    if !stale {
        model.recall(place, takes);
    }
    is_done(done, stale)
}

/// A decision, or with none another look at a decided flag.
async fn decide(
    store: &Store,
    study: &str,
    model: &mut Model,
    call: Call,
    (flag, decision, stale): (Index, Option<usize>, bool),
) -> bool {
    use diel_store::FlagState::{Open, Resolved};

    let Some(participant) = chosen(flag, model.flags.keys()) else {
        return false;
    };
    let known = &model.flags[&participant];
    let version = known.version - i64::from(stale);
    let (done, admits) = match decision {
        Some(number) => {
            use FlagDecision::{Confirmed, Dismissed, MoreData};
            let decision = [Confirmed, Dismissed, MoreData][number];
            let resolve = store.resolve_flag(study, &known.id, version, decision, "seen", &call);
            (resolve.await, known.state == Open)
        }
        None => {
            let reopen = store.reopen_flag(study, &known.id, version, "again", &call);
            (reopen.await, known.state == Resolved)
        }
    };
    if !admits {
        assert!(done.is_err(), "{known:?} admitted it: {done:?}");
        return false;
    }
    if let Ok(flag) = &done {
        let state = if decision.is_some() { Resolved } else { Open };
        assert_eq!((flag.state, flag.version), (state, known.version + 1));
        model.flags.insert(participant, flag.clone());
    }
    is_done(done, stale)
}

/// Does what a change of policy has queued.
pub(crate) async fn judge_everybody(store: &Store) {
    let lease = std::time::Duration::from_secs(30);
    while let Some(mut job) = store.claim_job("model", now(), lease).await.unwrap() {
        while job.state == diel_store::JobState::Running {
            job = store
                .rejudge_next(&job, "model", 100, now(), lease)
                .await
                .unwrap();
        }
    }
}
