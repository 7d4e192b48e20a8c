//! The definitions of the rules, at their edges.

use diel_core::quality::{
    ControlRef, ControlScore, Scope, ScoreAbsence, WestgardRule, WestgardRules,
    violations_of_latest,
};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

use super::{codes, material, rules, run, series};

fn latest(runs: &[diel_core::quality::ControlRun], wanted: &str) -> Vec<&'static str> {
    codes(&violations_of_latest(runs, rules(wanted)))
}

fn of_series(scores: &[f64], wanted: &str) -> bool {
    !latest(&series(scores), wanted).is_empty()
}

#[test]
fn a_limit_has_to_be_exceeded() {
    for (limit, rule) in [(2.0, "1_2s"), (3.0, "1_3s")] {
        assert!(!of_series(&[limit], rule) && !of_series(&[-limit], rule));
        assert!(of_series(&[limit + 1e-9], rule) && of_series(&[-limit - 1e-9], rule));
    }
    assert!(!of_series(&[2.1, 2.0], "2_2s"));
    assert!(!of_series(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.0], "6_x"));
}

#[test]
fn rows_of_one_material_lie_on_one_side() {
    assert!(of_series(&[2.1, 2.2], "2_2s"));
    assert!(!of_series(&[2.1, -2.2], "2_2s"));
    assert!(!of_series(&[2.1, 0.0, 2.2], "2_2s"));
    assert!(of_series(&[-1.1, -1.2, -1.3, -1.4], "4_1s"));
    assert!(!of_series(&[-1.1, -1.2, 1.3, -1.4], "4_1s"));
    assert!(!of_series(&[-1.2, -1.3, -1.4], "4_1s"));
    assert!(of_series(&[1.2, 1.3, 1.4], "3_1s"));
    for (length, rule) in [
        (6, "6_x"),
        (8, "8_x"),
        (9, "9_x"),
        (10, "10_x"),
        (12, "12_x"),
    ] {
        assert!(of_series(&vec![0.1; length], rule), "{rule}");
        assert!(!of_series(&vec![0.1; length - 1], rule), "{rule}");
    }
}

#[test]
fn two_of_three_need_not_be_in_a_row() {
    assert!(of_series(&[2.1, 0.0, 2.2], "2of3_2s"));
    assert!(!of_series(&[2.1, 0.0, 0.0, 2.2], "2of3_2s"));
    assert!(
        !of_series(&[2.1, 2.2, 0.0], "2of3_2s"),
        "told when it happened"
    );
    assert_eq!(latest(&[run(&[2.1, 0.0, 2.2])], "2of3_2s"), ["2of3_2s"]);
    assert!(
        latest(&[run(&[2.1, 2.2])], "2of3_2s").is_empty(),
        "two are not three"
    );
}

#[test]
fn a_trend_of_seven_rises_or_falls_strictly() {
    assert!(of_series(&[-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3], "7_T"));
    assert!(of_series(&[0.3, 0.2, 0.1, 0.0, -0.1, -0.2, -0.3], "7_T"));
    assert!(!of_series(&[-0.3, -0.2, -0.1, -0.1, 0.1, 0.2, 0.3], "7_T"));
    assert!(!of_series(&[-0.2, -0.1, 0.0, 0.1, 0.2, 0.3], "7_T"));
}

#[test]
fn opposite_limits_count_within_a_run_only() {
    assert_eq!(latest(&[run(&[2.1, -2.1])], "R_4s"), ["r_4s"]);
    assert!(latest(&[run(&[2.1]), run(&[-2.1])], "R_4s/R_4s_range").is_empty());
    // 2.5 - (-1.6) = 4.1 SD apart, the second not beyond its limit: the two readings of the rule differ.
    let apart = [run(&[2.5, -1.6])];
    assert_eq!(latest(&apart, "R_4s/R_4s_range"), ["r_4s_range"]);
}

#[test]
fn materials_count_together_over_whole_runs() {
    let two = |z: f64| run(&[z, z]);
    assert_eq!(latest(&[two(2.1)], "2_2s"), ["2_2s"]);
    assert!(latest(&[two(1.1)], "4_1s").is_empty());
    assert_eq!(latest(&[two(1.1), two(1.2)], "4_1s"), ["4_1s"]);
    assert!(latest(&[run(&[0.9, 1.1]), two(1.2)], "4_1s").is_empty());
    let five = vec![two(0.2); 5];
    assert_eq!(latest(&five, "10_x"), ["10_x"]);
    assert!(latest(&five[1..], "10_x").is_empty());
    // Three materials: ten readings take four whole runs.
    let three = vec![run(&[0.2, 0.2, 0.2]); 4];
    assert_eq!(latest(&three, "10_x"), ["10_x"]);
    assert!(latest(&three[1..], "10_x").is_empty());
}

