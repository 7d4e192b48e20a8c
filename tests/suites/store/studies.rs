use diel_core::{Condition, Conditions, PolicyTerms, Threshold, Unit};
use diel_store::{JobState, PageRequest, StoreError, StudyChange};

use crate::TestStore;
use crate::cohort::{STUDY, call, create_study, new_study, now};

pub(crate) async fn a_study_is_created_once(store: TestStore) {
    let created = store.create_study(new_study(STUDY), &call()).await.unwrap();
    assert_eq!(
        (created.version, created.policy.version, created.created),
        (1, 1, now())
    );
    assert_eq!(created.policy.terms, diel_core::Policy::default().terms());
    assert_eq!(store.study(STUDY).await.unwrap(), created);
    let again = store.create_study(new_study(STUDY), &call()).await;
    assert!(
        matches!(again, Err(StoreError::AlreadyExists { resource }) if resource == "studies/night")
    );
    let none = store.study("day").await;
    assert!(matches!(none, Err(StoreError::NotFound { resource }) if resource == "studies/day"));
}

pub(crate) async fn a_stale_study_is_not_changed(store: TestStore) {
    create_study(&store).await;
    let change = StudyChange {
        display_name: Some("Other".to_owned()),
        display_unit: Some(None),
        ..StudyChange::default()
    };
    let changed = store
        .update_study(STUDY, 1, change.clone(), &call())
        .await
        .unwrap();
    assert_eq!(
        (
            changed.version,
            changed.display_name.as_str(),
            changed.display_unit
        ),
        (2, "Other", None)
    );
    let stale = store
        .update_study(STUDY, 1, StudyChange::default(), &call())
        .await;
    assert!(matches!(stale, Err(StoreError::EtagMismatch { .. })));
    let unit = StudyChange {
        display_unit: Some(Some(Unit::NgPerMl)),
        ..StudyChange::default()
    };
    let changed = store.update_study(STUDY, 2, unit, &call()).await.unwrap();
    assert_eq!(
        (changed.display_name.as_str(), changed.display_unit),
        ("Other", Some(Unit::NgPerMl))
    );
    assert_eq!(store.study(STUDY).await.unwrap(), changed);
}

pub(crate) async fn studies_are_listed_by_id(store: TestStore) {
    // Byte order: upper case before lower case, whatever a dictionary says.
    for id in ["b", "Z", "a", "ä", "A"] {
        store.create_study(new_study(id), &call()).await.unwrap();
    }
    let mut found = Vec::new();
    let mut page = PageRequest {
        after: None,
        limit: 2,
    };
    loop {
        let got = store.studies(&page).await.unwrap();
        found.extend(got.items.into_iter().map(|study| study.id));
        match got.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    assert_eq!(found, ["A", "Z", "a", "b", "ä"]);
}

pub(crate) async fn policies_keep_their_versions(store: TestStore) {
    create_study(&store).await;
    let terms = PolicyTerms {
        reference: Some("adult-noisy".to_owned()),
        threshold: Some(Threshold::LnPerHour(-0.1 - 0.2)),
        probability: Some(0.9),
        min_days: Some(5),
        ..PolicyTerms::default()
    };
    let (policy, job) = store
        .update_policy(STUDY, 1, terms.clone(), &call())
        .await
        .unwrap();
    assert_eq!(
        (policy.version, job.state, job.total),
        (2, JobState::Queued, 0)
    );
    assert_eq!(policy.terms.threshold, terms.threshold);
    assert_eq!(store.policy(STUDY, None).await.unwrap(), policy);
    assert_eq!(
        store.policy(STUDY, Some(2)).await.unwrap().terms,
        policy.terms
    );
    assert_eq!(
        store.policy(STUDY, Some(1)).await.unwrap().terms,
        diel_core::Policy::default().terms()
    );
    assert_eq!(store.job(STUDY, &job.id).await.unwrap(), job);
    let stale = store
        .update_policy(STUDY, 1, PolicyTerms::default(), &call())
        .await;
    assert!(matches!(stale, Err(StoreError::EtagMismatch { .. })));
    assert!(matches!(
        store.policy(STUDY, Some(3)).await,
        Err(StoreError::NotFound { .. })
    ));
}

pub(crate) async fn a_policy_that_breaks_a_rule_is_refused(store: TestStore) {
    create_study(&store).await;
    let terms = PolicyTerms {
        probability: Some(1.5),
        ..PolicyTerms::default()
    };
    let refused = store.update_policy(STUDY, 1, terms, &call()).await;
    assert!(
        matches!(refused, Err(StoreError::Policy(error)) if error.violations()[0].field == "probability")
    );
    assert_eq!(store.policy(STUDY, None).await.unwrap().version, 1);
}

pub(crate) async fn every_term_is_kept(store: TestStore) {
    create_study(&store).await;
    let terms = PolicyTerms {
        reference: Some("adult-clean@1".to_owned()),
        min_reference_persons: Some(50),
        threshold: Some(Threshold::Percentile(95.0)),
        probability: Some(0.9),
        min_days: Some(4),
        min_days_to_report: Some(3),
        car_window_min: Some(45.0),
        evening_after_h: Some(9.0),
        min_samples: Some(12),
        excluding: Some(Conditions::from_iter([Condition::Travel])),
        min_age_years: Some(2.0),
        min_age_to_flag_years: Some(3.0),
        min_age_for_car_years: Some(5.0),
        evening_limit_nmol_per_l: Some(1.5),
        evening_limit_share: Some(0.25),
        second_review: Some(true),
        reopen_shift_sd: Some(2.0),
    };
    store
        .update_policy(STUDY, 1, terms.clone(), &call())
        .await
        .unwrap();
    assert_eq!(store.policy(STUDY, None).await.unwrap().terms, terms);
    assert_eq!(store.study(STUDY).await.unwrap().policy.terms, terms);
    let mut page = PageRequest {
        after: None,
        limit: 1,
    };
    let newest = store.policies(STUDY, &page).await.unwrap();
    assert_eq!((newest.items[0].version, newest.next), (2, Some(2)));
    page.after = newest.next;
    let first = store.policies(STUDY, &page).await.unwrap();
    assert_eq!((first.items[0].version, first.next), (1, None));
}

/// The study's version guards its policy too and counts changes of either, so that the etag of a study that was just read
/// always changes its policy.
pub(crate) async fn the_policy_of_a_changed_study_can_be_changed(store: TestStore) {
    create_study(&store).await;
    let renamed = StudyChange {
        display_name: Some("Day and night".to_owned()),
        ..StudyChange::default()
    };
    store
        .update_study(STUDY, 1, renamed, &call())
        .await
        .unwrap();
    for version in [2, 3] {
        assert_eq!(store.study(STUDY).await.unwrap().version, version);
        let (policy, _) = store
            .update_policy(STUDY, version, PolicyTerms::default(), &call())
            .await
            .unwrap();
        assert_eq!(policy.version, version);
    }
    let stale = store
        .update_policy(STUDY, 3, PolicyTerms::default(), &call())
        .await;
    assert!(matches!(stale, Err(StoreError::EtagMismatch { .. })));
}
