//! Coefficients of variation, worked by hand; quantiles of the chi-squared distribution from tables.

use diel_core::NmolPerL;
use diel_core::quality::{
    CvAbsence, DriftAbsence, ReplicateCv, control_drift, inter_assay_cv, intra_assay_cv,
    replicate_cv,
};

use super::{material, run, series};
use crate::assert_near;

fn readings(numbers: &[f64]) -> Vec<NmolPerL> {
    numbers
        .iter()
        .map(|number| NmolPerL::new(*number).unwrap())
        .collect()
}

fn cv(numbers: &[f64]) -> Result<ReplicateCv, CvAbsence> {
    replicate_cv(&readings(numbers))
}

#[test]
fn a_pair_is_its_difference_over_root_two_over_its_mean() {
    // |4.0 - 4.4| / sqrt(2) / 4.2 = 0.2828 / 4.2
    assert_near(cv(&[4.0, 4.4]).unwrap().percent, 6.734_350, 1e-6);
    // 1, 2, 3: SD 1, mean 2.
    assert_near(cv(&[1.0, 2.0, 3.0]).unwrap().percent, 50.0, 1e-12);
    assert_eq!(cv(&[5.0, 5.0]).unwrap().percent, 0.0);
}

#[test]
fn one_reading_has_no_cv() {
    assert_eq!(cv(&[]), Err(CvAbsence::NoReading));
    assert_eq!(cv(&[5.0]), Err(CvAbsence::OneReading));
    assert_eq!(cv(&[0.0, 0.0]), Err(CvAbsence::MeanZero));
    assert_eq!(intra_assay_cv(&[]), Err(CvAbsence::NoReading));
    assert_eq!(
        inter_assay_cv(&readings(&[5.0])),
        Err(CvAbsence::OneReading)
    );
}

#[test]
fn within_a_run_the_two_formulas_are_both_given() {
    let pairs = [[4.0, 4.4], [10.0, 9.0], [2.0, 2.2]];
    let found = intra_assay_cv(&pairs.map(|pair| cv(&pair).unwrap())).unwrap();
    // CVs 6.7344, 7.4432 and 6.7344 %: root mean square 6.97865, mean 6.97064.
    assert_near(found.pooled.percent, 6.978_649, 1e-6);
    assert_near(found.mean_percent, 6.970_643, 1e-6);
    assert_eq!((found.pooled.n, found.pooled.df), (3, 3));
    // 6.97865 x sqrt(3 / 9.34840) and x sqrt(3 / 0.215795).
    assert_near(found.pooled.lower_percent, 3.953_331, 1e-5);
    assert_near(found.pooled.upper_percent, 26.020_222, 1e-4);
}

#[test]
fn triplicates_weigh_twice_as_much_as_pairs() {
    let replicates = [
        ReplicateCv {
            percent: 10.0,
            readings: 2,
        },
        ReplicateCv {
            percent: 4.0,
            readings: 3,
        },
    ];
    let found = intra_assay_cv(&replicates).unwrap();
    // sqrt((100 + 2 x 16) / 3)
    assert_near(found.pooled.percent, 6.633_250, 1e-6);
    assert_near(found.mean_percent, 7.0, 1e-12);
}

#[test]
fn between_runs_the_means_of_a_control_vary() {
    let found = inter_assay_cv(&readings(&[5.0, 5.4, 4.8, 5.2, 4.6])).unwrap();
    // Mean 5, squares 0 + 0.16 + 0.04 + 0.04 + 0.16 = 0.4, SD sqrt(0.1).
    assert_near(found.percent, 6.324_555, 1e-6);
    assert_eq!((found.n, found.df), (5, 4));
    // Vangel's interval with 11.14329 and 0.484419.
    assert_near(found.lower_percent, 3.784_828, 1e-5);
    assert_near(found.upper_percent, 18.326_874, 1e-4);
}

#[test]
fn a_control_drifts_by_the_slope_of_its_scores() {
    let runs = series(&[-1.0, -0.4, -0.5, 0.3, 0.9, 0.8]);
    let drift = control_drift(&runs, &material("A")).unwrap();
    // By hand, and scipy.stats.linregress 1.16.
    assert_near(drift.sd_per_run, 0.391_428_571, 1e-9);
    assert_near(drift.se_sd_per_run, 0.061_765_411, 1e-9);
    assert_near(drift.p_two_sided, 0.003_174_413_7, 1e-9);
    assert_near(drift.mean_z, 0.1 / 6.0, 1e-12);
    assert_eq!(drift.runs, 6);
    assert_eq!(
        control_drift(&runs[..2], &material("A")),
        Err(DriftAbsence::FewRuns)
    );
    assert_eq!(
        control_drift(&runs, &material("B")),
        Err(DriftAbsence::FewRuns)
    );
    let level = control_drift(&vec![run(&[1.0]); 4], &material("A")).unwrap();
    assert_eq!((level.sd_per_run, level.p_two_sided), (0.0, 1.0));
}
