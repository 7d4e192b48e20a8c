use diel_core::{
    Level, Limits, LimitsError, Measurement, MeasurementError, MissingReason, Moment, MomentError,
    NmolPerL, Outcome, Policy, PolicyTerms, Threshold, Unit,
};
use proptest::prelude::*;

use crate::assert_near;

fn nmol(value: f64) -> Option<NmolPerL> {
    NmolPerL::new(value).ok()
}

#[test]
fn factors_follow_from_the_molar_mass() {
    // 10 ug/L / 362.46 g/mol = 27.5893 nmol/L; literature rounds to 27.59.
    assert_near(Unit::UgPerDl.nmol_per_l(1.0), 27.589_251_2, 1e-6);
    assert_near(Unit::NgPerMl.nmol_per_l(1.0), 2.758_925_12, 1e-7);
    assert_eq!(Unit::NgPerMl.nmol_per_l(3.3), Unit::UgPerL.nmol_per_l(3.3));
    assert_near(Unit::UgPerDl.from_nmol_per_l(1.0), 0.036_246, 1e-6);
}

#[test]
fn units_are_read_as_laboratories_write_them() {
    for (text, unit) in [
        ("nmol/L", Unit::NmolPerL),
        ("nmol/l", Unit::NmolPerL),
        ("ug/dL", Unit::UgPerDl),
        ("\u{b5}g/dL", Unit::UgPerDl),
        ("\u{3bc}g/dl", Unit::UgPerDl),
        ("ng/mL", Unit::NgPerMl),
        ("ug/L", Unit::UgPerL),
    ] {
        assert_eq!(Unit::from_ucum(text), Some(unit), "{text}");
    }
    for text in ["", "nmol", "mg/dL", "umol/L"] {
        assert_eq!(Unit::from_ucum(text), None, "{text}");
    }
}

