//! Whether a control wanders from run to run.

use super::{ControlMaterial, ControlRun};
use crate::LeastSquaresLine;
use crate::coded::coded;
use crate::tails::student_two_sided;

coded! {
    /// Why the drift of a control could not be computed.
    DriftAbsence, "drift_absence" {
        FewRuns = "few_runs": "A drift with its uncertainty needs the control in at least three runs.",
    }
}

/// The straight line through a control's z-scores, run by run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ControlDrift {
    /// How many SD it rises a run.
    pub sd_per_run: f64,
    /// Its standard error.
    pub se_sd_per_run: f64,
    /// Probability of a line at least as steep, either way, where there is no drift.
    pub p_two_sided: f64,
    /// The mean z over the runs.
    pub mean_z: f64,
    /// Runs that it rests on.
    pub runs: usize,
}

/// The drift of one material over the runs, oldest first. Of several readings in a run the mean counts.
///
/// # Errors
/// Fewer than three runs with a z-score.
pub fn control_drift(
    runs: &[ControlRun],
    material: &ControlMaterial,
) -> Result<ControlDrift, DriftAbsence> {
    let (positions, means): (Vec<f64>, Vec<f64>) = runs
        .iter()
        .enumerate()
        .filter_map(|(position, run)| Some((position as f64, mean_z(run, material)?)))
        .unzip();
    let line = LeastSquaresLine::fit(&positions, &means).map_err(|_| DriftAbsence::FewRuns)?;
    let se = line.slope_se.ok_or(DriftAbsence::FewRuns)?;
    let df = line.points as f64 - 2.0;
    let p_two_sided = match (line.slope == 0.0, se == 0.0) {
        (true, _) => 1.0,
        (false, true) => 0.0,
        (false, false) => student_two_sided(line.slope / se, df),
    };
    Ok(ControlDrift {
        sd_per_run: line.slope,
        se_sd_per_run: se,
        p_two_sided,
        mean_z: means.iter().sum::<f64>() / line.points as f64,
        runs: line.points,
    })
}

fn mean_z(run: &ControlRun, material: &ControlMaterial) -> Option<f64> {
    let of_material = run
        .controls
        .iter()
        .filter(|score| score.material == *material);
    let (count, sum) = of_material
        .filter_map(|score| score.z.ok())
        .fold((0_u32, 0.0), |(count, sum), z| (count + 1, sum + z));
    (count > 0).then(|| sum / f64::from(count))
}
