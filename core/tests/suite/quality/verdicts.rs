//! Verdicts on batches.

use diel_core::quality::{
    BatchEvidence, BatchQuality, BatchResult, BatchVerdict, Bounds, ControlRun, ControlScore,
    ControlTarget, PlateEffect, QualityPolicy, QualityTerms, ScoreAbsence, assess,
};
use diel_core::{Level, MissingReason};

use super::{material, rules, run};
use crate::{above, assert_near, below, exact};

fn results(levels: &[(Level, Option<f64>)]) -> Vec<BatchResult> {
    let result = |(level, replicate_cv_percent): &(Level, Option<f64>)| BatchResult {
        level: *level,
        replicate_cv_percent: *replicate_cv_percent,
    };
    levels.iter().map(result).collect()
}

fn good() -> Vec<BatchResult> {
    results(&[
        (exact(5.0), Some(3.0)),
        (exact(2.0), Some(4.0)),
        (exact(9.0), Some(5.0)),
    ])
}

fn judge(results: &[BatchResult], runs: &[ControlRun], terms: QualityTerms) -> BatchQuality {
    let evidence = BatchEvidence {
        results,
        runs,
        plate_effect: None,
    };
    assess(&evidence, &QualityPolicy::new(terms).unwrap())
}

fn by_default(results: &[BatchResult], runs: &[ControlRun]) -> BatchQuality {
    judge(results, runs, QualityTerms::default())
}

fn told(quality: &BatchQuality) -> (BatchVerdict, String) {
    (quality.verdict, quality.reasons.to_string())
}

#[test]
fn controls_within_their_limits_pass() {
    let quality = by_default(&good(), &[run(&[0.3, -1.1])]);
    assert_eq!(told(&quality), (BatchVerdict::Pass, String::new()));
    // sqrt((9 + 16 + 25) / 3) and (3 + 4 + 5) / 3.
    let intra = quality.intra_assay.unwrap();
    assert_near(intra.pooled.percent, 4.082_483, 1e-6);
    assert_near(intra.mean_percent, 4.0, 1e-12);
    assert_eq!((quality.high_cv.count, quality.high_cv.of), (0, 3));
}

#[test]
fn a_batch_without_controls_neither_passes_nor_fails() {
    for runs in [&[][..], &[run(&[9.0]), run(&[])]] {
        let quality = by_default(&good(), runs);
        assert_eq!(
            told(&quality),
            (BatchVerdict::NotAssessed, "not_controlled".to_owned())
        );
    }
    let untargeted = ControlRun {
        controls: vec![ControlScore::of(material("A"), exact(5.0), None)],
    };
    assert_eq!(
        told(&by_default(&good(), &[untargeted])),
        (
            BatchVerdict::NotAssessed,
            "not_controlled;control_without_target".to_owned()
        )
    );
    let bad = results(&[(exact(5.0), Some(30.0)), (exact(2.0), Some(4.0))]);
    let quality = by_default(&bad, &[]);
    assert_eq!(
        quality.verdict,
        BatchVerdict::Review,
        "what else is found still counts"
    );
}

#[test]
fn a_warning_is_named_and_rejects_nothing() {
    assert_eq!(
        told(&by_default(&good(), &[run(&[2.5, 0.0])])),
        (BatchVerdict::Pass, "control_1_2s".to_owned())
    );
    assert_eq!(
        told(&by_default(&good(), &[run(&[3.5, 0.0])])),
        (BatchVerdict::Fail, "control_1_2s;control_1_3s".to_owned())
    );
    let earlier = by_default(&good(), &[run(&[2.5]), run(&[2.1])]);
    assert_eq!(
        told(&earlier),
        (BatchVerdict::Fail, "control_1_2s;control_2_2s".to_owned())
    );
    let after = by_default(&good(), &[run(&[3.5]), run(&[0.1])]);
    assert_eq!(
        told(&after).0,
        BatchVerdict::Pass,
        "a run is judged by its own controls"
    );
}

#[test]
fn which_rules_review_and_which_fail_is_a_term() {
    let terms = QualityTerms {
        noting: rules(""),
        reviewing: rules("1_3s/2of3_2s"),
        failing: rules("2_2s"),
        ..QualityTerms::default()
    };
    assert_eq!(
        told(&judge(&good(), &[run(&[3.5, 0.0])], terms)),
        (BatchVerdict::Review, "control_1_3s".to_owned())
    );
    assert_eq!(
        told(&judge(&good(), &[run(&[3.5, 2.5])], terms)),
        (BatchVerdict::Fail, "control_1_3s;control_2_2s".to_owned())
    );
}

