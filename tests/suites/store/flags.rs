use diel_core::Verdict;
use diel_store::{
    Call, Flag, FlagDecision, FlagEventKind, FlagFilter, FlagState, PageRequest, ParticipantChange,
    ReviewRefusal, StoreError,
};

use crate::TestStore;
use crate::cohort::{FLAT, STEEP, STUDY, call, create_study, days, submission};

async fn flagged(store: &TestStore) -> Flag {
    create_study(store).await;
    let submitted = store
        .submit(submission(days("p1", 0..4, FLAT)))
        .await
        .unwrap();
    assert_eq!(submitted.raised_flags.len(), 1);
    store.flag(STUDY, &submitted.raised_flags[0]).await.unwrap()
}

async fn kinds(store: &TestStore, flag: &str) -> Vec<FlagEventKind> {
    let page = PageRequest {
        after: None,
        limit: 100,
    };
    let events = store.flag_events(STUDY, flag, &page).await.unwrap().items;
    assert!(
        events
            .iter()
            .zip(1..)
            .all(|(event, sequence)| event.sequence == sequence)
    );
    events.into_iter().map(|event| event.kind).collect()
}

fn reviewer() -> Call {
    Call {
        actor: "reviewer".to_owned(),
        ..call()
    }
}

pub(crate) async fn a_flag_is_raised_with_its_evidence(store: TestStore) {
    let flag = flagged(&store).await;
    assert_eq!(
        (flag.participant.as_str(), flag.state, flag.version),
        ("p1", FlagState::Open, 1)
    );
    assert_eq!(
        (flag.group.as_str(), flag.decision, flag.policy_version),
        ("control", None, 1)
    );
    let rhythm = store.rhythm(STUDY, "p1").await.unwrap();
    assert_eq!(rhythm.flag, Some((flag.id.clone(), FlagState::Open)));
    assert_eq!(flag.evidence, rhythm.rhythm);
    assert_eq!(flag.evidence.verdict, Verdict::FlatForReview);
    assert!(flag.evidence.posterior.unwrap().probability_flat > 0.8);
    let page = PageRequest {
        after: None,
        limit: 10,
    };
    assert_eq!(
        store
            .flags(STUDY, &FlagFilter::default(), &page)
            .await
            .unwrap()
            .items,
        std::slice::from_ref(&flag)
    );
    let events = store
        .flag_events(
            STUDY,
            &flag.id,
            &PageRequest {
                after: None,
                limit: 10,
            },
        )
        .await
        .unwrap()
        .items;
    assert_eq!(
        (events.len(), events[0].kind, events[0].actor.as_str()),
        (1, FlagEventKind::Raised, "diel")
    );
    assert_eq!(events[0].evidence, flag.evidence);
    assert!(matches!(
        store.flag(STUDY, "none").await,
        Err(StoreError::NotFound { .. })
    ));
}

pub(crate) async fn a_flag_follows_the_data(store: TestStore) {
    use FlagEventKind::{EvidenceChanged, Raised, Reopened, Withdrawn};
    let flag = flagged(&store).await;
    // Further flat days change the evidence, many steep ones take the ground away, a correction brings it back.
    assert_eq!(
        store
            .submit(submission(days("p1", 4..5, FLAT)))
            .await
            .unwrap()
            .raised_flags
            .len(),
        0
    );
    let changed = store.flag(STUDY, &flag.id).await.unwrap();
    assert_eq!((changed.version, changed.evidence.valid_day_count), (2, 5));
    store
        .submit(submission(days("p1", 5..40, 1.5 * STEEP)))
        .await
        .unwrap();
    let withdrawn = store.flag(STUDY, &flag.id).await.unwrap();
    assert_eq!(
        (withdrawn.state, withdrawn.version),
        (FlagState::Withdrawn, 3)
    );
    assert_ne!(withdrawn.evidence.verdict, Verdict::FlatForReview);
    assert_eq!(
        store
            .submit(submission(days("p1", 40..340, FLAT)))
            .await
            .unwrap()
            .raised_flags,
        [flag.id.as_str()]
    );
    assert_eq!(
        store.flag(STUDY, &flag.id).await.unwrap().state,
        FlagState::Open
    );
    assert_eq!(
        kinds(&store, &flag.id).await,
        [Raised, EvidenceChanged, Withdrawn, Reopened]
    );
}

