use diel_core::{AgeYears, Condition, Conditions, Reason, Verdict};
use diel_store::{ParticipantChange, Sex, StoreError};

use crate::TestStore;
use crate::cohort::{STEEP, STUDY, call, create_study, days, submission};

pub(crate) async fn known_facts_stay_and_unknown_ones_are_filled(store: TestStore) {
    create_study(&store).await;
    let mut first = days("p1", 0..1, STEEP);
    for row in &mut first {
        let collection = row.collection.as_mut().unwrap();
        (collection.age, collection.sex, collection.group) =
            (None, Sex::Unspecified, String::new());
    }
    store.submit(submission(first)).await.unwrap();
    let unknown = store.participant(STUDY, "p1").await.unwrap();
    assert_eq!(
        (
            unknown.sex,
            unknown.age,
            unknown.group.as_str(),
            unknown.version
        ),
        (Sex::Unspecified, None, "", 1)
    );

    store
        .submit(submission(days("p1", 1..2, STEEP)))
        .await
        .unwrap();
    let filled = store.participant(STUDY, "p1").await.unwrap();
    assert_eq!(
        (filled.sex, filled.group.as_str(), filled.version),
        (Sex::Female, "control", 2)
    );
    assert_eq!(filled.age.map(AgeYears::get), Some(34.0));

    let mut other = days("p1", 2..3, STEEP);
    for row in &mut other {
        let collection = row.collection.as_mut().unwrap();
        (collection.sex, collection.group) = (Sex::Male, "case".to_owned());
    }
    store.submit(submission(other)).await.unwrap();
    assert_eq!(store.participant(STUDY, "p1").await.unwrap(), filled);
}

pub(crate) async fn a_change_is_judged_at_once(store: TestStore) {
    create_study(&store).await;
    store
        .submit(submission(days("p1", 0..3, STEEP)))
        .await
        .unwrap();
    assert_eq!(
        store.rhythm(STUDY, "p1").await.unwrap().rhythm.verdict,
        Verdict::NotFlat
    );

    let steroids = Conditions::from_iter([Condition::Corticosteroids]);
    let change = ParticipantChange {
        conditions: Some(steroids),
        group: Some("case".to_owned()),
        ..Default::default()
    };
    let changed = store
        .update_participant(STUDY, "p1", Some(1), change.clone(), false, &call())
        .await
        .unwrap();
    assert_eq!(
        (changed.version, changed.conditions, changed.group.as_str()),
        (2, steroids, "case")
    );
    let rhythm = store.rhythm(STUDY, "p1").await.unwrap();
    assert_ne!(rhythm.rhythm.verdict, Verdict::NotFlat);
    assert!(
        rhythm
            .rhythm
            .reasons
            .iter()
            .any(|reason| reason == Reason::ExcludedCorticosteroids)
    );
    assert_eq!(rhythm.group, "case");

    let stale = store
        .update_participant(STUDY, "p1", Some(1), change.clone(), false, &call())
        .await;
    assert!(matches!(stale, Err(StoreError::EtagMismatch { .. })));
    let missing = store
        .update_participant(STUDY, "p2", Some(1), change.clone(), false, &call())
        .await;
    assert!(
        matches!(missing, Err(StoreError::NotFound { resource }) if resource == "studies/night/participants/p2")
    );
    assert!(store.participant(STUDY, "p2").await.is_err());
    let created = store
        .update_participant(STUDY, "p2", None, change, true, &call())
        .await
        .unwrap();
    assert_eq!((created.version, created.group.as_str()), (1, "case"));
    assert_eq!(
        store.rhythm(STUDY, "p2").await.unwrap().rhythm.verdict,
        Verdict::InsufficientData
    );
}
