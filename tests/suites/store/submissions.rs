use diel_core::{Level, Limits, Measurement, MissingReason, NmolPerL, Outcome, Unit, Verdict};
use diel_store::{
    Call, Collection, Mode, PageRequest, ProfileFilter, ResultFilter, SpecimenFilter, StoreError,
    SubmissionRow,
};

use crate::TestStore;
use crate::cohort::{
    FLAT, HOURS, STEEP, STUDY, awakening, batch, call, call_with, collected, collection,
    create_study, day, days, level, nmol, result, submission, tube,
};

fn first<K>(limit: u32) -> PageRequest<K> {
    PageRequest { after: None, limit }
}

/// Every 2 h on exp(1.5 + 0.8 cos(2 pi (t - 3) / 24)), t hours since awakening.
pub(crate) async fn a_day_sampled_through_has_its_cosinor(store: TestStore) {
    create_study(&store).await;
    let rows = (0..=9_u32)
        .map(|sample| {
            let hours = f64::from(sample) * 2.0;
            let ln = 1.5 + 0.8 * (std::f64::consts::TAU * (hours - 3.0) / 24.0).cos();
            SubmissionRow {
                row: 0,
                result: result(&format!("through-{sample}"), nmol(ln.exp())),
                collection: Some(Collection {
                    collected: collected(0, hours),
                    ..collection("p1", 0, 0)
                }),
            }
        })
        .collect();
    store.submit(submission(rows)).await.unwrap();
    let date = awakening(0).local_date();
    let features = store.profile(STUDY, "p1", date).await.unwrap().features;
    assert!((features.mesor.unwrap() - 1.5).abs() < 1e-12);
    assert!((features.amplitude.unwrap() - 0.8).abs() < 1e-12);
    assert!(features.cosinor_p.unwrap() < 1e-30);
    let woke = awakening(0).local_date_time().time();
    let expected = f64::from(woke.hour()) + f64::from(woke.minute()) / 60.0 + 3.0;
    assert!((features.peak_clock_time.unwrap() - expected).abs() < 1e-9);
}

pub(crate) async fn what_is_answered_can_be_read(store: TestStore) {
    create_study(&store).await;
    let mut rows = days("p1", 0..3, STEEP);
    rows.extend(days("p2", 0..2, STEEP));
    let answer = store.submit(submission(rows)).await.unwrap();
    assert_eq!(
        (
            answer.stored,
            answer.unchanged,
            answer.waiting,
            answer.profiles
        ),
        (25, 0, 0, 5)
    );
    let stored = answer.batch.unwrap();
    assert_eq!((stored.result_count, &stored.batch), (25, &batch()));
    assert_eq!(store.batch(STUDY, &stored.id).await.unwrap(), stored);

    let profile = store
        .profile(STUDY, "p1", awakening(1).local_date())
        .await
        .unwrap();
    assert_eq!(
        (profile.sample_count, profile.valid, profile.awakening),
        (5, true, Some(awakening(1)))
    );
    assert!(profile.awakening_recorded);
    // The samples lie on 12 exp(-0.14 h): every slope is -0.14 and the wake sample is 12.
    assert_eq!(profile.features.wake_nmol_per_l, Ok(12.0));
    assert!((profile.features.slope_wake_bed_ln_per_h.unwrap() + 0.14).abs() < 1e-12);
    assert!((profile.features.slope_regression_ln_per_h.unwrap() + 0.14).abs() < 1e-12);

    let rhythm = store.rhythm(STUDY, "p1").await.unwrap();
    assert_eq!(
        (rhythm.rhythm.verdict, rhythm.rhythm.valid_day_count),
        (Verdict::NotFlat, 3)
    );
    assert_eq!(
        (rhythm.policy_version, rhythm.group.as_str(), rhythm.flag),
        (1, "control", None)
    );
    let history = store.history(STUDY, "p1").await.unwrap();
    assert_eq!((history.samples.len(), history.awakenings.len()), (15, 3));
    assert_eq!(history.analysis().rhythm.digest, rhythm.rhythm.digest);

    let specimen = store.specimen(STUDY, &tube("p2", 1, 4)).await.unwrap();
    let collection = specimen.collection.unwrap();
    assert_eq!(
        (collection.participant.as_str(), collection.collected),
        ("p2", collected(1, HOURS[4]))
    );
    assert_eq!(collection.awakening.unwrap().0, awakening(1));
    let found = specimen.result.unwrap();
    assert_eq!(
        (found.batch, found.revision, found.replicate_count),
        (stored.id, 1, Some(2))
    );
    assert_eq!(
        (found.replicate_cv_percent, found.well.as_str()),
        (Some(4.5), "B7")
    );
}

