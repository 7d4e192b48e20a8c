//! Rules over the readings of one material, in the latest run and back over the runs before it.

use super::{ControlRef, Reading, Shape, SignedLimit, beyond, readings};
use crate::quality::{ControlMaterial, ControlRun};

/// For each material of the latest run that breaks the rule, the readings that do.
pub(super) fn broken(runs: &[ControlRun], shape: Shape) -> Vec<Vec<ControlRef>> {
    let Some(latest) = runs.len().checked_sub(1) else {
        return Vec::new();
    };
    materials(runs)
        .into_iter()
        .filter_map(|material| {
            let series = series(runs, material);
            let ends = (1..=series.len()).rev();
            ends.filter_map(|end| series.get(..end))
                .take_while(|until| until.last().is_some_and(|last| last.at.run == latest))
                .find_map(|until| broken_at_end(until, shape))
        })
        .collect()
}

/// The materials of the latest run, each once, as measured.
fn materials(runs: &[ControlRun]) -> Vec<&ControlMaterial> {
    let mut materials: Vec<&ControlMaterial> = Vec::new();
    for score in runs.last().into_iter().flat_map(|run| &run.controls) {
        if !materials.contains(&&score.material) {
            materials.push(&score.material);
        }
    }
    materials
}

/// The readings of one material over all runs.
fn series(runs: &[ControlRun], material: &ControlMaterial) -> Vec<Reading> {
    let positioned = runs.iter().enumerate();
    positioned
        .flat_map(|(position, run)| {
            readings(position, run).filter(|reading| {
                let score = run.controls.get(reading.at.control);
                score.is_some_and(|score| score.material == *material)
            })
        })
        .collect()
}

/// The readings at the end of a series that break the rule, the last one among them.
fn broken_at_end(series: &[Reading], shape: Shape) -> Option<Vec<ControlRef>> {
    let last = series.last()?;
    let ending = |length: usize| {
        let first = series.len().saturating_sub(length);
        series.get(first..).unwrap_or_default()
    };
    match shape {
        Shape::One { sd } => (last.z.abs() > sd).then(|| vec![last.at]),
        Shape::Row { need, of, sd } => SignedLimit::both(sd)
            .into_iter()
            .filter(|limit| limit.is_exceeded(last.z))
            .map(|limit| beyond(ending(of), limit))
            .find(|out| out.len() >= need),
        Shape::Trend { length } => {
            let row = ending(length);
            (row.len() == length && is_trend(row)).then(|| row.iter().map(|one| one.at).collect())
        }
        // Two readings of one material in a run are compared with all others of the run, in `across`.
        Shape::Opposite { .. } | Shape::Apart { .. } => None,
    }
}

fn is_trend(row: &[Reading]) -> bool {
    let steps = || row.iter().zip(row.iter().skip(1));
    steps().all(|(one, next)| one.z < next.z) || steps().all(|(one, next)| one.z > next.z)
}
