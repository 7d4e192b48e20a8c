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

/// The verdict on flat days under terms.
fn flat_under(person: &Person, days: Vec<SamplingDay>, terms: &PolicyTerms) -> Rhythm {
    analyse_days(person, days, &Policy::new(terms).unwrap()).rhythm
}

#[test]
fn a_policy_may_ask_for_more_samples() {
    let needing = |samples| PolicyTerms {
        min_samples: Some(samples),
        ..PolicyTerms::default()
    };
    let judge = |samples| flat_under(&aged(30.0), vec![flat_day(); 12], &needing(samples));
    assert_eq!(judge(48).verdict, Verdict::FlatForReview);
    let short = judge(49);
    assert_eq!(short.verdict, Verdict::Indeterminate);
    assert!(short.reasons.contains(Reason::TooFewSamplesToFlag));
    assert_eq!(short.posterior, judge(48).posterior);
}

#[test]
fn a_policy_says_which_conditions_exclude() {
    let pregnant = Person {
        conditions: Conditions::from_iter([Condition::Pregnancy]),
        ..aged(30.0)
    };
    let ill = SamplingDay {
        conditions: Conditions::from_iter([Condition::AcuteIllness]),
        ..flat_day()
    };
    let days = [vec![flat_day(); 11], vec![ill]].concat();
    let excluding = |conditions: &[Condition]| PolicyTerms {
        excluding: Some(conditions.iter().copied().collect()),
        ..PolicyTerms::default()
    };
    let judge =
        |conditions: &[Condition]| flat_under(&pregnant, days.clone(), &excluding(conditions));
    assert_eq!(judge(&Condition::ALL).verdict, Verdict::InsufficientData);
    let by_illness = judge(&[Condition::AcuteIllness]);
    assert_eq!(
        (by_illness.verdict, by_illness.valid_day_count),
        (Verdict::FlatForReview, 11)
    );
    assert!(by_illness.reasons.contains(Reason::ExcludedDays));
    let by_none = judge(&[]);
    assert_eq!(
        (by_none.verdict, by_none.valid_day_count),
        (Verdict::FlatForReview, 12)
    );
    assert!(!by_none.reasons.contains(Reason::ExcludedDays));
}

#[test]
fn a_policy_says_below_which_ages_it_holds_back() {
    let terms = |judged: f64, flagged: f64| PolicyTerms {
        min_age_years: Some(judged),
        min_age_to_flag_years: Some(flagged),
        ..PolicyTerms::default()
    };
    let judge = |terms| flat_under(&aged(10.0), vec![flat_day(); 20], &terms);
    assert_eq!(judge(terms(10.0, 10.0)).verdict, Verdict::FlatForReview);
    let unflagged = judge(terms(2.0, 10.1));
    assert_eq!(unflagged.verdict, Verdict::Indeterminate);
    assert!(unflagged.reasons.contains(Reason::RhythmNotEstablished));
    let unjudged = judge(terms(10.1, 10.1));
    assert_eq!(unjudged.verdict, Verdict::InsufficientData);
    assert!(unjudged.reasons.contains(Reason::Under2Months));
    let car = |years: f64| {
        let terms = PolicyTerms {
            min_age_for_car_years: Some(years),
            ..PolicyTerms::default()
        };
        let day = day_of(&[(0.0, exact(5.0)), (0.5, exact(8.0)), (15.0, exact(1.0))]);
        let analysis = analyse_days(&aged(10.0), vec![day], &Policy::new(&terms).unwrap());
        analysis.profiles[0].features.car_auc_g_nmol_min_per_l
    };
    // Two trapezoids of 30 min in one: (5 + 8) / 2 x 30.
    assert_eq!(car(10.0), Ok(195.0));
    assert!(car(10.5).is_err());
}

