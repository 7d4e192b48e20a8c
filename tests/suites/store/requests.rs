use std::sync::Arc;

use diel_core::PolicyTerms;
use diel_store::{Amendment, PageRequest, ParticipantChange, StoreError, StudyChange, Submitted};

use crate::TestStore;
use crate::cohort::{
    FLAT, STEEP, STUDY, call, call_with, create_study, days, new_study, nmol, result, submission,
    tube,
};
use crate::orders::registration;

pub(crate) async fn a_hundred_times_at_once_is_once(store: TestStore) {
    create_study(&store).await;
    let mut sent = submission(days("p1", 0..3, STEEP));
    sent.call = call_with("once", 7);
    let shared = Arc::new(store);
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (store, sent) = (Arc::clone(&shared), sent.clone());
            tokio::spawn(async move { store.submit(sent).await.unwrap() })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    let first: Vec<_> = answers
        .iter()
        .filter(|answer| !answer.answered_before)
        .cloned()
        .collect();
    assert_eq!((first.len(), first[0].stored), (1, 15));
    for answer in &mut answers {
        answer.answered_before = false;
        assert_eq!(*answer, first[0]);
    }
    let page = PageRequest {
        after: None,
        limit: 10,
    };
    assert_eq!(shared.batches(STUDY, &page).await.unwrap().items.len(), 1);
}

pub(crate) async fn another_request_under_the_same_id_is_refused(store: TestStore) {
    create_study(&store).await;
    let mut sent = submission(days("p1", 0..1, STEEP));
    sent.call = call_with("r", 1);
    store.submit(sent).await.unwrap();
    let mut other = submission(days("p2", 0..1, STEEP));
    other.call = call_with("r", 2);
    let refused = store.submit(other).await;
    assert!(matches!(refused, Err(StoreError::RequestIdReused { id }) if id == "r"));
    assert!(store.participant(STUDY, "p2").await.is_err());
}

pub(crate) async fn every_kind_of_answer_is_given_again(store: TestStore) {
    let created = store
        .create_study(new_study(STUDY), &call_with("create", 1))
        .await
        .unwrap();
    let change = StudyChange {
        display_name: Some("Second".to_owned()),
        display_unit: Some(None),
        refused_shapes: None,
        retention: Some(diel_core::RetentionDays::new(3_650).ok()),
    };
    let updated = store
        .update_study(STUDY, 1, change.clone(), &call_with("update", 1))
        .await
        .unwrap();
    let rows = days("p1", 0..4, FLAT);
    let mut sent = submission(rows.clone());
    sent.call = call_with("submit", 1);
    let submitted = store.submit(sent.clone()).await.unwrap();
    let mut facts = registration(&rows);
    facts.call = call_with("register", 1);
    let registered = store.register(facts.clone()).await.unwrap();
    let flag = &submitted.raised_flags[0];
    let decision = diel_store::FlagDecision::Dismissed;
    let resolve = call_with("resolve", 1);
    let resolved = store
        .resolve_flag(STUDY, flag, 1, decision, "late tube", &resolve)
        .await
        .unwrap();
    let reopen = call_with("reopen", 1);
    let reopened = store
        .reopen_flag(STUDY, flag, 2, "another look", &reopen)
        .await
        .unwrap();
    let amendment = Amendment {
        study: STUDY.to_owned(),
        specimen: tube("p1", 0, 0),
        result: result(&tube("p1", 0, 0), nmol(11.5)),
        replaced_revision: 1,
        reason: "pipetting".to_owned(),
        call: call_with("amend", 1),
    };
    let amended = store.amend(amendment.clone()).await.unwrap();
    let group = ParticipantChange {
        group: Some("case".to_owned()),
        ..Default::default()
    };
    let person = call_with("person", 1);
    let participant = store
        .update_participant(STUDY, "p1", Some(1), group.clone(), false, &person)
        .await
        .unwrap();
    let policy = call_with("policy", 1);
    let (in_force, job) = store
        .update_policy(STUDY, 2, PolicyTerms::default(), &policy)
        .await
        .unwrap();
    let ungroup = ParticipantChange {
        group: Some(String::new()),
        ..Default::default()
    };
    store
        .update_participant(STUDY, "p1", Some(2), ungroup, false, &call())
        .await
        .unwrap();

    assert_eq!(
        store
            .create_study(new_study(STUDY), &call_with("create", 1))
            .await
            .unwrap(),
        created
    );
    assert_eq!(
        store
            .update_study(STUDY, 1, change, &call_with("update", 1))
            .await
            .unwrap(),
        updated
    );
    assert!(!submitted.answered_before);
    let said_again = Submitted {
        answered_before: true,
        ..submitted.clone()
    };
    assert_eq!(store.submit(sent).await.unwrap(), said_again);
    assert_eq!(store.register(facts).await.unwrap(), registered);
    let again = store
        .resolve_flag(STUDY, flag, 1, decision, "late tube", &resolve)
        .await
        .unwrap();
    assert_eq!(
        (again.state, again.decision_reason),
        (resolved.state, resolved.decision_reason)
    );
    let again = store
        .reopen_flag(STUDY, flag, 2, "another look", &reopen)
        .await
        .unwrap();
    assert_eq!(
        (again.state, again.version, again.updated),
        (reopened.state, 3, reopened.updated)
    );
    assert_eq!(store.amend(amendment).await.unwrap(), amended);
    let again = store
        .update_participant(STUDY, "p1", Some(1), group, false, &person)
        .await
        .unwrap();
    assert_eq!(again, participant);
    let again = store
        .update_policy(STUDY, 2, PolicyTerms::default(), &policy)
        .await
        .unwrap();
    assert_eq!((again.0, again.1.id), (in_force, job.id));
}