#[test]
fn another_lot_begins_anew() {
    let mut runs = series(&[2.1, 2.2]);
    assert_eq!(latest(&runs, "2_2s"), ["2_2s"]);
    runs[1].controls[0].material.lot = "2".to_owned();
    assert!(latest(&runs, "2_2s").is_empty());
}

#[test]
fn readings_without_a_score_are_passed_over() {
    let unknown = |absence| ControlScore {
        material: material("A"),
        z: Err(absence),
    };
    let mut runs = series(&[2.1, 0.0, 2.2]);
    runs[1].controls = vec![unknown(ScoreAbsence::Missing)];
    assert_eq!(latest(&runs, "2_2s"), ["2_2s"]);
    runs.push(run(&[]));
    assert!(
        latest(&runs, "2_2s/10_x").is_empty(),
        "an old row is not told again"
    );
    assert!(violations_of_latest(&[], WestgardRules::all()).is_empty());
}

#[test]
fn a_violation_names_the_readings_that_make_it_up() {
    let at = |run, control| ControlRef { run, control };
    let found = violations_of_latest(&[run(&[0.0, 2.1]), run(&[0.0, 2.2])], rules("2_2s"));
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].rule, found[0].scope),
        (WestgardRule::TwoTwoS, Scope::WithinMaterial)
    );
    assert_eq!(found[0].controls, [at(0, 1), at(1, 1)]);
    let found = violations_of_latest(&[run(&[2.1, -2.2, 0.0])], rules("R_4s"));
    assert_eq!(found[0].scope, Scope::AcrossMaterials);
    assert_eq!(found[0].controls, [at(0, 0), at(0, 1)]);
}

/// Rates of false alarms of two controls in one run, from the normal distribution: P(|z| > 2) = 0.0455 and P(z > 2) =
/// 0.02275, so that 1_2s is 1 - 0.9545^2 = 0.0890, 2_2s and R_4s are 2 x 0.02275^2 = 0.00104 each, and 1_3s is
/// 1 - 0.9973^2 = 0.00539.
#[test]
fn false_alarms_are_as_frequent_as_the_normal_distribution_says() {
    let mut seed = ChaCha8Rng::seed_from_u64(7);
    let mut z = || -> f64 { StandardNormal.sample(&mut seed) };
    let runs = 200_000;
    let mut counts = [0_u32; 4];
    let wanted = ["1_2s", "1_3s", "2_2s", "r_4s"];
    for _ in 0..runs {
        let found = violations_of_latest(&[run(&[z(), z()])], WestgardRules::classical());
        for (count, rule) in counts.iter_mut().zip(wanted) {
            *count += u32::from(codes(&found).contains(&rule));
        }
    }
    for ((count, expected), rule) in counts
        .into_iter()
        .zip([0.088_96, 0.005_392, 0.001_035, 0.001_035])
        .zip(wanted)
    {
        let found = f64::from(count) / f64::from(runs);
        let se = f64::sqrt(expected / f64::from(runs));
        assert!(
            (found - expected).abs() < 4.0 * se,
            "{rule}: {found} is not {expected}"
        );
    }
}

proptest! {
    /// The rules do not know above from below, nor in which order a laboratory pipettes its controls.
    #[test]
    fn sides_and_the_order_of_materials_do_not_matter(
        scores in prop::collection::vec(prop::collection::vec(-3.5..3.5_f64, 2..4), 1..14)
    ) {
        let runs: Vec<_> = scores.iter().map(|z| run(z)).collect();
        let mirrored: Vec<_> = scores
            .iter()
            .map(|z| run(&z.iter().map(|z| -z).collect::<Vec<_>>()))
            .collect();
        let mut shuffled = runs.clone();
        shuffled.iter_mut().for_each(|run| run.controls.reverse());
        let all = WestgardRules::all();
        let sorted = |runs: &[_]| {
            let mut found = codes(&violations_of_latest(runs, all));
            found.sort_unstable();
            found
        };
        let found = sorted(&runs);
        prop_assert_eq!(&found, &sorted(&mirrored));
        prop_assert_eq!(&found, &sorted(&shuffled));
        for violation in violations_of_latest(&runs, all) {
            prop_assert!(violation.controls.iter().any(|at| at.run + 1 == runs.len()));
        }
    }
}
