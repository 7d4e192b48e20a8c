//! Claims, second reviewers, and what opens a decided flag again.

use diel_core::PolicyTerms;
use diel_store::{
    Call, Flag, FlagDecision, FlagEventKind, FlagFilter, FlagState, PageRequest, ReviewRefusal,
    StoreError,
};
use jiff::{SignedDuration, Timestamp};

use crate::TestStore;
use crate::cohort::{FLAT, STEEP, STUDY, call, create_study, days, now, submission};

fn by(reviewer: &str) -> Call {
    Call {
        actor: reviewer.to_owned(),
        ..call()
    }
}

fn at(reviewer: &str, now: Timestamp) -> Call {
    Call {
        now,
        ..by(reviewer)
    }
}

async fn flagged(store: &TestStore) -> Flag {
    create_study(store).await;
    let submitted = store
        .submit(submission(days("p1", 0..4, FLAT)))
        .await
        .unwrap();
    store.flag(STUDY, &submitted.raised_flags[0]).await.unwrap()
}

async fn want_two(store: &TestStore) {
    let terms = PolicyTerms {
        second_review: Some(true),
        ..PolicyTerms::default()
    };
    store.update_policy(STUDY, 1, terms, &call()).await.unwrap();
}

async fn decide(
    store: &TestStore,
    flag: &Flag,
    reviewer: &str,
    decision: FlagDecision,
) -> Result<Flag, StoreError> {
    let reason = format!("{reviewer} looked");
    let call = by(reviewer);
    store
        .resolve_flag(STUDY, &flag.id, flag.version, decision, &reason, &call)
        .await
}

async fn kinds(store: &TestStore, flag: &Flag) -> Vec<FlagEventKind> {
    let page = PageRequest {
        after: None,
        limit: 100,
    };
    let events = store.flag_events(STUDY, &flag.id, &page).await.unwrap();
    events.items.into_iter().map(|event| event.kind).collect()
}

async fn queue(store: &TestStore, filter: FlagFilter) -> usize {
    let page = PageRequest {
        after: None,
        limit: 100,
    };
    store
        .flags(STUDY, &filter, &page)
        .await
        .unwrap()
        .items
        .len()
}

pub(crate) async fn a_claim_keeps_others_off_until_it_ends(store: TestStore) {
    let flag = flagged(&store).await;
    let until = now() + SignedDuration::from_hours(2);
    let claimed = store
        .claim_flag(STUDY, &flag.id, 1, Some(until), false, "", &by("anna"))
        .await
        .unwrap();
    let claim = claimed.claim.clone().unwrap();
    assert_eq!(
        (claim.reviewer.as_str(), claim.at, claim.until),
        ("anna", now(), Some(until))
    );
    assert_eq!((claimed.state, claimed.version), (FlagState::Open, 2));

    let refused = decide(&store, &claimed, "ben", FlagDecision::Confirmed).await;
    assert!(
        matches!(&refused, Err(StoreError::Review { refusal: ReviewRefusal::Claimed(by), .. }) if *by == claim),
        "{refused:?}"
    );
    let unclaimed_at = |now| FlagFilter {
        unclaimed_at: Some(now),
        ..FlagFilter::default()
    };
    let of = |reviewer: &str| FlagFilter {
        claimed_by: Some(reviewer.to_owned()),
        ..FlagFilter::default()
    };
    assert_eq!(queue(&store, unclaimed_at(now())).await, 0);
    assert_eq!(queue(&store, unclaimed_at(until)).await, 1);
    assert_eq!(
        (
            queue(&store, of("anna")).await,
            queue(&store, of("ben")).await
        ),
        (1, 0)
    );

    // New numbers leave the claim alone.
    store
        .submit(submission(days("p1", 4..5, FLAT)))
        .await
        .unwrap();
    let changed = store.flag(STUDY, &flag.id).await.unwrap();
    assert_eq!((changed.version, changed.claim.as_ref()), (3, Some(&claim)));

    let taken = store
        .claim_flag(STUDY, &flag.id, 3, None, true, "anna is ill", &by("ben"))
        .await
        .unwrap();
    assert_eq!(taken.claim.as_ref().map(|claim| claim.until), Some(None));
    assert_eq!(queue(&store, unclaimed_at(until)).await, 0);
    let theirs = store
        .release_flag(STUDY, &flag.id, 4, "", &by("anna"))
        .await;
    assert!(matches!(
        theirs,
        Err(StoreError::Review {
            refusal: ReviewRefusal::Claimed(_),
            ..
        })
    ));
    let released = store
        .release_flag(STUDY, &flag.id, 4, "", &by("ben"))
        .await
        .unwrap();
    assert_eq!(released.claim, None);

    let short = now() + SignedDuration::from_secs(1);
    let held = store
        .claim_flag(STUDY, &flag.id, 5, Some(short), false, "", &by("anna"))
        .await
        .unwrap();
    let decided = store
        .resolve_flag(
            STUDY,
            &flag.id,
            held.version,
            FlagDecision::Confirmed,
            "seen",
            &at("ben", short),
        )
        .await
        .unwrap();
    assert_eq!(
        (decided.state, &decided.claim),
        (FlagState::Resolved, &None)
    );
    use FlagEventKind::{Claimed, EvidenceChanged, Raised, Released, Resolved, TakenOver};
    assert_eq!(
        kinds(&store, &flag).await,
        [
            Raised,
            Claimed,
            EvidenceChanged,
            TakenOver,
            Released,
            Claimed,
            Resolved
        ]
    );
}

