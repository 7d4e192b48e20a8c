use std::time::Duration;

use diel_core::{PolicyTerms, Reason, Reference, StrataError, Verdict};
use diel_store::{
    JobKind, JobState, NewFrozen, NewReference, NewStratum, PageRequest, Sex, Store, StoreError,
};

use crate::TestStore;
use crate::cohort::{
    STEEP, STUDY, call, call_with, create_study, days, new_study, now, submission,
};
use crate::fits::{specification, succeeded};

const LEASE: Duration = Duration::from_secs(30);
const OTHER: &str = "norms";

pub(crate) fn stratum(from: f64, to: Option<f64>, sex: Option<Sex>) -> NewStratum {
    NewStratum {
        min_age_years: from,
        max_age_years: to,
        sex,
        model: Reference::find("adult-clean@1").unwrap().terms().model,
    }
}

pub(crate) fn table(strata: Vec<NewStratum>) -> NewReference {
    NewReference {
        name: "adults".to_owned(),
        population: "adults of a city".to_owned(),
        assay: "CLIA".to_owned(),
        source: "a table".to_owned(),
        strata,
    }
}

fn frozen(fit: &str) -> NewFrozen {
    NewFrozen {
        fit: fit.to_owned(),
        name: "own".to_owned(),
        population: "adults of the study".to_owned(),
        assay: "CLIA".to_owned(),
    }
}

pub(crate) fn against(reference: &str) -> PolicyTerms {
    PolicyTerms {
        reference: Some(reference.to_owned()),
        ..PolicyTerms::default()
    }
}

/// Does the jobs that wait, and says what they were.
async fn work(store: &Store) -> Vec<JobKind> {
    let mut kinds = Vec::new();
    while let Some(mut job) = store.claim_job("w1", now(), LEASE).await.unwrap() {
        kinds.push(job.kind);
        while job.state == JobState::Running {
            job = store
                .rejudge_next(&job, "w1", 5, now(), LEASE)
                .await
                .unwrap();
        }
    }
    kinds
}

async fn judged_against(store: &Store, participant: &str) -> String {
    store
        .rhythm(STUDY, participant)
        .await
        .unwrap()
        .rhythm
        .reference
}

pub(crate) async fn a_table_becomes_versions_that_stay(store: TestStore) {
    create_study(&store).await;
    let new = table(vec![
        stratum(50.0, Some(60.0), Some(Sex::Female)),
        stratum(18.0, Some(40.0), Some(Sex::Female)),
        stratum(18.0, None, Some(Sex::Male)),
    ]);
    let asked = call_with("table", 1);
    let first = store
        .create_reference(STUDY, new.clone(), &asked)
        .await
        .unwrap();
    assert_eq!(first.strata.id(), "studies/night/references/adults@1");
    assert_eq!(first.strata.iter().count(), 3);
    let gaps: Vec<String> = first
        .strata
        .gaps()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(gaps, ["female, 40 to 50 years"]);
    assert_eq!(
        store.create_reference(STUDY, new, &asked).await.unwrap(),
        first
    );
    let second = store
        .create_reference(STUDY, table(vec![stratum(18.0, None, None)]), &call())
        .await
        .unwrap();
    assert_eq!(second.version, 2);
    for (name, expected) in [
        ("adults", &second),
        ("adults@2", &second),
        ("adults@1", &first),
    ] {
        assert_eq!(&store.reference(STUDY, name).await.unwrap(), expected);
    }
    for missing in ["adults@3", "children", "adults@x"] {
        let found = store.reference(STUDY, missing).await;
        assert!(
            matches!(found, Err(StoreError::NotFound { .. })),
            "{missing}"
        );
    }
    let page = |after| PageRequest { after, limit: 1 };
    let one = store.references(STUDY, &page(None)).await.unwrap();
    assert_eq!(one.items, [first]);
    let two = store.references(STUDY, &page(one.next)).await.unwrap();
    assert_eq!((two.items, two.next), (vec![second], None));
}