#[test]
fn a_policy_says_how_many_evenings_may_be_hardly_known() {
    let blind = day_of(&[
        (0.0, exact(2.0)),
        (4.0, exact(4.0)),
        (9.0, exact(5.0)),
        (15.0, below(3.0)),
    ]);
    let days = [vec![blind; 2], vec![flat_day(); 2]].concat();
    let judge = |limit: f64, share: f64| {
        let terms = PolicyTerms {
            threshold: Some(Threshold::LnPerHour(-0.2)),
            evening_limit_nmol_per_l: Some(limit),
            evening_limit_share: Some(share),
            ..PolicyTerms::default()
        };
        flat_under(&aged(30.0), days.clone(), &terms).verdict
    };
    assert_eq!(judge(1.0, 0.5), Verdict::FlatForReview);
    assert_eq!(judge(1.0, 0.49), Verdict::Indeterminate);
    assert_eq!(judge(3.0, 0.0), Verdict::FlatForReview);
    assert_eq!(judge(2.9, 0.0), Verdict::Indeterminate);
}

#[test]
fn terms_out_of_range_are_named_with_their_rule() {
    let terms = PolicyTerms {
        min_samples: Some(100_001),
        min_age_years: Some(-1.0),
        min_age_to_flag_years: Some(131.0),
        min_age_for_car_years: Some(f64::NAN),
        evening_limit_nmol_per_l: Some(-0.5),
        evening_limit_share: Some(1.5),
        reopen_shift_sd: Some(-1.0),
        ..PolicyTerms::default()
    };
    let error = Policy::new(&terms).unwrap_err().to_string();
    for rule in [
        "min_samples: 100001 is not between 0 and 100000 samples",
        "min_age_years: -1 years is negative",
        "min_age_to_flag_years: 131 years is more than 130, the most accepted for an age",
        "min_age_for_car_years: NaN is not a finite number",
        "evening_limit_nmol_per_l: -0.5 nmol/L is negative",
        "evening_limit_share: 1.5 of the valid days is more than 1, the most accepted for a share",
        "reopen_shift_sd: -1 posterior SD is negative",
    ] {
        assert!(error.contains(rule), "{rule}: {error}");
    }
    let filled_in = Policy::default().terms();
    assert_eq!(Policy::new(&filled_in).unwrap().terms(), filled_in);
}

/// Digests of policies that state nothing new are those of the first version of the method; what changes a verdict
/// changes them; what only concerns the review does not.
#[test]
fn terms_enter_the_digest_where_they_change_judgement() {
    let digest = |terms: PolicyTerms| flat_under(&aged(30.0), vec![flat_day(); 3], &terms).digest;
    let default = digest(PolicyTerms::default());
    let hex: String = default.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        hex,
        "e9a433ad6c2705a2f7cab21969ccba18b2fcc417107b6c280860bf530967b7ea"
    );
    let changes = [
        PolicyTerms {
            min_samples: Some(1),
            ..PolicyTerms::default()
        },
        PolicyTerms {
            excluding: Some(Conditions::EMPTY),
            ..PolicyTerms::default()
        },
        PolicyTerms {
            min_age_years: Some(0.0),
            ..PolicyTerms::default()
        },
        PolicyTerms {
            min_age_to_flag_years: Some(0.0),
            ..PolicyTerms::default()
        },
        PolicyTerms {
            min_age_for_car_years: Some(0.0),
            ..PolicyTerms::default()
        },
        PolicyTerms {
            evening_limit_nmol_per_l: Some(0.0),
            ..PolicyTerms::default()
        },
        PolicyTerms {
            evening_limit_share: Some(0.0),
            ..PolicyTerms::default()
        },
    ];
    let mut seen = vec![default];
    for terms in changes {
        let one = digest(terms.clone());
        assert!(!seen.contains(&one), "{terms:?}");
        seen.push(one);
    }
    let reviewing = PolicyTerms {
        second_review: Some(true),
        reopen_shift_sd: Some(3.0),
        ..PolicyTerms::default()
    };
    assert_eq!(digest(reviewing), default);
}
