//! What two thousand simulated studies say of the intervals and tests of a fit: docs/methods.md has the figures.

use std::ops::ControlFlow;
use std::sync::Arc;

use diel_core::Reference;
use diel_core::design::{Difference, Power, PowerPlan, PowerStudy};

const STUDIES: u32 = 2_000;

fn go_on(_: u32) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Power and size of 20 against 20 persons on three days.
fn studied(preset: &str, schedule_h: &[f64]) -> [Power; 2] {
    let study = PowerStudy::new(PowerPlan {
        reference: Arc::clone(Reference::find(preset).unwrap()),
        schedule_h: schedule_h.to_vec(),
        difference: Difference::Sds(0.8),
        studies: STUDIES,
        ..PowerPlan::default()
    })
    .unwrap();
    [
        study.power(20, &mut go_on).unwrap(),
        study.size(20, &mut go_on).unwrap(),
    ]
}

#[test]
fn intervals_of_a_difference_of_slopes_cover() {
    for preset in ["adult-noisy", "adult-clean"] {
        let [power, size] = studied(preset, &[0.0, 0.5, 4.0, 9.0, 15.0]);
        assert!(
            (0.94..=0.96).contains(&power.coverage),
            "{preset} {power:?}"
        );
        assert!((0.94..=0.96).contains(&size.coverage), "{preset} {size:?}");
        assert!((0.04..=0.06).contains(&size.power), "{preset} {size:?}");
    }
}

#[test]
fn intervals_cover_with_two_samples_a_day_too() {
    for preset in ["adult-noisy", "adult-clean"] {
        let [power, size] = studied(preset, &[0.0, 15.0]);
        assert!(
            (0.93..=0.97).contains(&power.coverage),
            "{preset} {power:?}"
        );
        assert!((0.03..=0.07).contains(&size.power), "{preset} {size:?}");
    }
}
