//! Roles: granted, gone by, taken; and the name of who acts in what is kept.

use diel_client::{Client, Error, v1};
use diel_proto::v1::ErrorReason;
use diel_store::Role;
use diel_tests::rows::{person, submission};
use diel_tests::service::TestService;
use diel_tests::token::token;
use tonic::Code;

use crate::bearer::{client, create_studies, root};
use crate::on_both_engines;

on_both_engines!(
    a_token_is_made_with_its_roles_and_seen_once,
    one_sees_ones_own_studies,
    an_admin_of_a_study_grants_in_it_and_nowhere_else,
    whoever_acts_is_named,
    a_submitter_is_not_told_of_flags,
);

fn grant(role: v1::Role, study: &str) -> v1::Grant {
    v1::Grant {
        role: role.into(),
        study: study.into(),
    }
}

fn role_missing<T: std::fmt::Debug>(answer: Result<T, Error>) -> bool {
    answer.unwrap_err().is(ErrorReason::RoleMissing)
}

async fn a_token_is_made_with_its_roles_and_seen_once(service: TestService) {
    let root = root(&service).await;
    create_studies(&root, &["own"]).await;
    let grants = vec![
        grant(v1::Role::Researcher, "studies/own"),
        grant(v1::Role::Submitter, ""),
    ];
    let mut request = v1::CreateTokenRequest {
        parent: "principals/carol".into(),
        description: "laptop".into(),
        grants: grants.clone(),
        validate_only: true,
        ..Default::default()
    };
    let checked = root.create_token(request.clone()).await.unwrap();
    assert_eq!(checked.secret, "");
    let all = root
        .list(v1::ListTokensRequest::default())
        .collect(99)
        .await
        .unwrap();
    assert_eq!(all.len(), 1, "checking makes nothing: {all:?}");
    request.validate_only = false;
    let made = root.create_token(request.clone()).await.unwrap();
    let shown = made.token.unwrap();
    let id = shown.name.rsplit('/').next().unwrap();
    assert!(made.secret.starts_with(&format!("diel_{id}")), "{shown:?}");
    let carol = client(&service, &made.secret).await;
    let found = carol.who_am_i().await.unwrap();
    assert!(!found.open_access);
    let principal = found.principal.unwrap();
    assert_eq!(principal.name, "principals/carol");
    // Those for all studies stand first.
    assert_eq!(principal.grants, [grants[1].clone(), grants[0].clone()]);
    let all = root
        .list(v1::ListTokensRequest::default())
        .collect(99)
        .await
        .unwrap();
    let listed = all.iter().find(|token| token.name == shown.name).unwrap();
    assert_eq!(listed.description, "laptop");
    assert!(!format!("{all:?}").contains(&made.secret));

    request.parent = "principals/local".into();
    request.lifetime_days = 367;
    request.grants = vec![grant(v1::Role::Unspecified, "own")];
    let error = root.create_token(request).await.unwrap_err();
    let fields: Vec<_> = error
        .violations()
        .iter()
        .map(|it| it.field.as_str())
        .collect();
    assert_eq!(
        fields,
        [
            "parent",
            "lifetime_days",
            "grants[0].role",
            "grants[0].study"
        ],
        "{error}"
    );
    let unknown = v1::CreateTokenRequest {
        parent: "principals/dan".into(),
        grants: vec![grant(v1::Role::Reviewer, "studies/nowhere")],
        ..Default::default()
    };
    let error = root.create_token(unknown).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let dan = v1::GrantRoleRequest {
        name: "principals/dan".into(),
        role: v1::Role::Reviewer.into(),
        study: String::new(),
    };
    let error = root.grant_role(dan).await.unwrap_err();
    assert_eq!(
        error.code(),
        Code::NotFound,
        "nothing of dan was kept: {error}"
    );
}

async fn names(client: &Client) -> Vec<String> {
    let mut names = Vec::new();
    let mut request = v1::ListStudiesRequest {
        page_size: 1,
        ..Default::default()
    };
    loop {
        let page = client.page(request.clone()).await.unwrap();
        names.extend(page.items.into_iter().map(|study| study.name));
        if page.next_page_token.is_empty() {
            return names;
        }
        request.page_token = page.next_page_token;
    }
}

async fn one_sees_ones_own_studies(service: TestService) {
    let root = root(&service).await;
    create_studies(&root, &["a", "b", "c", "d"]).await;
    let roles = [
        (Role::Reviewer, Some("d")),
        (Role::Submitter, Some("b")),
        (Role::Researcher, Some("b")),
    ];
    let carol = token(&service.database, "carol", &roles).await.unwrap();
    assert_eq!(
        names(&client(&service, &carol).await).await,
        ["studies/b", "studies/d"]
    );
    let nobody = token(&service.database, "nobody", &[]).await.unwrap();
    assert!(names(&client(&service, &nobody).await).await.is_empty());
    assert_eq!(names(&root).await.len(), 4);
}

