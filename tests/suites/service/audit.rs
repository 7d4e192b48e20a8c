//! The audit trail over gRPC.

use diel_proto::v1 as pb;
use diel_tests::service::TestService;
use diel_tests::trail;
use tonic::Code;

use crate::on_both_engines;
use crate::path::{flat, submit};

on_both_engines!(
    a_chain_is_streamed_whole_and_verifies,
    entries_are_listed_page_by_page_and_by_what_they_say,
    wrong_questions_are_refused,
);

/// A study with three flags and what that leaves in the trail.
async fn filled(service: &TestService) {
    service.create_study("s").await.unwrap();
    for code in ["A", "B", "C"] {
        submit(service, "s", flat(code)).await;
    }
}

async fn list(service: &TestService, request: pb::ListAuditEntriesRequest) -> Vec<pb::AuditEntry> {
    let mut request = request;
    let mut all = Vec::new();
    loop {
        let page = service
            .audits()
            .list_audit_entries(request.clone())
            .await
            .unwrap()
            .into_inner();
        assert!(page.entries.len() <= 2);
        all.extend(page.entries);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return all;
        }
    }
}

async fn a_chain_is_streamed_whole_and_verifies(service: TestService) {
    filled(&service).await;
    let head = trail::verify(&service.channel, "s").await.unwrap();
    assert_eq!(head.sequence, 7);
    // Outside any study nothing was done yet.
    let outside = service
        .audits()
        .get_audit_head(pb::GetAuditHeadRequest::default())
        .await
        .unwrap()
        .into_inner();
    assert_eq!((outside.sequence, outside.hash), (0, "0".repeat(64)));
}

async fn entries_are_listed_page_by_page_and_by_what_they_say(service: TestService) {
    filled(&service).await;
    let request = |filter: pb::AuditFilter| pb::ListAuditEntriesRequest {
        parent: "studies/s".into(),
        filter: Some(filter),
        page_size: 2,
        ..Default::default()
    };
    let all = list(&service, request(pb::AuditFilter::default())).await;
    let numbers: Vec<_> = all.iter().map(|entry| entry.sequence).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7]);
    let by_data = pb::AuditFilter {
        actor: "diel".into(),
        ..Default::default()
    };
    let by_data = list(&service, request(by_data)).await;
    assert!(by_data.iter().all(|entry| entry.action == "raise_flag"));
    assert_eq!(by_data.len(), 3);
    let of_one = pb::AuditFilter {
        resource: by_data[1].resource.clone(),
        action: "raise_flag".into(),
        ..Default::default()
    };
    assert_eq!(list(&service, request(of_one)).await, by_data[1..2]);
    let since = pb::AuditFilter {
        from_time: all[3].create_time,
        ..Default::default()
    };
    let since = list(&service, request(since)).await;
    assert!(since.len() >= 4 && since.ends_with(&all[3..]));
    let before = pb::AuditFilter {
        until_time: all[0].create_time,
        ..Default::default()
    };
    assert_eq!(list(&service, request(before)).await, []);
}

async fn wrong_questions_are_refused(service: TestService) {
    filled(&service).await;
    let asked = |parent: &str, filter: pb::AuditFilter| pb::ListAuditEntriesRequest {
        parent: parent.into(),
        filter: Some(filter),
        ..Default::default()
    };
    let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
    let backwards = pb::AuditFilter {
        from_time: at(10),
        until_time: at(10),
        ..Default::default()
    };
    for (request, code, word) in [
        (
            asked("studies/none", pb::AuditFilter::default()),
            Code::NotFound,
            "studies/none",
        ),
        (
            asked("s", pb::AuditFilter::default()),
            Code::InvalidArgument,
            "parent",
        ),
        (
            asked("studies/s", backwards),
            Code::InvalidArgument,
            "filter.from_time",
        ),
    ] {
        let refused = service
            .audits()
            .list_audit_entries(request)
            .await
            .unwrap_err();
        assert_eq!(refused.code(), code, "{refused}");
        assert!(refused.message().contains(word), "{refused}");
    }
}