pub(crate) async fn a_review_is_kept_step_by_step(store: TestStore) {
    let flag = flagged(&store).await;
    let too_early = store
        .reopen_flag(STUDY, &flag.id, 1, "again", &reviewer())
        .await;
    assert!(matches!(
        too_early,
        Err(StoreError::Review {
            refusal: ReviewRefusal::State {
                state: "open",
                step: "reopened",
                ..
            },
            ..
        })
    ));
    let call = reviewer();
    let reason = "gum chewed before noon";
    let stale = store
        .resolve_flag(STUDY, &flag.id, 2, FlagDecision::Dismissed, reason, &call)
        .await;
    let Err(StoreError::FlagMovedOn { last, .. }) = stale else {
        panic!("{stale:?}")
    };
    assert_eq!((last.sequence, last.kind), (1, FlagEventKind::Raised));
    let resolved = store
        .resolve_flag(STUDY, &flag.id, 1, FlagDecision::Dismissed, reason, &call)
        .await
        .unwrap();
    assert_eq!((resolved.state, resolved.version), (FlagState::Resolved, 2));
    assert_eq!(
        (resolved.decision, resolved.decision_reason.as_str()),
        (Some(FlagDecision::Dismissed), reason)
    );
    assert_eq!(
        (&resolved.evidence, resolved.raised),
        (&flag.evidence, flag.raised)
    );
    let twice = store
        .resolve_flag(STUDY, &flag.id, 2, FlagDecision::Confirmed, reason, &call)
        .await;
    assert!(matches!(
        twice,
        Err(StoreError::Review {
            refusal: ReviewRefusal::State {
                state: "resolved",
                step: "resolved",
                ..
            },
            ..
        })
    ));
    let reopened = store
        .reopen_flag(STUDY, &flag.id, 2, "a second reviewer", &call)
        .await
        .unwrap();
    assert_eq!(
        (
            reopened.state,
            reopened.decision,
            reopened.decision_reason.as_str()
        ),
        (FlagState::Open, None, "")
    );
    let events = store
        .flag_events(
            STUDY,
            &flag.id,
            &PageRequest {
                after: Some(1),
                limit: 10,
            },
        )
        .await
        .unwrap()
        .items;
    assert_eq!(events[0].decision, Some(FlagDecision::Dismissed));
    assert_eq!(
        (events[0].actor.as_str(), events[0].reason.as_str()),
        ("reviewer", reason)
    );
    assert_eq!(
        (events[1].kind, events[1].reason.as_str()),
        (FlagEventKind::Reopened, "a second reviewer")
    );
}

pub(crate) async fn a_resolved_flag_comes_back_for_more_data_only(store: TestStore) {
    let flag = flagged(&store).await;
    let call = reviewer();
    store
        .resolve_flag(
            STUDY,
            &flag.id,
            1,
            FlagDecision::MoreData,
            "two more days",
            &call,
        )
        .await
        .unwrap();
    // Judged again on the same days: nothing happens.
    let change = ParticipantChange {
        group: Some("case".to_owned()),
        ..Default::default()
    };
    store
        .update_participant(STUDY, "p1", Some(1), change, false, &call)
        .await
        .unwrap();
    assert_eq!(
        store.flag(STUDY, &flag.id).await.unwrap().state,
        FlagState::Resolved
    );
    let more = store
        .submit(submission(days("p1", 4..6, FLAT)))
        .await
        .unwrap();
    assert_eq!(more.raised_flags, [flag.id.as_str()]);
    let reopened = store.flag(STUDY, &flag.id).await.unwrap();
    assert_eq!(
        (reopened.state, reopened.version, reopened.decision),
        (FlagState::Open, 3, None)
    );
    store
        .resolve_flag(STUDY, &flag.id, 3, FlagDecision::Confirmed, "seen", &call)
        .await
        .unwrap();
    let after = store
        .submit(submission(days("p1", 6..8, FLAT)))
        .await
        .unwrap();
    assert!(after.raised_flags.is_empty());
    assert_eq!(
        store.flag(STUDY, &flag.id).await.unwrap().state,
        FlagState::Resolved
    );
}
