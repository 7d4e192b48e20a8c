//! Flags after they are raised: review, amended data, exclusions, another policy.

use diel_proto::v1 as pb;
use diel_tests::rows::{nmol, person};
use diel_tests::service::TestService;
use tonic::Code;

use crate::on_both_engines;
use crate::path::{flags, flat, rhythm, submit};

on_both_engines!(
    a_flag_is_resolved_once_and_reopened_and_its_history_stays,
    an_amendment_withdraws_the_flag_it_took_the_ground_from,
    exclusions_and_age_keep_people_from_being_judged,
    a_policy_change_judges_everybody_again,
);

async fn a_flag_is_resolved_once_and_reopened_and_its_history_stays(service: TestService) {
    service.create_study("s").await.unwrap();
    submit(&service, "s", flat("P")).await;
    let flag = flags(&service, "s").await.remove(0);
    assert_eq!(flag.state(), pb::FlagState::Open);
    let decide = pb::ResolveFlagRequest {
        name: flag.name.clone(),
        decision: pb::FlagDecision::Dismissed as i32,
        reason: "sampled while travelling".into(),
        etag: flag.etag.clone(),
        ..Default::default()
    };
    let resolved = service
        .reviews()
        .resolve_flag(decide.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (resolved.state(), resolved.decision()),
        (pb::FlagState::Resolved, pb::FlagDecision::Dismissed)
    );
    let second = service.reviews().resolve_flag(decide).await.unwrap_err();
    assert_eq!(
        second.code(),
        Code::Aborted,
        "the second reviewer sees a stale etag"
    );
    let forbidden = pb::ResolveFlagRequest {
        name: flag.name.clone(),
        decision: 1,
        reason: "r".into(),
        etag: resolved.etag.clone(),
        ..Default::default()
    };
    assert_eq!(
        service
            .reviews()
            .resolve_flag(forbidden)
            .await
            .unwrap_err()
            .code(),
        Code::FailedPrecondition
    );
    let reopened = service
        .reviews()
        .reopen_flag(pb::ReopenFlagRequest {
            name: flag.name.clone(),
            reason: "second look".into(),
            etag: resolved.etag,
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(reopened.state(), pb::FlagState::Open);
    let events = service
        .reviews()
        .list_flag_events(pb::ListFlagEventsRequest {
            parent: flag.name,
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner()
        .events;
    let kinds: Vec<_> = events.iter().map(pb::FlagEvent::kind).collect();
    assert_eq!(
        kinds,
        [
            pb::FlagEventKind::Raised,
            pb::FlagEventKind::Resolved,
            pb::FlagEventKind::Reopened
        ]
    );
    assert_eq!(events[1].reason, "sampled while travelling");
    assert!(
        events
            .iter()
            .zip(1..)
            .all(|(event, sequence)| event.sequence == sequence)
    );
}

async fn an_amendment_withdraws_the_flag_it_took_the_ground_from(service: TestService) {
    service.create_study("s").await.unwrap();
    let rows = flat("P");
    submit(&service, "s", rows.clone()).await;
    assert_eq!(flags(&service, "s").await[0].state(), pb::FlagState::Open);
    let stale = pb::AmendResultRequest {
        name: format!("studies/s/specimens/{}", rows[4].specimen),
        result: Some(pb::Result {
            concentration: Some(nmol(0.5)),
            ..Default::default()
        }),
        reason: "decimal point".into(),
        replaced_revision: 7,
        ..Default::default()
    };
    assert_eq!(
        service
            .submissions()
            .amend_result(stale)
            .await
            .unwrap_err()
            .code(),
        Code::Aborted
    );
    for row in rows.iter().filter(|row| row.specimen.ends_with("-54000")) {
        let request = pb::AmendResultRequest {
            name: format!("studies/s/specimens/{}", row.specimen),
            result: Some(pb::Result {
                concentration: Some(nmol(0.3)),
                ..Default::default()
            }),
            reason: "dilution not applied".into(),
            replaced_revision: 1,
            ..Default::default()
        };
        let amended = service
            .submissions()
            .amend_result(request)
            .await
            .unwrap()
            .into_inner();
        assert_eq!(
            (amended.revision, amended.amendment_reason.as_str()),
            (2, "dilution not applied")
        );
    }
    assert_eq!(
        flags(&service, "s").await[0].state(),
        pb::FlagState::Withdrawn
    );
    let parent = format!("studies/s/specimens/{}", rows[4].specimen);
    let results = service
        .submissions()
        .list_results(pb::ListResultsRequest {
            parent,
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner()
        .results;
    assert_eq!(
        results
            .iter()
            .map(|result| result.revision)
            .collect::<Vec<_>>(),
        [1, 2],
        "earlier revisions stay"
    );
    assert_eq!(results[0].concentration, rows[4].concentration);
}

async fn exclusions_and_age_keep_people_from_being_judged(service: TestService) {
    service.create_study("s").await.unwrap();
    let with = |code: &str, age: f64, conditions: Vec<i32>| -> Vec<_> {
        let mut rows = flat(code);
        for row in &mut rows {
            let facts = row.collection.as_mut().unwrap();
            facts.age_years = Some(age);
            facts.conditions = conditions.clone();
        }
        rows
    };
    submit(&service, "s", with("newborn", 0.1, vec![])).await;
    submit(&service, "s", with("infant", 0.5, vec![])).await;
    submit(
        &service,
        "s",
        with(
            "steroids",
            30.0,
            vec![pb::Condition::Corticosteroids as i32],
        ),
    )
    .await;
    assert!(flags(&service, "s").await.is_empty());
    let newborn = rhythm(&service, "s", "newborn").await;
    assert_eq!(newborn.verdict(), pb::Verdict::InsufficientData);
    assert!(
        newborn
            .reasons
            .iter()
            .any(|reason| reason == "under_2_months"),
        "{:?}",
        newborn.reasons
    );
    assert_ne!(
        rhythm(&service, "s", "infant").await.verdict(),
        pb::Verdict::FlatForReview
    );
    let steroids = rhythm(&service, "s", "steroids").await;
    assert_eq!(
        (
            steroids.verdict(),
            steroids.valid_day_count,
            steroids.day_count
        ),
        (pb::Verdict::InsufficientData, 0, 6)
    );
}

async fn a_policy_change_judges_everybody_again(service: TestService) {
    let study = service.create_study("s").await.unwrap();
    submit(&service, "s", flat("P")).await;
    submit(&service, "s", person("Q", 3, 1.63, -0.0965)).await;
    let request = pb::UpdatePolicyRequest {
        parent: "studies/s".into(),
        policy: Some(pb::Policy {
            threshold: Some(pb::policy::Threshold::ThresholdLnPerH(0.5)),
            ..Default::default()
        }),
        etag: study.etag,
        ..Default::default()
    };
    let changed = service
        .studies()
        .update_policy(request)
        .await
        .unwrap()
        .into_inner();
    let job = changed.job.unwrap();
    assert_eq!(job.total_count, 2);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let now = service
            .studies()
            .get_job(pb::GetJobRequest {
                name: job.name.clone(),
            })
            .await
            .unwrap()
            .into_inner();
        if now.state() == pb::JobState::Succeeded {
            assert_eq!(now.done_count, 2);
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{now:?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let after = rhythm(&service, "s", "P").await;
    assert_eq!(
        (after.verdict(), after.policy.as_str()),
        (pb::Verdict::NotFlat, "studies/s/policies/2")
    );
    assert_eq!(
        flags(&service, "s").await[0].state(),
        pb::FlagState::Withdrawn
    );
}