#[test]
fn shares_and_spread_ask_for_a_look() {
    let controlled = [run(&[0.0])];
    // One of four over 15 %, more than a tenth; pooled sqrt((400 + 3) / 4) = 10.04 %, more than 10 %.
    let cvs = results(&[
        (exact(5.0), Some(20.0)),
        (exact(5.0), Some(1.0)),
        (exact(5.0), Some(1.0)),
        (exact(5.0), Some(1.0)),
        (exact(5.0), None),
    ]);
    assert_eq!(
        told(&by_default(&cvs, &controlled)),
        (
            BatchVerdict::Review,
            "replicate_cv_high_share;intra_assay_cv_high".to_owned()
        )
    );
    let censored = results(&[
        (below(0.5), None),
        (below(0.5), None),
        (above(80.0), None),
        (Level::Missing(MissingReason::NoSample), None),
    ]);
    let quality = by_default(&censored, &controlled);
    assert_eq!(
        told(&quality),
        (
            BatchVerdict::Review,
            "replicate_cv_unknown;below_limit_share".to_owned()
        )
    );
    assert_eq!((quality.below_limit.count, quality.below_limit.of), (2, 3));
    let terms = QualityTerms {
        high_cv_share: Bounds {
            review_above: None,
            fail_above: Some(0.2),
        },
        ..QualityTerms::default()
    };
    assert_eq!(judge(&cvs, &controlled, terms).verdict, BatchVerdict::Fail);
}

#[test]
fn a_plate_effect_counts_by_size_and_certainty() {
    let effect = |effect_ln: f64, z: f64| PlateEffect {
        effect_ln,
        se_ln: effect_ln / z,
        z,
        persons: 12,
        other_persons: 60,
    };
    let judged = |effect| {
        let evidence = BatchEvidence {
            results: &good(),
            runs: &[run(&[0.0])],
            plate_effect: Some(effect),
        };
        assess(&evidence, &QualityPolicy::default()).verdict
    };
    assert_eq!(judged(effect(-0.4, -4.5)), BatchVerdict::Review);
    assert_eq!(judged(effect(0.4, 2.9)), BatchVerdict::Pass, "not certain");
    assert_eq!(
        judged(effect(0.2, 9.0)),
        BatchVerdict::Pass,
        "22 % is small"
    );
}

#[test]
fn readings_beyond_a_limit_have_a_score_where_that_says_something() {
    let target = ControlTarget::new(5.0, 0.5).unwrap();
    assert_eq!(target.z(exact(6.5)), Ok(3.0));
    assert_eq!(target.z(below(3.0)), Ok(-4.0));
    assert_eq!(target.z(above(7.0)), Ok(4.0));
    assert_eq!(target.z(below(7.0)), Err(ScoreAbsence::CensoredAcrossMean));
    assert_eq!(
        target.z(Level::Missing(MissingReason::NoSample)),
        Err(ScoreAbsence::Missing)
    );
    let missing = ControlScore::of(
        material("A"),
        Level::Missing(MissingReason::NoSample),
        Some(&target),
    );
    let with_other = ControlRun {
        controls: vec![missing, run(&[0.0]).controls[0].clone()],
    };
    assert_eq!(
        told(&by_default(&good(), &[with_other])),
        (BatchVerdict::Pass, "control_missing".to_owned())
    );
}

#[test]
fn targets_and_terms_out_of_range_are_refused_with_their_rule() {
    let refused = |mean, sd| ControlTarget::new(mean, sd).unwrap_err().to_string();
    assert_eq!(refused(-1.0, 1.0), "mean: -1 nmol/L is negative");
    assert_eq!(refused(0.0, 1.0), "mean: 0 nmol/L is not more than 0");
    assert_eq!(refused(5.0, f64::NAN), "sd: NaN is not a finite number");
    assert!(refused(5.0, 0.0).starts_with("sd: 0 nmol/L is not more than 0"));
    let refused = |terms| QualityPolicy::new(terms).unwrap_err().to_string();
    let share = Bounds {
        review_above: Some(1.5),
        fail_above: None,
    };
    assert_eq!(
        refused(QualityTerms {
            below_limit_share: share,
            ..QualityTerms::default()
        }),
        "below_limit_share: 1.5 of the results is more than 1, the most accepted for a share"
    );
    let crossed = Bounds {
        review_above: Some(0.5),
        fail_above: Some(0.2),
    };
    assert_eq!(
        refused(QualityTerms {
            high_cv_share: crossed,
            ..QualityTerms::default()
        }),
        "high_cv_share: fails above 0.2 but asks for a review only above 0.5"
    );
}
