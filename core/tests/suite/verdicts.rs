use diel_core::{
    AgeYears, Condition, Conditions, Level, Person, Policy, PolicyTerms, Reason, Rhythm,
    SamplingDay, Threshold, Verdict, analyse_days,
};

use crate::{below, day_of, exact};

fn flat_day() -> SamplingDay {
    day_of(&[
        (0.0, exact(5.0)),
        (4.0, exact(5.2)),
        (9.0, exact(5.1)),
        (15.0, exact(5.3)),
    ])
}

fn steep_day() -> SamplingDay {
    day_of(&[
        (0.0, exact(12.0)),
        (4.0, exact(6.0)),
        (9.0, exact(2.5)),
        (15.0, exact(1.0)),
    ])
}

fn aged(years: f64) -> Person {
    Person {
        age: Some(AgeYears::new(years).unwrap()),
        ..Person::default()
    }
}

fn judge(person: &Person, days: Vec<SamplingDay>) -> Rhythm {
    analyse_days(person, days, &Policy::default()).rhythm
}

#[test]
fn flat_and_steep_adults() {
    let flat = judge(&aged(30.0), vec![flat_day(); 12]);
    assert_eq!(flat.verdict, Verdict::FlatForReview);
    assert_eq!(flat.reasons.to_string(), "provisional_reference");
    assert!(flat.posterior.unwrap().probability_flat > 0.8);
    let steep = judge(&aged(30.0), vec![steep_day(); 6]);
    assert_eq!(steep.verdict, Verdict::NotFlat);
    assert_eq!(
        (steep.day_count, steep.valid_day_count, steep.sample_count),
        (6, 6, 24)
    );
}

#[test]
fn too_few_days_are_not_judged_or_not_flagged() {
    let one = judge(&aged(30.0), vec![flat_day()]);
    assert_eq!(one.verdict, Verdict::InsufficientData);
    assert!(one.reasons.contains(Reason::TooFewValidDays));
    assert!(one.posterior.is_none());
    assert!(
        one.estimate.is_some(),
        "the person's own slope needs no reference"
    );

    // A threshold so steep that two days suffice to be sure.
    let terms = PolicyTerms {
        threshold: Some(Threshold::LnPerHour(-0.2)),
        ..PolicyTerms::default()
    };
    let policy = Policy::new(&terms).unwrap();
    let rhythm = |days| analyse_days(&aged(30.0), vec![flat_day(); days], &policy).rhythm;
    assert_eq!(rhythm(2).verdict, Verdict::Indeterminate);
    assert!(rhythm(2).reasons.contains(Reason::TooFewDaysToFlag));
    assert_eq!(rhythm(3).verdict, Verdict::FlatForReview);
}

#[test]
fn between_the_bounds_is_indeterminate() {
    let days = vec![day_of(&[(0.0, exact(5.0)), (14.0, exact(4.0))]); 3];
    let rhythm = judge(&aged(30.0), days);
    assert_eq!(rhythm.verdict, Verdict::Indeterminate);
    assert!(rhythm.reasons.contains(Reason::ProbabilityBetween));
}

#[test]
fn age_rules() {
    let flat = |years| judge(&aged(years), vec![flat_day(); 20]);
    let newborn = flat(0.16);
    assert_eq!(newborn.verdict, Verdict::InsufficientData);
    assert!(newborn.reasons.contains(Reason::Under2Months));
    assert!(newborn.posterior.is_none());
    let infant_days = vec![day_of(&[(0.0, exact(2.0)), (9.0, exact(6.0)), (12.0, exact(8.0))]); 20];
    for years in [2.0 / 12.0, 0.99] {
        let infant = judge(&aged(years), infant_days.clone());
        assert_eq!(infant.verdict, Verdict::Indeterminate);
        assert!(infant.reasons.contains(Reason::RhythmNotEstablished));
        assert_eq!(infant.reference.id(), "infant@1");
    }
    let toddler = flat(1.0);
    assert_eq!(
        (toddler.verdict, toddler.reference.id()),
        (Verdict::FlatForReview, "toddler@1")
    );
    let steep_infant = judge(&aged(0.5), vec![steep_day(); 20]);
    assert_eq!(steep_infant.verdict, Verdict::NotFlat);
}

#[test]
fn unknown_age_and_age_outside_the_reference_are_told() {
    let unknown = judge(&Person::default(), vec![steep_day(); 3]);
    assert_eq!(unknown.reference.id(), "adult-noisy@1");
    assert!(unknown.reasons.contains(Reason::AgeNotRecorded));
    let terms = PolicyTerms {
        reference: Some("adult-clean".to_owned()),
        ..PolicyTerms::default()
    };
    let child = analyse_days(
        &aged(8.0),
        vec![steep_day(); 3],
        &Policy::new(&terms).unwrap(),
    )
    .rhythm;
    assert!(child.reasons.contains(Reason::AgeOutsideReference));
    assert!(!child.reasons.contains(Reason::AgeNotRecorded));
}

