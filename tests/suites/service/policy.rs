//! Policies: terms, versions, and what another one would change.

use diel_proto::v1 as pb;
use diel_tests::rows::person;
use diel_tests::service::TestService;
use tonic::Code;

use crate::on_both_engines;
use crate::path::{flags, flat, submit};

on_both_engines!(
    terms_are_kept_and_versions_listed,
    what_another_policy_would_change_is_said_and_not_done,
);

async fn update(service: &TestService, policy: pb::Policy) -> Result<pb::Policy, tonic::Status> {
    let name = "studies/s".to_owned();
    let study = service
        .studies()
        .get_study(pb::GetStudyRequest { name })
        .await?;
    let request = pb::UpdatePolicyRequest {
        parent: "studies/s".into(),
        policy: Some(policy),
        etag: study.into_inner().etag,
        ..Default::default()
    };
    let answer = service.studies().update_policy(request).await?.into_inner();
    Ok(answer.policy.unwrap())
}

async fn terms_are_kept_and_versions_listed(service: TestService) {
    let study = service.create_study("s").await.unwrap();
    let first = study.policy.unwrap();
    assert_eq!(
        first
            .excluding_conditions
            .as_ref()
            .unwrap()
            .conditions
            .len(),
        7
    );
    assert_eq!(
        (
            first.min_samples,
            first.min_age_to_flag_years,
            first.second_review
        ),
        (Some(0), Some(1.0), Some(false))
    );
    let terms = pb::Policy {
        min_samples: Some(9),
        excluding_conditions: Some(pb::ConditionSet::default()),
        min_age_years: Some(2.0),
        evening_limit_nmol_per_l: Some(2.0),
        evening_limit_share: Some(0.3),
        second_review: Some(true),
        reopen_shift_sd: Some(1.5),
        ..Default::default()
    };
    let second = update(&service, terms.clone()).await.unwrap();
    assert_eq!(
        (
            second.min_samples,
            second.excluding_conditions.clone(),
            second.second_review
        ),
        (Some(9), Some(pb::ConditionSet::default()), Some(true))
    );
    let third = update(&service, pb::Policy::default()).await.unwrap();
    let list = service
        .studies()
        .list_policies(pb::ListPoliciesRequest {
            parent: "studies/s".into(),
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(list.policies, [third, second, first]);
    let unknown = pb::Policy {
        excluding_conditions: Some(pb::ConditionSet {
            conditions: vec![1, 99],
        }),
        min_samples: Some(-1),
        ..Default::default()
    };
    let refused = update(&service, unknown).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    for path in [
        "policy.excluding_conditions.conditions[1]",
        "policy.min_samples: -1 is negative",
    ] {
        assert!(refused.message().contains(path), "{}", refused.message());
    }
}

async fn what_another_policy_would_change_is_said_and_not_done(service: TestService) {
    service.create_study("s").await.unwrap();
    submit(&service, "s", flat("flat")).await;
    submit(&service, "s", person("few", 2, 1.6, 0.02)).await;
    submit(&service, "s", person("steep", 6, 1.63, -0.0965)).await;
    let before = flags(&service, "s").await;
    // Two days suffice, and a long series no longer: one flag would be new, one cleared.
    let request = pb::PreviewPolicyRequest {
        parent: "studies/s".into(),
        policy: Some(pb::Policy {
            threshold: Some(pb::policy::Threshold::ThresholdLnPerH(-0.05)),
            min_days: Some(2),
            ..Default::default()
        }),
    };
    let mut messages = service
        .studies()
        .preview_policy(request.clone())
        .await
        .unwrap()
        .into_inner();
    let last = messages.message().await.unwrap().unwrap();
    assert!(messages.message().await.unwrap().is_none());
    assert_eq!(
        (last.done_count, last.total_count, last.is_complete),
        (3, 3, true)
    );
    let persons: i64 = last.transitions.iter().map(|one| one.person_count).sum();
    assert_eq!(persons, 3);
    assert_eq!(last.policy.as_ref().unwrap().name, "studies/s/policies/1");
    assert_eq!(last.policy.unwrap().min_days, Some(2));
    let new: Vec<_> = last
        .changes
        .iter()
        .map(|change| change.participant.as_str())
        .collect();
    assert_eq!((new, last.new_flag_count), (vec!["few"], 1));
    assert_eq!(last.changes[0].effect(), pb::FlagEffect::New);
    assert_eq!(
        (
            last.changes[0].verdict_before.as_str(),
            last.changes[0].verdict_after.as_str()
        ),
        ("INDETERMINATE", "FLAT_FOR_REVIEW")
    );
    assert_eq!(flags(&service, "s").await, before);

    let cleared = pb::PreviewPolicyRequest {
        policy: Some(pb::Policy {
            min_samples: Some(1_000),
            ..Default::default()
        }),
        ..request
    };
    let mut messages = service
        .studies()
        .preview_policy(cleared)
        .await
        .unwrap()
        .into_inner();
    let last = messages.message().await.unwrap().unwrap();
    assert_eq!((last.cleared_flag_count, last.new_flag_count), (1, 0));
    assert_eq!(
        (last.changes[0].flag.as_str(), last.changes[0].effect()),
        (before[0].name.as_str(), pb::FlagEffect::Cleared)
    );
    assert!(
        last.changes[0]
            .reasons_after
            .iter()
            .any(|code| code == "too_few_samples_to_flag")
    );

    let nowhere = pb::PreviewPolicyRequest {
        parent: "studies/nowhere".into(),
        policy: Some(pb::Policy::default()),
    };
    let refused = service.studies().preview_policy(nowhere).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
}