pub(crate) async fn the_slower_of_two_reviewers_sees_the_decision_of_the_other(store: TestStore) {
    let flag = flagged(&store).await;
    let replica = store.replica().await;
    let (anna, ben) = (by("anna"), by("ben"));
    let (one, other) = tokio::join!(
        store.resolve_flag(STUDY, &flag.id, 1, FlagDecision::Confirmed, "plain", &anna),
        replica.resolve_flag(STUDY, &flag.id, 1, FlagDecision::Dismissed, "gum", &ben),
    );
    let (won, lost) = match (one, other) {
        (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
        both => panic!("{both:?}"),
    };
    let StoreError::FlagMovedOn { last, .. } = &lost else {
        panic!("{lost:?}")
    };
    assert_eq!((won.version, last.sequence), (2, 2));
    assert_eq!(last.decision, won.decision);
    assert_eq!(
        (&last.actor, &last.reason),
        (&won.decisions[0].reviewer, &won.decision_reason)
    );
    let text = lost.to_string();
    assert!(text.contains(&format!("by {}", last.actor)), "{text}");
    assert_eq!(kinds(&store, &flag).await.len(), 2);
}

pub(crate) async fn two_reviewers_decide_and_a_third_settles(store: TestStore) {
    use FlagDecision::{Confirmed, Dismissed, MoreData};
    let flag = flagged(&store).await;
    want_two(&store).await;
    let first = decide(&store, &flag, "anna", Confirmed).await.unwrap();
    assert_eq!(
        (first.state, first.decision, first.version),
        (FlagState::AwaitingSecond, Some(Confirmed), 2)
    );
    let again = decide(&store, &first, "anna", Confirmed).await;
    assert!(matches!(
        again,
        Err(StoreError::Review {
            refusal: ReviewRefusal::SameReviewer { .. },
            ..
        })
    ));
    let disputed = decide(&store, &first, "ben", Dismissed).await.unwrap();
    assert_eq!(disputed.state, FlagState::Disputed);
    let decisions: Vec<_> = disputed
        .decisions
        .iter()
        .map(|one| {
            (
                one.reviewer.as_str(),
                one.decision,
                one.reason.as_str(),
                one.at,
            )
        })
        .collect();
    assert_eq!(
        decisions,
        [
            ("anna", Confirmed, "anna looked", now()),
            ("ben", Dismissed, "ben looked", now())
        ]
    );
    let insisting = decide(&store, &disputed, "ben", Dismissed).await;
    assert!(matches!(
        insisting,
        Err(StoreError::Review {
            refusal: ReviewRefusal::OwnDecision { .. },
            ..
        })
    ));
    let settled = decide(&store, &disputed, "cleo", MoreData).await.unwrap();
    assert_eq!(
        (settled.state, settled.decision, settled.decisions.len()),
        (FlagState::Resolved, Some(MoreData), 3)
    );
    let reopened = store
        .reopen_flag(STUDY, &flag.id, settled.version, "new diary", &by("anna"))
        .await
        .unwrap();
    assert!(reopened.decisions.is_empty());
    let first = decide(&store, &reopened, "ben", Dismissed).await.unwrap();
    let agreed = decide(&store, &first, "anna", Dismissed).await.unwrap();
    assert_eq!(
        (agreed.state, agreed.decision, agreed.decisions.len()),
        (FlagState::Resolved, Some(Dismissed), 2)
    );
    use FlagEventKind::{Disagreed, FirstDecision, Raised, Reopened, Resolved};
    assert_eq!(
        kinds(&store, &flag).await,
        [
            Raised,
            FirstDecision,
            Disagreed,
            Resolved,
            Reopened,
            FirstDecision,
            Resolved
        ]
    );
}

pub(crate) async fn data_take_the_ground_from_a_flag_that_awaits_a_second_decision(
    store: TestStore,
) {
    let flag = flagged(&store).await;
    want_two(&store).await;
    decide(&store, &flag, "anna", FlagDecision::Confirmed)
        .await
        .unwrap();
    store
        .submit(submission(days("p1", 5..40, 1.5 * STEEP)))
        .await
        .unwrap();
    let withdrawn = store.flag(STUDY, &flag.id).await.unwrap();
    assert_eq!(
        (
            withdrawn.state,
            withdrawn.decision,
            withdrawn.decisions.len()
        ),
        (FlagState::Withdrawn, None, 0)
    );
}

/// One further day like the others moves the posterior little and opens nothing; days that rise more steeply move it by
/// more than a standard deviation and do. With a policy that wants ten of them it would not.
pub(crate) async fn materially_new_data_open_a_decided_flag_again(store: TestStore) {
    let flag = flagged(&store).await;
    decide(&store, &flag, "anna", FlagDecision::Dismissed)
        .await
        .unwrap();
    let decided_on = flag.evidence.posterior.unwrap();
    let shift = |flag: &Flag| {
        let now = flag.evidence.posterior.unwrap().slope_ln_per_h;
        (now - decided_on.slope_ln_per_h).abs() / decided_on.sd
    };

    store
        .submit(submission(days("p1", 4..5, FLAT)))
        .await
        .unwrap();
    let same = store.flag(STUDY, &flag.id).await.unwrap();
    assert_eq!((same.state, same.version), (FlagState::Resolved, 2));

    let raised = store
        .submit(submission(days("p1", 5..12, 0.09)))
        .await
        .unwrap()
        .raised_flags;
    assert_eq!(raised, [flag.id.as_str()]);
    let reopened = store.flag(STUDY, &flag.id).await.unwrap();
    assert_eq!(
        (reopened.state, reopened.decision, reopened.decisions.len()),
        (FlagState::Open, None, 0)
    );
    assert!(shift(&reopened) > 1.0, "{}", shift(&reopened));

    let decided = decide(&store, &reopened, "anna", FlagDecision::Confirmed)
        .await
        .unwrap();
    let unmoved = PolicyTerms {
        reopen_shift_sd: Some(100.0),
        ..PolicyTerms::default()
    };
    store
        .update_policy(STUDY, 1, unmoved, &call())
        .await
        .unwrap();
    store
        .submit(submission(days("p1", 12..20, FLAT)))
        .await
        .unwrap();
    let still = store.flag(STUDY, &flag.id).await.unwrap();
    assert_eq!(
        (still.state, still.version),
        (FlagState::Resolved, decided.version)
    );
}

/// Three flags with probabilities that can be read: the summary is the mean of 1 - P, by hand.
pub(crate) async fn the_queue_says_how_many_of_it_are_expected_to_be_false(store: TestStore) {
    create_study(&store).await;
    for (code, slope) in [("a", FLAT), ("b", 0.02), ("c", 0.06)] {
        let mut rows = days(code, 0..4, slope);
        for row in &mut rows {
            row.collection.as_mut().unwrap().group =
                if code == "b" { "case" } else { "control" }.to_owned();
        }
        store.submit(submission(rows)).await.unwrap();
    }
    let page = PageRequest {
        after: None,
        limit: 10,
    };
    let flags = store
        .flags(STUDY, &FlagFilter::default(), &page)
        .await
        .unwrap()
        .items;
    let p: Vec<f64> = flags
        .iter()
        .map(|flag| flag.evidence.posterior.unwrap().probability_flat)
        .collect();
    assert_eq!(p.len(), 3);
    let summary = store
        .queue_summary(STUDY, &FlagFilter::default())
        .await
        .unwrap();
    let share = summary.all().expected_false_share().unwrap();
    assert!((share - (3.0 - p[0] - p[1] - p[2]) / 3.0).abs() < 1e-12);
    let two = summary.steps().nth(1).unwrap();
    let expected = 2.0 - p[0] - p[1];
    assert!((two.so_far.expected_false_count() - expected).abs() < 1e-12);
    assert_eq!((two.probability_flat, two.so_far.count()), (p[1], 2));
    let groups: Vec<_> = summary
        .groups()
        .map(|(group, of)| (group.to_owned(), of.count()))
        .collect();
    assert_eq!(groups, [("case".to_owned(), 1), ("control".to_owned(), 2)]);
    let cases = FlagFilter {
        groups: vec!["case".to_owned()],
        ..FlagFilter::default()
    };
    let summary = store.queue_summary(STUDY, &cases).await.unwrap();
    assert_eq!((summary.all().count(), summary.steps().count()), (1, 1));
}
