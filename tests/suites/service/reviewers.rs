//! Reviewers: claims, the decision of the one who came first, the queue as a whole.

use diel_proto::v1 as pb;
use diel_tests::reviewers::{Desk, Visit, contest, recorded};
use diel_tests::rows::{at, person};
use diel_tests::service::TestService;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::on_both_engines;
use crate::path::{flags, flat, submit};

on_both_engines!(
    many_reviewers_decide_each_flag_once,
    a_claim_is_seen_and_ends,
    the_queue_is_summarised,
);

/// The measurement `reviewers` does the same with more.
const REVIEWERS: usize = 24;
const FLAGS: usize = 30;

async fn many_reviewers_decide_each_flag_once(service: TestService) {
    service.create_study("s").await.unwrap();
    let rows = (0..FLAGS).flat_map(|number| flat(&format!("P{number:02}")));
    submit(&service, "s", rows.collect()).await;
    let flags = flags(&service, "s").await;
    assert_eq!(flags.len(), FLAGS);
    let mut desks = Vec::new();
    for _ in 0..4 {
        let channel = tonic::transport::Channel::from_shared(service.url()).unwrap();
        desks.push(Desk::Grpc(channel.connect().await.unwrap()));
        let console = service.console().unwrap();
        desks.push(Desk::Http(Visit::open(console, &flags[0]).await.unwrap()));
    }
    let late = contest(&desks, REVIEWERS, &flags).await.unwrap();
    assert_eq!(late, FLAGS * (REVIEWERS - 1));
    recorded(&service.channel, "s", &flags).await.unwrap();
    for flag in crate::path::flags(&service, "s").await {
        assert_eq!(flag.state(), pb::FlagState::Resolved);
        assert_eq!((flag.decisions.len(), flag.etag.as_str()), (1, "v2"));
        let request = pb::ListFlagEventsRequest {
            parent: flag.name,
            ..Default::default()
        };
        let events = service.reviews().list_flag_events(request).await.unwrap();
        assert_eq!(
            events.into_inner().events.len(),
            2,
            "raised and decided once"
        );
    }
}

async fn a_claim_is_seen_and_ends(service: TestService) {
    service.create_study("s").await.unwrap();
    submit(&service, "s", flat("P")).await;
    let flag = flags(&service, "s").await.remove(0);
    let claim = |flag: &pb::Flag| pb::ClaimFlagRequest {
        name: flag.name.clone(),
        etag: flag.etag.clone(),
        ..Default::default()
    };
    let past = pb::ClaimFlagRequest {
        expire_time: Some(at(0)),
        ..claim(&flag)
    };
    let refused = service.reviews().claim_flag(past).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(
        refused.message().contains("not later than now"),
        "{}",
        refused.message()
    );
    let unexplained = pb::ClaimFlagRequest {
        take_over: true,
        ..claim(&flag)
    };
    let refused = service.reviews().claim_flag(unexplained).await.unwrap_err();
    assert!(
        refused.message().starts_with("reason: is empty"),
        "{}",
        refused.message()
    );

    let held = service
        .reviews()
        .claim_flag(claim(&flag))
        .await
        .unwrap()
        .into_inner();
    let holder = held.claim.clone().unwrap();
    assert!(!holder.reviewer.is_empty() && holder.expire_time.is_none());
    let late = service
        .reviews()
        .claim_flag(claim(&flag))
        .await
        .unwrap_err();
    assert_eq!(late.code(), Code::Aborted);
    let details = late.get_error_details();
    let told = &details.error_info().unwrap().metadata;
    assert_eq!(
        (
            told["kind"].as_str(),
            told["etag"].as_str(),
            told["actor"].as_str()
        ),
        ("CLAIMED", held.etag.as_str(), holder.reviewer.as_str())
    );
    let queue = |filter| pb::ListFlagsRequest {
        parent: "studies/s".into(),
        filter: Some(filter),
        ..Default::default()
    };
    let unclaimed = queue(pb::FlagFilter {
        unclaimed: true,
        ..Default::default()
    });
    let list = service.reviews().list_flags(unclaimed).await.unwrap();
    assert!(list.into_inner().flags.is_empty());
    let mine = queue(pb::FlagFilter {
        claimed_by: holder.reviewer.clone(),
        ..Default::default()
    });
    let list = service.reviews().list_flags(mine).await.unwrap();
    assert_eq!(list.into_inner().flags, std::slice::from_ref(&held));
    let released = service
        .reviews()
        .release_flag(pb::ReleaseFlagRequest {
            name: held.name,
            etag: held.etag,
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(released.claim, None);
    let again = pb::ReleaseFlagRequest {
        name: released.name,
        etag: released.etag,
        ..Default::default()
    };
    let refused = service.reviews().release_flag(again).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
}

async fn the_queue_is_summarised(service: TestService) {
    service.create_study("s").await.unwrap();
    for code in ["A", "B"] {
        submit(&service, "s", flat(code)).await;
    }
    submit(&service, "s", person("steep", 3, 1.63, -0.0965)).await;
    let flags = flags(&service, "s").await;
    let request = pb::SummarizeFlagsRequest {
        parent: "studies/s".into(),
        filter: None,
    };
    let summary = service
        .reviews()
        .summarize_flags(request.clone())
        .await
        .unwrap()
        .into_inner();
    let expected: f64 = flags
        .iter()
        .map(|flag| 1.0 - flag.evidence.as_ref().unwrap().probability_flat)
        .sum();
    let all = summary.flags.unwrap();
    assert_eq!(
        (all.flag_count, summary.steps.len(), summary.groups.len()),
        (2, 2, 1)
    );
    assert!((all.expected_false_count - expected).abs() < 1e-12);
    assert!((all.expected_false_share.unwrap() - expected / 2.0).abs() < 1e-12);
    let decide = pb::ResolveFlagRequest {
        name: flags[0].name.clone(),
        decision: pb::FlagDecision::Confirmed as i32,
        reason: "seen".into(),
        etag: flags[0].etag.clone(),
        ..Default::default()
    };
    service.reviews().resolve_flag(decide).await.unwrap();
    let left = service.reviews().summarize_flags(request).await.unwrap();
    assert_eq!(
        left.into_inner().flags.unwrap().flag_count,
        1,
        "decided flags wait no longer"
    );
}
