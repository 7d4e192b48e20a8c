//! Inputs and answers that the tests of other software state, against the kernels that profiles are made of.

use diel_core::{auc_ground, auc_increase, max_increase, two_point_slope};
use serde::Deserialize;

use crate::command::real_data;

const TOLERANCE: f64 = 1e-10;

/// A case; `null` is a missing number, and an expected `null` an answer that does not exist.
#[derive(Debug, Deserialize)]
struct Case {
    name: String,
    feature: String,
    times_min: Option<Vec<f64>>,
    values: Vec<serde_json::Value>,
    expected: serde_json::Value,
    #[serde(default)]
    remove_s0: bool,
    sample_idx: Option<Vec<i64>>,
    unit: Option<String>,
}

impl Case {
    /// Times and values of the samples that have a value; `None` when one of them is missing.
    fn complete(&self) -> Option<(Vec<f64>, Vec<f64>)> {
        let skip = usize::from(self.remove_s0);
        let times = self.times_min.clone()?;
        let values: Option<Vec<f64>> = self
            .values
            .iter()
            .skip(skip)
            .map(serde_json::Value::as_f64)
            .collect();
        Some((times.into_iter().skip(skip).collect(), values?))
    }
}

impl Case {
    /// The two samples of a slope, the earlier one first; negative indices count from the end. `None` for what the
    /// other software refuses: one index, none of these samples, or going back in time.
    fn pair(&self) -> Option<(usize, usize)> {
        let length = i64::try_from(self.values.len()).unwrap();
        let position = |index: i64| if index < 0 { index + length } else { index };
        let [first, second] = *self.sample_idx.as_deref()? else {
            return None;
        };
        let (first, second) = (position(first), position(second));
        let is_known = 0 <= first && first < second && second < length;
        is_known.then(|| {
            (
                usize::try_from(first).unwrap(),
                usize::try_from(second).unwrap(),
            )
        })
    }
}

#[test]
fn the_cases_of_saliva_software_hold() {
    let Some(file) = real_data("reference/saliva_cases.json") else {
        return;
    };
    let cases: Vec<Case> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut compared = std::collections::BTreeMap::<String, u32>::new();
    for case in &cases {
        let computed = match case.feature.as_str() {
            "auc_g" | "auc_i" | "max_inc" => match case.complete() {
                None => None,
                Some((times, values)) => match case.feature.as_str() {
                    "auc_g" => auc_ground(&times, &values).ok(),
                    "auc_i" => auc_increase(&times, &values).ok(),
                    _ => max_increase(&values).ok(),
                },
            },
            "slope_two_point" => case.pair().and_then(|(first, second)| {
                let times = case.times_min.as_ref().expect("times");
                let (y1, y2) = (case.values[first].as_f64()?, case.values[second].as_f64()?);
                two_point_slope(times[first], y1, times[second], y2).ok()
            }),
            // What is not a kernel here: summary statistics, scores, post-stress areas.
            _ => continue,
        };
        assert!(
            case.unit.as_deref().is_none_or(|unit| unit == "per_minute"),
            "{case:?}"
        );
        match (computed, case.expected.as_f64()) {
            (Some(ours), Some(theirs)) => assert!(
                (ours - theirs).abs() <= TOLERANCE * theirs.abs().max(1.0),
                "{case:?}: {ours}"
            ),
            (None, None) => {}
            (ours, theirs) => panic!("{}: {ours:?}, stated {theirs:?}", case.name),
        }
        *compared.entry(case.feature.clone()).or_default() += 1;
    }
    let compared: Vec<_> = compared
        .iter()
        .map(|(feature, count)| (feature.as_str(), *count))
        .collect();
    assert_eq!(
        compared,
        [
            ("auc_g", 24),
            ("auc_i", 17),
            ("max_inc", 9),
            ("slope_two_point", 18)
        ]
    );
}