pub(crate) async fn strata_that_overlap_are_refused(store: TestStore) {
    create_study(&store).await;
    let overlapping = table(vec![
        stratum(18.0, Some(40.0), None),
        stratum(39.0, None, Some(Sex::Female)),
    ]);
    let refused = store.create_reference(STUDY, overlapping, &call()).await;
    assert!(matches!(
        refused,
        Err(StoreError::Strata(StrataError::Overlap {
            first: 0,
            second: 1
        }))
    ));
    let page = PageRequest {
        after: None,
        limit: 10,
    };
    assert!(
        store
            .references(STUDY, &page)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

pub(crate) async fn a_study_is_judged_against_another_studys_reference(store: TestStore) {
    create_study(&store).await;
    store.create_study(new_study(OTHER), &call()).await.unwrap();
    let women = table(vec![stratum(18.0, Some(60.0), Some(Sex::Female))]);
    let men = table(vec![stratum(18.0, Some(60.0), Some(Sex::Male))]);
    store.create_reference(OTHER, women, &call()).await.unwrap();
    store
        .submit(submission(days("p1", 0..3, STEEP)))
        .await
        .unwrap();
    assert_eq!(judged_against(&store, "p1").await, "adult-noisy@1");

    let name = "studies/norms/references/adults";
    let unknown = store
        .update_policy(STUDY, 1, against(&format!("{name}@7")), &call())
        .await;
    assert!(matches!(unknown, Err(StoreError::Policy(_))));
    let (policy, _) = store
        .update_policy(STUDY, 1, against(name), &call())
        .await
        .unwrap();
    let versioned = format!("{name}@1");
    assert_eq!(policy.terms.reference.as_deref(), Some(versioned.as_str()));
    assert_eq!(work(&store).await, [JobKind::Rejudge]);
    assert_eq!(judged_against(&store, "p1").await, versioned);
    // A later version takes nobody's place.
    store.create_reference(OTHER, men, &call()).await.unwrap();
    store
        .submit(submission(days("p2", 0..3, STEEP)))
        .await
        .unwrap();
    assert_eq!(judged_against(&store, "p2").await, versioned);

    let (policy, _) = store
        .update_policy(STUDY, 2, against(&format!("{name}@2")), &call())
        .await
        .unwrap();
    assert_eq!(policy.version, 3);
    work(&store).await;
    let rhythm = store.rhythm(STUDY, "p1").await.unwrap().rhythm;
    assert_eq!(rhythm.verdict, Verdict::InsufficientData);
    assert!(rhythm.reasons.contains(Reason::SexOutsideReference));
}

pub(crate) async fn the_own_reference_takes_over_by_rule_and_on_record(store: TestStore) {
    create_study(&store).await;
    store
        .submit(submission(days("p1", 0..3, STEEP)))
        .await
        .unwrap();
    store
        .update_policy(STUDY, 1, against("own"), &call())
        .await
        .unwrap();
    work(&store).await;
    assert_eq!(judged_against(&store, "p1").await, "adult-noisy@1");

    let small = succeeded(&store, 99).await;
    let first = store
        .freeze_fit(STUDY, frozen(&small.id), &call())
        .await
        .unwrap();
    assert_eq!((first.reference.version, first.job), (1, None));
    store
        .submit(submission(days("p2", 0..3, STEEP)))
        .await
        .unwrap();
    assert_eq!(judged_against(&store, "p2").await, "adult-noisy@1");

    let large = succeeded(&store, 100).await;
    let asked = call_with("freeze", 3);
    let second = store
        .freeze_fit(STUDY, frozen(&large.id), &asked)
        .await
        .unwrap();
    let name = "studies/night/references/own@2";
    assert_eq!(second.reference.strata.id(), name);
    let job = second.job.clone().unwrap();
    assert_eq!((job.kind, job.state), (JobKind::Rejudge, JobState::Queued));
    let again = store
        .freeze_fit(STUDY, frozen(&large.id), &asked)
        .await
        .unwrap();
    assert_eq!(again.reference, second.reference);
    assert_eq!(work(&store).await, [JobKind::Rejudge]);
    for participant in ["p1", "p2"] {
        assert_eq!(judged_against(&store, participant).await, name);
        let history = store.history(STUDY, participant).await.unwrap();
        assert_eq!(history.analysis().rhythm.reference.id(), name);
    }
    // One that rests on fewer persons does not take its place, however new.
    let third = store
        .freeze_fit(STUDY, frozen(&small.id), &call())
        .await
        .unwrap();
    assert_eq!((third.reference.version, third.job), (3, None));
    store
        .submit(submission(days("p3", 0..3, STEEP)))
        .await
        .unwrap();
    assert_eq!(judged_against(&store, "p3").await, name);
}

pub(crate) async fn a_fit_that_has_not_succeeded_is_not_frozen(store: TestStore) {
    create_study(&store).await;
    let fit = store
        .start_fit(STUDY, specification(), &call())
        .await
        .unwrap();
    let refused = store.freeze_fit(STUDY, frozen(&fit.id), &call()).await;
    assert!(matches!(
        refused,
        Err(StoreError::StateForbids {
            state: "queued",
            step: "frozen",
            ..
        })
    ));
}