#[test]
fn a_condition_of_the_person_ends_judgement() {
    let conditions = Conditions::from_iter([Condition::Corticosteroids, Condition::Pregnancy]);
    let rhythm = judge(
        &Person {
            conditions,
            ..aged(30.0)
        },
        vec![flat_day(); 6],
    );
    assert_eq!(rhythm.verdict, Verdict::InsufficientData);
    assert!(rhythm.reasons.contains(Reason::ExcludedCorticosteroids));
    assert!(rhythm.reasons.contains(Reason::ExcludedPregnancy));
    assert!(rhythm.posterior.is_none());
}

#[test]
fn excluded_days_do_not_count() {
    let ill = SamplingDay {
        conditions: Conditions::from_iter([Condition::AcuteIllness]),
        ..flat_day()
    };
    let analysis = analyse_days(
        &aged(30.0),
        vec![steep_day(), steep_day(), ill.clone(), ill],
        &Policy::default(),
    );
    let rhythm = analysis.rhythm;
    assert_eq!((rhythm.day_count, rhythm.valid_day_count), (4, 2));
    assert_eq!((rhythm.sample_count, rhythm.left_out_sample_count), (8, 8));
    assert!(rhythm.reasons.contains(Reason::ExcludedDays));
    assert!(rhythm.reasons.contains(Reason::LeftOutSamples));
    assert!(
        analysis.profiles[2]
            .day
            .samples
            .iter()
            .all(|sample| !sample.used_in_slope)
    );
    let alone = judge(&aged(30.0), vec![steep_day(), steep_day()]);
    assert_eq!(rhythm.posterior, alone.posterior);
}

#[test]
fn high_evening_limits_do_not_carry_a_flag() {
    let day = |limit| {
        day_of(&[
            (0.0, exact(2.0)),
            (4.0, exact(4.0)),
            (9.0, exact(5.0)),
            (15.0, below(limit)),
        ])
    };
    let sure = PolicyTerms {
        threshold: Some(Threshold::LnPerHour(-0.2)),
        ..PolicyTerms::default()
    };
    let policy = Policy::new(&sure).unwrap();
    let judge = |days: Vec<SamplingDay>| analyse_days(&aged(30.0), days, &policy).rhythm;
    let blind = judge(vec![day(5.0), day(5.0), flat_day()]);
    assert_eq!(blind.verdict, Verdict::Indeterminate);
    assert!(blind.reasons.contains(Reason::EveningLimitTooHigh));
    assert!(blind.reasons.contains(Reason::BelowLimit));
    assert_eq!(blind.estimate, None);
    let half = judge(vec![day(5.0), day(5.0), flat_day(), flat_day()]);
    assert_eq!(half.verdict, Verdict::FlatForReview);
}

#[test]
fn left_out_samples_are_counted_and_told() {
    let day = day_of(&[
        (0.0, exact(12.0)),
        (0.5, exact(20.0)),
        (4.0, exact(99.0)),
        (9.0, exact(0.0)),
        (15.0, exact(1.0)),
    ]);
    let rhythm = judge(&aged(30.0), vec![day; 3]);
    assert_eq!(rhythm.sample_count, 6);
    assert_eq!(
        rhythm.left_out_sample_count, 6,
        "the implausible and the zero; not the awakening response"
    );
    assert!(rhythm.reasons.contains(Reason::LeftOutSamples));
}

#[test]
fn nobody_and_nothing() {
    let rhythm = judge(&Person::default(), Vec::new());
    assert_eq!(rhythm.verdict, Verdict::InsufficientData);
    assert_eq!((rhythm.estimate, rhythm.posterior), (None, None));
}

#[test]
fn the_digest_knows_what_matters() {
    let digest = |person: &Person, days: Vec<SamplingDay>, terms: PolicyTerms| {
        analyse_days(person, days, &Policy::new(&terms).unwrap())
            .rhythm
            .digest
    };
    let base = digest(
        &aged(30.0),
        vec![flat_day(), steep_day()],
        PolicyTerms::default(),
    );
    assert_eq!(
        base,
        digest(
            &aged(30.0),
            vec![steep_day(), flat_day()],
            PolicyTerms::default()
        )
    );
    let other_policy = PolicyTerms {
        probability: Some(0.9),
        ..PolicyTerms::default()
    };
    let filled_in = PolicyTerms {
        probability: Some(0.8),
        ..PolicyTerms::default()
    };
    assert_eq!(
        base,
        digest(&aged(30.0), vec![flat_day(), steep_day()], filled_in)
    );
    assert_ne!(
        base,
        digest(&aged(30.0), vec![flat_day(), steep_day()], other_policy)
    );
    assert_ne!(
        base,
        digest(
            &aged(31.0),
            vec![flat_day(), steep_day()],
            PolicyTerms::default()
        )
    );
    assert_ne!(
        base,
        digest(&aged(30.0), vec![flat_day()], PolicyTerms::default())
    );
    let mut changed = flat_day();
    changed.samples[0].level = Level::Exact(diel_core::NmolPerL::new(5.000_001).unwrap());
    assert_ne!(
        base,
        digest(
            &aged(30.0),
            vec![changed, steep_day()],
            PolicyTerms::default()
        )
    );
}

#[test]
fn every_verdict_can_be_read_back() {
    for verdict in Verdict::ALL {
        assert_eq!(Verdict::from_code(verdict.code()), Some(verdict));
    }
    let mut seen: Vec<_> = diel_core::codes()
        .map(|entry| (entry.kind, entry.code))
        .collect();
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), count);
}