pub(crate) async fn numbers_come_back_bit_for_bit(store: TestStore) {
    create_study(&store).await;
    let numbers = [
        5e-324,
        f64::MIN_POSITIVE,
        0.1 + 0.2,
        1.0 / 3.0,
        0.0,
        7.0,
        999_999.999_999_999_9,
        1e6,
    ];
    let mut given: Vec<(String, Measurement)> = Vec::new();
    for (place, number) in numbers.into_iter().enumerate() {
        given.push((format!("n{place}"), nmol(number)));
        for (name, unit) in [
            ("d", Unit::UgPerDl),
            ("m", Unit::NgPerMl),
            ("l", Unit::UgPerL),
        ] {
            let number = number / 30.0;
            if number > 0.0 {
                let below = Measurement::new(Outcome::Below(number), Some(unit)).unwrap();
                given.push((format!("{name}{place}"), below));
            }
        }
    }
    given.push((
        "above".to_owned(),
        Measurement::new(Outcome::Above(82.8), Some(Unit::NmolPerL)).unwrap(),
    ));
    let qns = Measurement::new(Outcome::Missing(MissingReason::InsufficientVolume), None).unwrap();
    given.push(("missing".to_owned(), qns));
    let rows = given.iter().map(|(specimen, measurement)| SubmissionRow {
        row: 0,
        result: diel_store::NewResult {
            replicate_count: None,
            replicate_cv_percent: Some(0.1 + 0.7),
            well: String::new(),
            ..result(specimen, *measurement)
        },
        collection: None,
    });
    let mut sent = submission(rows.collect());
    sent.batch.limit_of_detection = Some(0.1 + 0.2);
    sent.batch.limit_unit = Some(Unit::UgPerDl);
    sent.batch.limits = Limits::new(Some(NmolPerL::new(0.1 + 0.2).unwrap()), None, None).unwrap();
    store.submit(sent.clone()).await.unwrap();

    let stored = store
        .results(STUDY, &ResultFilter::default(), &first(1000))
        .await
        .unwrap()
        .items;
    assert_eq!(stored.len(), given.len());
    for found in &stored {
        let (_, measurement) = given
            .iter()
            .find(|(specimen, _)| *specimen == found.specimen)
            .unwrap();
        assert_eq!(
            bits(&found.measurement),
            bits(measurement),
            "{}",
            found.specimen
        );
        assert_eq!(found.measurement.unit(), measurement.unit());
        assert_eq!(
            found.replicate_cv_percent.unwrap().to_bits(),
            (0.1_f64 + 0.7).to_bits()
        );
        assert_eq!(found.limits, sent.batch.limits);
    }
    let batches = store.batches(STUDY, &first(10)).await.unwrap().items;
    assert_eq!(batches[0].batch, sent.batch);
}

fn bits(measurement: &Measurement) -> (u8, u64) {
    match measurement.outcome() {
        Outcome::Value(value) => (0, value.to_bits()),
        Outcome::Below(limit) => (1, limit.to_bits()),
        Outcome::Above(limit) => (2, limit.to_bits()),
        Outcome::Missing(reason) => (3, reason as u64),
    }
}

pub(crate) async fn the_same_rows_again_change_nothing(store: TestStore) {
    create_study(&store).await;
    let rows = days("p1", 0..3, STEEP);
    store.submit(submission(rows.clone())).await.unwrap();
    let before = everything(&store).await;
    let answer = store.submit(submission(rows)).await.unwrap();
    assert_eq!(
        (answer.stored, answer.unchanged, answer.batch),
        (0, 15, None)
    );
    assert_eq!(everything(&store).await, before);
}

fn with_one_conflict() -> Vec<SubmissionRow> {
    let mut rows = days("p1", 1..3, STEEP);
    let mut wrong = day("p1", 0, STEEP).remove(2);
    wrong.result.measurement = nmol(3.25);
    rows.insert(4, wrong);
    rows
}