async fn an_admin_of_a_study_grants_in_it_and_nowhere_else(service: TestService) {
    let root = root(&service).await;
    create_studies(&root, &["own", "other"]).await;
    let admin = token(&service.database, "dan", &[(Role::Admin, Some("own"))])
        .await
        .unwrap();
    let (dan, carol) = (
        client(&service, &admin).await,
        token(&service.database, "carol", &[]).await.unwrap(),
    );
    let carol = client(&service, &carol).await;
    assert!(role_missing(carol.get_study("studies/own").await));
    let reviewer = |study: &str| v1::GrantRoleRequest {
        name: "principals/carol".into(),
        role: v1::Role::Reviewer.into(),
        study: study.into(),
    };
    assert!(role_missing(
        dan.grant_role(reviewer("studies/other")).await
    ));
    assert!(role_missing(dan.grant_role(reviewer("")).await));
    let token = v1::CreateTokenRequest {
        parent: "principals/carol".into(),
        ..Default::default()
    };
    assert!(
        role_missing(dan.create_token(token).await),
        "a token of carol would have her roles elsewhere too"
    );
    let granted = dan.grant_role(reviewer("studies/own")).await.unwrap();
    assert_eq!(granted.grants, [grant(v1::Role::Reviewer, "studies/own")]);
    carol.get_study("studies/own").await.unwrap();
    let listed = v1::ListPrincipalsRequest {
        parent: "studies/own".into(),
        ..Default::default()
    };
    let names = dan.list(listed).collect(9).await.unwrap();
    let names: Vec<_> = names.iter().map(|found| found.name.as_str()).collect();
    assert_eq!(names, ["principals/carol", "principals/dan"]);
    let everybody = dan
        .list(v1::ListPrincipalsRequest::default())
        .collect(9)
        .await;
    assert!(role_missing(everybody));

    let take = v1::TakeRoleRequest {
        name: "principals/carol".into(),
        role: v1::Role::Reviewer.into(),
        study: "studies/own".into(),
    };
    let taken = dan.take_role(take.clone()).await.unwrap();
    assert!(taken.grants.is_empty());
    assert!(
        role_missing(carol.get_study("studies/own").await),
        "at once on this server"
    );
    assert_eq!(
        dan.take_role(take).await.unwrap_err().code(),
        Code::NotFound
    );
}

async fn whoever_acts_is_named(service: TestService) {
    let root = root(&service).await;
    create_studies(&root, &["own"]).await;
    let flat = submission("own", person("P", 6, 1.6, 0.02));
    let raised = root.submit_batch(flat).await.unwrap().raised_flags;
    let roles = [(Role::Reviewer, Some("own"))];
    let carol = token(&service.database, "carol", &roles).await.unwrap();
    let carol = client(&service, &carol).await;
    let flag = carol.get_flag(&raised[0]).await.unwrap();
    let decision = v1::ResolveFlagRequest {
        name: flag.name.clone(),
        decision: v1::FlagDecision::Dismissed.into(),
        reason: "late samples on two days".into(),
        etag: flag.etag,
        ..Default::default()
    };
    carol.resolve_flag(decision).await.unwrap();
    let history = v1::ListFlagEventsRequest {
        parent: flag.name,
        ..Default::default()
    };
    let history = carol.list(history).collect(9).await.unwrap();
    let actors: Vec<_> = history.iter().map(|event| event.actor.as_str()).collect();
    assert_eq!(actors, ["diel", "carol"]);
}

async fn a_submitter_is_not_told_of_flags(service: TestService) {
    let root = root(&service).await;
    create_studies(&root, &["own"]).await;
    let lab = token(&service.database, "lab", &[(Role::Submitter, Some("own"))])
        .await
        .unwrap();
    let lab = client(&service, &lab).await;
    let answer = lab
        .submit_batch(submission("own", person("P", 6, 1.6, 0.02)))
        .await
        .unwrap();
    assert!(
        answer.stored_count > 0 && answer.raised_flags.is_empty(),
        "{answer:?}"
    );
    let flags = v1::ListFlagsRequest {
        parent: "studies/own".into(),
        ..Default::default()
    };
    assert_eq!(root.list(flags.clone()).collect(9).await.unwrap().len(), 1);
    assert!(role_missing(lab.list(flags).collect(9).await));
    assert!(role_missing(
        lab.get_rhythm("studies/own/participants/P/rhythm").await
    ));
    // Nor of what a recall does to anybody, though it may recall its plate.
    let recall = v1::RecallBatchRequest {
        name: answer.batch.unwrap().name,
        reason: "standards swapped".into(),
        validate_only: true,
        ..Default::default()
    };
    let told = lab.recall_batch(recall.clone()).await.unwrap();
    assert_eq!((told.person_count, told.persons.len()), (1, 0), "{told:?}");
    let told = root.recall_batch(recall).await.unwrap();
    assert_eq!(told.persons[0].flag_event(), v1::FlagEventKind::Withdrawn);
}
