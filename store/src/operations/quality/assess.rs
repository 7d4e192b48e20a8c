//! The verdict on a batch, from its results, its controls and the runs before it.

use std::collections::HashMap;

use diel_core::Limits;
use diel_core::quality::{
    BatchEvidence, BatchResult, ControlMaterial, ControlRef, ControlRun, ControlScore, Violation,
    WestgardRules, assess,
};
use jiff::Timestamp;

use super::super::ground::Ground;
use super::super::{Conn, controls};
use super::measured::{self, Earlier, Place};
use crate::fault::Fault;
use crate::ids;
use crate::{
    BatchAssessment, BatchControl, BrokenPoint, BrokenRule, Control, ControlMark, NewBatchControl,
};

/// What an assessment found.
#[derive(Debug)]
pub(in super::super) struct Assessed {
    pub(in super::super) assessment: BatchAssessment,
    /// The batch's controls with their scores.
    pub(in super::super) controls: Vec<BatchControl>,
}

/// Assesses a batch by the policy and the targets in force. One without controls costs no question to the engine.
pub(in super::super) async fn verdict(
    conn: &mut Conn,
    ground: &Ground,
    place: &Place,
    results: &[BatchResult],
    controls: Vec<NewBatchControl>,
    now: Timestamp,
) -> Result<Assessed, Fault> {
    let policy = &ground.quality;
    let series = if controls.is_empty() {
        Series::default()
    } else {
        let targets = controls::of_lab(conn, ground.no, &place.lab, &place.assay).await?;
        let before = policy.control_runs.saturating_sub(1);
        let earlier = measured::before(conn, ground.no, place, before).await?;
        Series::new(earlier, place.batch_no, &controls, targets)
    };
    let evidence = BatchEvidence {
        results,
        runs: &series.runs,
        plate_effect: None,
    };
    let quality = assess(&evidence, &policy.policy);
    let own = series.runs.len().saturating_sub(1);
    let controls = controls
        .into_iter()
        .enumerate()
        .map(|(position, control)| {
            let at = ControlRef {
                run: own,
                control: position,
            };
            BatchControl {
                score: series.mark(at),
                rules: rules_broken_by(at, &quality.violations),
                control,
            }
        })
        .collect();
    let broken = quality
        .violations
        .iter()
        .map(|violation| series.broken(violation))
        .collect();
    Ok(Assessed {
        assessment: BatchAssessment::of(&quality, broken, policy.version, now),
        controls,
    })
}

/// Runs with the batches that they are of, oldest first, and the targets that they were scored by.
#[derive(Default)]
struct Series {
    batches: Vec<i64>,
    runs: Vec<ControlRun>,
    targets: HashMap<ControlMaterial, Control>,
}

impl Series {
    fn new(
        earlier: Vec<Earlier>,
        batch_no: i64,
        own: &[NewBatchControl],
        targets: HashMap<ControlMaterial, Control>,
    ) -> Self {
        let mut series = Self {
            targets,
            ..Self::default()
        };
        for control in earlier {
            series.add(control);
        }
        for control in own {
            series.add(Earlier {
                batch_no,
                material: control.material.clone(),
                measurement: control.measurement,
            });
        }
        series
    }

    fn add(&mut self, control: Earlier) {
        // A laboratory reports its controls as it read them: the limits are for samples.
        let level = control.measurement.level(&Limits::default());
        let target = self.targets.get(&control.material);
        let score = ControlScore::of(
            control.material,
            level,
            target.map(|control| &control.terms.target),
        );
        match self.runs.last_mut() {
            Some(run) if self.batches.last() == Some(&control.batch_no) => run.controls.push(score),
            _ => {
                self.batches.push(control.batch_no);
                self.runs.push(ControlRun {
                    controls: vec![score],
                });
            }
        }
    }

    fn score(&self, at: ControlRef) -> Option<&ControlScore> {
        self.runs.get(at.run)?.controls.get(at.control)
    }

    fn mark(&self, at: ControlRef) -> Option<ControlMark> {
        let score = self.score(at)?;
        let target = self.targets.get(&score.material)?;
        Some(ControlMark {
            control: target.id.clone(),
            version: target.version,
            z: score.z.ok(),
        })
    }

    fn broken(&self, violation: &Violation) -> BrokenRule {
        let point = |at: &ControlRef| {
            let batch_no = self.batches.get(at.run)?;
            let mark = self.mark(*at)?;
            Some(BrokenPoint {
                batch: ids::batch_id(*batch_no),
                control: mark.control,
                z: mark.z?,
            })
        };
        BrokenRule {
            rule: violation.rule,
            scope: violation.scope,
            points: violation.controls.iter().filter_map(point).collect(),
        }
    }
}

fn rules_broken_by(at: ControlRef, violations: &[Violation]) -> WestgardRules {
    violations
        .iter()
        .filter(|violation| violation.controls.contains(&at))
        .map(|violation| violation.rule)
        .collect()
}