pub(crate) async fn an_atomic_submission_with_a_conflict_stores_nothing(store: TestStore) {
    create_study(&store).await;
    store
        .submit(submission(days("p1", 0..1, STEEP)))
        .await
        .unwrap();
    let before = everything(&store).await;
    let refused = store.submit(submission(with_one_conflict())).await;
    let Err(StoreError::Conflicts(conflicts)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(conflicts.len(), 1);
    assert_eq!(
        (conflicts[0].row, conflicts[0].specimen.as_str()),
        (4, "p1-d00-s2")
    );
    assert_eq!(
        (conflicts[0].field.as_str(), conflicts[0].given.as_str()),
        ("concentration", "3.25 nmol/L")
    );
    assert_eq!(conflicts[0].stored, format!("{} nmol/L", level(STEEP, 4.0)));
    assert_eq!(everything(&store).await, before);
}

pub(crate) async fn a_partial_submission_stores_its_good_rows(store: TestStore) {
    create_study(&store).await;
    store
        .submit(submission(days("p1", 0..1, STEEP)))
        .await
        .unwrap();
    let mut sent = submission(with_one_conflict());
    sent.mode = Mode::Partial;
    let answer = store.submit(sent).await.unwrap();
    assert_eq!(
        (answer.stored, answer.conflicts.len(), answer.profiles),
        (10, 1, 3)
    );
    assert_eq!(answer.batch.unwrap().result_count, 10);
    let kept = store
        .specimen(STUDY, "p1-d00-s2")
        .await
        .unwrap()
        .result
        .unwrap();
    assert_eq!(kept.measurement, nmol(level(STEEP, 4.0)));
    assert_eq!(
        store
            .rhythm(STUDY, "p1")
            .await
            .unwrap()
            .rhythm
            .valid_day_count,
        3
    );
}

pub(crate) async fn a_tube_named_twice_is_stored_once(store: TestStore) {
    create_study(&store).await;
    let mut rows = day("p1", 0, STEEP);
    rows.push(rows[1].clone());
    let mut other = rows[3].clone();
    other.result.measurement = nmol(60.5);
    rows.push(other);
    let mut sent = submission(rows);
    sent.mode = Mode::Partial;
    let answer = store.submit(sent).await.unwrap();
    assert_eq!(
        (answer.stored, answer.unchanged, answer.conflicts.len()),
        (5, 1, 1)
    );
    assert_eq!(
        (answer.conflicts[0].row, answer.conflicts[0].given.as_str()),
        (6, "60.5 nmol/L")
    );
    let results = store
        .results(STUDY, &ResultFilter::default(), &first(100))
        .await
        .unwrap();
    assert_eq!(results.items.len(), 5);
}

pub(crate) async fn checking_leaves_nothing(store: TestStore) {
    create_study(&store).await;
    store
        .submit(submission(days("p1", 0..2, FLAT)))
        .await
        .unwrap();
    let before = everything(&store).await;
    let mut sent = submission(days("p1", 2..6, FLAT));
    sent.call = Call {
        validate_only: true,
        ..call_with("r1", 1)
    };
    let answer = store.submit(sent.clone()).await.unwrap();
    assert_eq!(
        (answer.stored, answer.profiles, answer.raised_flags.len()),
        (20, 6, 1)
    );
    assert_eq!(everything(&store).await, before);
    // The request id was not used: the same id may now bring other content.
    sent.call = call_with("r1", 2);
    assert_eq!(store.submit(sent).await.unwrap().stored, 20);
}

pub(crate) async fn an_unknown_study_is_named(store: TestStore) {
    let refused = store.submit(submission(day("p1", 0, STEEP))).await;
    assert!(
        matches!(refused, Err(StoreError::NotFound { resource }) if resource == "studies/night")
    );
}

/// More rows than any statement holds, more participants than any page, judged while being written.
pub(crate) async fn a_large_submission_is_judged_whole(store: TestStore) {
    create_study(&store).await;
    let rows: Vec<_> = (0..333)
        .flat_map(|person| days(&format!("p{person:03}"), 0..3, STEEP))
        .collect();
    let answer = store.submit(submission(rows)).await.unwrap();
    assert_eq!((answer.stored, answer.profiles), (4995, 999));
    for person in ["p000", "p111", "p332"] {
        let rhythm = store.rhythm(STUDY, person).await.unwrap().rhythm;
        let history = store.history(STUDY, person).await.unwrap();
        assert_eq!((rhythm.valid_day_count, history.samples.len()), (3, 15));
        assert_eq!(rhythm.digest, history.analysis().rhythm.digest);
        assert!(
            history
                .samples
                .iter()
                .all(|stored| matches!(stored.sample.level, Level::Exact(_)))
        );
    }
    let call = Call {
        actor: "other".to_owned(),
        ..call()
    };
    let mut again = submission(days("p007", 3..4, STEEP));
    again.call = call;
    assert_eq!(store.submit(again).await.unwrap().profiles, 4);
}

/// All that a study shows, to see that it did not change.
async fn everything(store: &TestStore) -> String {
    let page = || first(1000);
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        store
            .specimens(STUDY, &SpecimenFilter::default(), &page())
            .await
            .unwrap(),
        store
            .results(STUDY, &ResultFilter::default(), &first(1000))
            .await
            .unwrap(),
        store.batches(STUDY, &page()).await.unwrap(),
        store.participants(STUDY, &page()).await.unwrap(),
        store
            .profiles(STUDY, &ProfileFilter::default(), &first(1000))
            .await
            .unwrap(),
        store
            .rhythms(STUDY, &Default::default(), &page())
            .await
            .unwrap(),
        store
            .flags(STUDY, &Default::default(), &first(1000))
            .await
            .unwrap(),
    )
}
