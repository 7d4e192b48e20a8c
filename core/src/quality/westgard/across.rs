//! Rules over the readings of several controls together. The order within a run does not matter, since the laboratory
//! chooses it and it says nothing of time: rows reach back over whole runs.

use super::{ControlRef, Reading, Shape, SignedLimit, beyond, readings};
use crate::quality::{ControlMaterial, ControlRun};

/// The readings that break the rule together, some of them in the latest run.
pub(super) fn broken(runs: &[ControlRun], shape: Shape) -> Option<Vec<ControlRef>> {
    let (latest, run) = runs.iter().enumerate().next_back()?;
    let of_run: Vec<Reading> = readings(latest, run).collect();
    match shape {
        Shape::One { .. } | Shape::Trend { .. } => None,
        Shape::Row { need: 2, of, sd } => two_in_run(runs, &of_run, of, sd),
        Shape::Row { need, sd, .. } => row(runs, need, sd),
        Shape::Opposite { sd } => opposite(&of_run, sd),
        Shape::Apart { sd } => apart(&of_run, sd),
    }
}

/// Two of at least so many readings of the run, of different materials, beyond the same limit.
fn two_in_run(
    runs: &[ControlRun],
    of_run: &[Reading],
    of: usize,
    sd: f64,
) -> Option<Vec<ControlRef>> {
    if of_run.len() < of {
        return None;
    }
    SignedLimit::both(sd)
        .into_iter()
        .map(|limit| beyond(of_run, limit))
        .find(|out| are_of_several_materials(runs, out))
}

/// The fewest whole runs, latest first, that hold so many readings, all of them beyond the same limit.
fn row(runs: &[ControlRun], need: usize, sd: f64) -> Option<Vec<ControlRef>> {
    let mut row: Vec<Reading> = Vec::new();
    for (position, run) in runs.iter().enumerate().rev() {
        row.splice(..0, readings(position, run));
        if row.len() >= need {
            break;
        }
    }
    if row.len() < need || row.last()?.at.run + 1 != runs.len() {
        return None;
    }
    SignedLimit::both(sd)
        .into_iter()
        .map(|limit| beyond(&row, limit))
        .find(|out| out.len() == row.len() && are_of_several_materials(runs, out))
}

/// Those of the run beyond either limit, when both are exceeded.
fn opposite(of_run: &[Reading], sd: f64) -> Option<Vec<ControlRef>> {
    let [mut out, below] = SignedLimit::both(sd).map(|limit| beyond(of_run, limit));
    if out.is_empty() || below.is_empty() {
        return None;
    }
    out.extend(below);
    out.sort_unstable();
    Some(out)
}

/// The lowest and the highest of the run, when they lie further apart.
fn apart(of_run: &[Reading], sd: f64) -> Option<Vec<ControlRef>> {
    let by_z = |one: &&Reading, other: &&Reading| one.z.total_cmp(&other.z);
    let lowest = of_run.iter().min_by(by_z)?;
    let highest = of_run.iter().max_by(by_z)?;
    (highest.z - lowest.z > sd).then(|| {
        let mut out = vec![lowest.at, highest.at];
        out.sort_unstable();
        out
    })
}

fn are_of_several_materials(runs: &[ControlRun], controls: &[ControlRef]) -> bool {
    let mut materials = controls.iter().filter_map(|at| material(runs, *at));
    let first = materials.next();
    materials.any(|other| Some(other) != first)
}

fn material(runs: &[ControlRun], at: ControlRef) -> Option<&ControlMaterial> {
    let score = runs.get(at.run)?.controls.get(at.control)?;
    Some(&score.material)
}