#[test]
fn a_refusal_names_value_and_rule() {
    let refuse = |outcome| {
        Measurement::new(outcome, Some(Unit::NmolPerL))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(refuse(Outcome::Value(-3.0)), "-3 nmol/L is negative");
    assert_eq!(
        refuse(Outcome::Value(f64::NAN)),
        "NaN is not a finite number"
    );
    assert_eq!(
        refuse(Outcome::Below(f64::INFINITY)),
        "inf is not a finite number"
    );
    assert_eq!(
        refuse(Outcome::Above(0.0)),
        "a limit of 0 is not a limit; it must be more than 0"
    );
    assert_eq!(
        refuse(Outcome::Value(2e6)),
        "2000000 nmol/L is more than 1000000 nmol/L, the most accepted"
    );
    let unitless = Measurement::new(Outcome::Value(1.0), None).unwrap_err();
    assert_eq!(unitless, MeasurementError::UnitMissing);
    assert!(Measurement::new(Outcome::Missing(MissingReason::NoSample), None).is_ok());
}

#[test]
fn zero_is_kept_and_minus_zero_becomes_zero() {
    let limits = Limits::new(nmol(0.5), None, None).unwrap();
    let zero = Measurement::new(Outcome::Value(-0.0), Some(Unit::UgPerDl)).unwrap();
    let Level::Exact(value) = zero.level(&limits) else {
        panic!("not exact")
    };
    assert_eq!(value.get().to_bits(), 0.0_f64.to_bits());
    assert_eq!(value.ln(), None);
}

#[test]
fn limits_censor_what_lies_outside() {
    let limits = Limits::new(nmol(0.5), nmol(0.9), nmol(82.8)).unwrap();
    let level = |outcome| {
        Measurement::new(outcome, Some(Unit::NmolPerL))
            .unwrap()
            .level(&limits)
    };
    assert_eq!(level(Outcome::Value(0.4)), Level::Below(nmol(0.5).unwrap()));
    assert_eq!(level(Outcome::Value(0.5)), Level::Exact(nmol(0.5).unwrap()));
    assert_eq!(level(Outcome::Value(0.7)), Level::Exact(nmol(0.7).unwrap()));
    assert_eq!(
        level(Outcome::Value(82.9)),
        Level::Above(nmol(82.8).unwrap())
    );
    assert_eq!(
        level(Outcome::Below(0.33)),
        Level::Below(nmol(0.33).unwrap())
    );
    assert_eq!(
        level(Outcome::Above(90.0)),
        Level::Above(nmol(90.0).unwrap())
    );
}

#[test]
fn limits_must_agree() {
    assert_eq!(Limits::new(nmol(0.0), None, None), Err(LimitsError::Zero));
    assert!(Limits::new(nmol(1.0), nmol(0.5), None).is_err());
    assert!(Limits::new(None, nmol(5.0), nmol(5.0)).is_err());
    assert!(Limits::new(nmol(5.0), None, nmol(4.0)).is_err());
    assert!(Limits::new(nmol(0.5), nmol(0.5), nmol(82.8)).is_ok());
}

#[test]
fn moments_have_ends() {
    assert!(Moment::new(-631_152_000_000_000, 0).is_ok());
    assert_eq!(
        Moment::new(-631_152_000_000_001, 0),
        Err(MomentError::TooEarly)
    );
    assert_eq!(Moment::new(i64::MAX, 0), Err(MomentError::TooLate));
    assert!(Moment::new(0, 1081).is_err());
    assert!(Moment::new(0, i32::MIN).is_err());
    let last = Moment::new(253_402_207_200_000_000, 1080).unwrap();
    assert_eq!(last.local_date().to_string(), "9999-12-31");
    let first = Moment::new(-631_152_000_000_000, -1080).unwrap();
    assert_eq!(first.local_date_time().to_string(), "1949-12-31T06:00:00");
}

#[test]
fn a_policy_names_every_violation() {
    let terms = PolicyTerms {
        reference: Some("adult-noisy@99".to_owned()),
        min_reference_persons: Some(2),
        threshold: Some(Threshold::Percentile(100.0)),
        probability: Some(f64::NAN),
        min_days: Some(0),
        min_days_to_report: Some(400),
        car_window_min: Some(-1.0),
        evening_after_h: Some(25.0),
        ..PolicyTerms::default()
    };
    let error = Policy::new(&terms).unwrap_err();
    let fields: Vec<_> = error
        .violations()
        .iter()
        .map(|violation| violation.field)
        .collect();
    assert_eq!(
        fields,
        [
            "reference",
            "min_reference_persons",
            "threshold_percentile",
            "probability",
            "min_days",
            "min_days_to_report",
            "car_window_min",
            "evening_after_h"
        ]
    );
    assert!(
        Policy::new(&PolicyTerms {
            min_days_to_report: Some(4),
            ..PolicyTerms::default()
        })
        .is_err()
    );
}

proptest! {
    #[test]
    fn units_round_trip(value in 0.0..1e5_f64, unit in prop::sample::select(Unit::ALL.to_vec())) {
        let back = unit.from_nmol_per_l(unit.nmol_per_l(value));
        prop_assert!((back - value).abs() <= 2.0 * f64::EPSILON * value);
        prop_assert_eq!(Unit::NmolPerL.nmol_per_l(value).to_bits(), value.to_bits());
        prop_assert_eq!(Unit::from_ucum(unit.ucum()), Some(unit));
    }

    #[test]
    fn a_measurement_is_refused_or_gives_a_number_in_range(value in any::<f64>(), kind in 0..3) {
        let outcome = [Outcome::Value(value), Outcome::Below(value), Outcome::Above(value)][kind as usize];
        if let Ok(measurement) = Measurement::new(outcome, Some(Unit::UgPerDl)) {
            let number = measurement.level(&Limits::default()).nmol_per_l().unwrap().get();
            prop_assert!((0.0..=1e6).contains(&number));
        } else {
            let amount_is_fine = value.is_finite() && value >= 0.0 && Unit::UgPerDl.nmol_per_l(value) <= 1e6;
            prop_assert!(!amount_is_fine || value == 0.0 && kind > 0);
        }
    }

    #[test]
    fn a_policy_is_its_terms(
        probability in 0.51..0.99_f64,
        min_days in 1..=366_u32,
        threshold in prop_oneof![
            (-0.2..0.1_f64).prop_map(Threshold::LnPerHour),
            (1.0..99.0_f64).prop_map(Threshold::Percentile)
        ],
        name in prop::option::of(prop::sample::select(vec!["auto", "child", "adult-clean@1"])),
    ) {
        let terms = PolicyTerms {
            probability: Some(probability),
            min_days: Some(min_days),
            threshold: Some(threshold),
            reference: name.map(str::to_owned),
            ..PolicyTerms::default()
        };
        let policy = Policy::new(&terms).unwrap();
        prop_assert_eq!(Policy::new(&policy.terms()).unwrap(), policy);
    }
}
