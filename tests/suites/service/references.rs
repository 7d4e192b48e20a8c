//! References of studies through the service: frozen, given as tables, judged against.

use std::time::{Duration, Instant};

use diel_proto::v1 as pb;
use diel_tests::database::Database;
use diel_tests::rows::person;
use diel_tests::service::TestService;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::cohorts::{LINE, fitted, study, wanted};
use crate::on_both_engines;
use crate::path::{rhythm, submit};

on_both_engines!(
    a_study_is_judged_against_its_own_reference_once_it_rests_on_enough_persons,
    a_study_is_judged_against_the_reference_of_another,
    fits_of_other_models_are_not_frozen,
    tables_become_references_and_wrong_ones_are_refused,
);

fn freezing(fit: &pb::Fit) -> pb::FreezeFitRequest {
    pb::FreezeFitRequest {
        name: fit.name.clone(),
        reference_id: "adults".into(),
        population: "simulated adults".into(),
        assay: "none".into(),
        ..Default::default()
    }
}

async fn put_policy(service: &TestService, study: &str, policy: pb::Policy) -> pb::Job {
    let name = format!("studies/{study}");
    let found = service
        .studies()
        .get_study(pb::GetStudyRequest { name: name.clone() })
        .await
        .unwrap()
        .into_inner();
    // The etag that a change of policy asks for is the number of the policy in force.
    let version = found.policy.unwrap().name;
    let request = pb::UpdatePolicyRequest {
        parent: name,
        policy: Some(policy),
        etag: format!("v{}", version.rsplit('/').next().unwrap()),
        ..Default::default()
    };
    let changed = service.studies().update_policy(request).await.unwrap();
    changed.into_inner().job.unwrap()
}

async fn done(service: &TestService, job: &pb::Job) {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let request = pb::GetJobRequest {
            name: job.name.clone(),
        };
        let now = service
            .studies()
            .get_job(request)
            .await
            .unwrap()
            .into_inner();
        if now.state() == pb::JobState::Succeeded {
            return;
        }
        assert!(Instant::now() < deadline, "{now:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What the trail says of an action.
async fn trail(database: &Database, action: &str) -> Vec<String> {
    const LINES: &str =
        "select before_json || after_json from audit_entries where action = $1 order by sequence";
    let url = database.url();
    if url.starts_with("sqlite:") {
        let pool = sqlx::SqlitePool::connect(url).await.unwrap();
        sqlx::query_scalar(LINES)
            .bind(action)
            .fetch_all(&pool)
            .await
            .unwrap()
    } else {
        let pool = sqlx::PgPool::connect(url).await.unwrap();
        sqlx::query_scalar(LINES)
            .bind(action)
            .fetch_all(&pool)
            .await
            .unwrap()
    }
}

async fn a_study_is_judged_against_its_own_reference_once_it_rests_on_enough_persons(
    service: TestService,
) {
    study(&service, "s", 40).await;
    let own = |persons| pb::Policy {
        reference: "own".into(),
        min_reference_persons: Some(persons),
        ..Default::default()
    };
    let job = put_policy(&service, "s", own(40)).await;
    done(&service, &job).await;
    assert_eq!(
        rhythm(&service, "s", "P000").await.reference,
        "references/adult-noisy@1"
    );
    let fit = fitted(&service, wanted("s", LINE, pb::FitCriterion::Reml)).await;
    let frozen = service
        .cohorts()
        .freeze_fit(freezing(&fit))
        .await
        .unwrap()
        .into_inner();
    let reference = frozen.reference.unwrap();
    assert_eq!(reference.name, "studies/s/references/adults@1");
    let result = fit.result.as_ref().unwrap();
    assert_eq!(reference.intercept_ln, result.fixed[0].estimate);
    assert_eq!(reference.slope_ln_per_h, result.fixed[1].estimate);
    assert_eq!(reference.car_ln, result.fixed[2].estimate);
    assert_eq!(reference.slope_sd, result.random[0].sds[1]);
    assert_eq!(
        (reference.person_count, i64::from(reference.sample_count)),
        (40, result.observation_count)
    );
    assert_eq!(
        (&reference.fit, &reference.formula, &reference.input_digest),
        (&fit.name, &fit.formula, &result.input_digest)
    );
    assert!(!reference.provisional && reference.assay == "none");

    done(&service, &frozen.job.unwrap()).await;
    let after = rhythm(&service, "s", "P000").await;
    assert_eq!(after.reference, reference.name);
    assert!(
        !after
            .reasons
            .iter()
            .any(|reason| reason == "provisional_reference")
    );
    submit(&service, "s", person("New", 3, 1.63, -0.0965)).await;
    assert_eq!(rhythm(&service, "s", "New").await.reference, reference.name);
    let told = trail(&service.database, "own_reference").await;
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains(&reference.name) && told[0].contains("the built-in reference of the age"),
        "{told:?}"
    );

    // A policy that asks for more persons goes back to the age.
    let job = put_policy(&service, "s", own(41)).await;
    done(&service, &job).await;
    assert_eq!(
        rhythm(&service, "s", "New").await.reference,
        "references/adult-noisy@1"
    );
}

async fn a_study_is_judged_against_the_reference_of_another(service: TestService) {
    study(&service, "norms", 40).await;
    let fit = fitted(&service, wanted("norms", LINE, pb::FitCriterion::Ml)).await;
    let frozen = service
        .cohorts()
        .freeze_fit(freezing(&fit))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(frozen.job, None, "the study is judged by age");
    let name = frozen.reference.unwrap().name;

    service.create_study("s").await.unwrap();
    submit(&service, "s", person("P", 3, 1.63, -0.0965)).await;
    let before = rhythm(&service, "s", "P").await;
    let policy = pb::Policy {
        reference: "studies/norms/references/adults".into(),
        ..Default::default()
    };
    let job = put_policy(&service, "s", policy).await;
    done(&service, &job).await;
    let after = rhythm(&service, "s", "P").await;
    assert_eq!(
        (after.reference.as_str(), before.reference.as_str()),
        (name.as_str(), "references/adult-noisy@1")
    );
    assert_ne!(
        after.posterior_slope_ln_per_h,
        before.posterior_slope_ln_per_h
    );
    assert_ne!(after.input_digest, before.input_digest);

    let found = service
        .studies()
        .get_policy(pb::GetPolicyRequest {
            name: "studies/s/policies/current".into(),
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(found.reference, name, "the policy keeps the version");
    let unknown = pb::UpdatePolicyRequest {
        parent: "studies/s".into(),
        policy: Some(pb::Policy {
            reference: "studies/norms/references/adults@9".into(),
            ..Default::default()
        }),
        etag: "v2".into(),
        ..Default::default()
    };
    let refused = service.studies().update_policy(unknown).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let fields = refused.get_details_bad_request().unwrap().field_violations;
    assert_eq!(fields[0].field, "policy.reference");
}

async fn fits_of_other_models_are_not_frozen(service: TestService) {
    study(&service, "s", 20).await;
    for (formula, why) in [
        (
            "log(cortisol) ~ hours + car + weekend + (hours | participant)",
            "weekend",
        ),
        ("log(cortisol) ~ hours + (1 | participant)", "random terms"),
        ("cortisol ~ hours + (hours | participant)", "response"),
    ] {
        let fit = fitted(&service, wanted("s", formula, pb::FitCriterion::Reml)).await;
        assert_eq!(fit.state(), pb::FitState::Succeeded, "{}", fit.error);
        let refused = service
            .cohorts()
            .freeze_fit(freezing(&fit))
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert!(refused.message().contains(why), "{}", refused.message());
        let info = refused.get_details_error_info().unwrap();
        assert_eq!(info.reason, "FIT_NOT_A_REFERENCE");
    }
}

async fn tables_become_references_and_wrong_ones_are_refused(service: TestService) {
    service.create_study("s").await.unwrap();
    let level = |hours: f64| pb::LevelAtHours {
        min_age_years: 18.0,
        hours_since_awakening: hours,
        mean_ln: 2.0 - 0.1 * hours,
        // s0 = 0.4, s1 = 0.05, rho = -0.5, residual 0.5
        sd_ln: (0.25 + 0.16 - 0.02 * hours + 0.0025 * hours * hours).sqrt(),
        ..Default::default()
    };
    let levels = pb::CreateReferenceRequest {
        parent: "studies/s".into(),
        reference_id: "table".into(),
        population: "adults".into(),
        levels: [0.0, 4.0, 9.0, 15.0].map(level).to_vec(),
        residual_sd: Some(0.5),
        ..Default::default()
    };
    let created = service
        .cohorts()
        .create_reference(levels.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(created.name, "studies/s/references/table@1");
    assert!((created.strata[0].slope_sd - 0.05).abs() < 1e-12);
    assert!((created.strata[0].intercept_slope_correlation + 0.5).abs() < 1e-12);
    let found = service
        .cohorts()
        .get_reference(pb::GetReferenceRequest {
            name: "studies/s/references/table".into(),
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(found, created);
    let listed = service
        .studies()
        .list_references(pb::ListReferencesRequest {
            parent: "studies/s".into(),
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(listed.references.as_slice(), std::slice::from_ref(&created));

    let stratum = |from: f64, to: Option<f64>| pb::ReferenceStratum {
        min_age_years: from,
        max_age_years: to,
        ..created.strata[0]
    };
    let strata = |strata: Vec<pb::ReferenceStratum>| pb::CreateReferenceRequest {
        levels: Vec::new(),
        residual_sd: None,
        strata,
        ..levels.clone()
    };
    let mut unsure = stratum(18.0, None);
    unsure.slope_sd = 0.0;
    for (request, field) in [
        (
            strata(vec![stratum(18.0, Some(30.0)), stratum(29.0, None)]),
            "strata[1]",
        ),
        (strata(vec![unsure]), "strata[0].slope_sd"),
        (strata(Vec::new()), "strata"),
        (
            pb::CreateReferenceRequest {
                residual_sd: None,
                ..levels.clone()
            },
            "residual_sd",
        ),
        (
            pb::CreateReferenceRequest {
                levels: [0.0, 4.0].map(level).to_vec(),
                ..levels.clone()
            },
            "levels",
        ),
        (
            pb::CreateReferenceRequest {
                reference_id: "With Blank".into(),
                ..levels.clone()
            },
            "reference_id",
        ),
    ] {
        let refused = service
            .cohorts()
            .create_reference(request)
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{field}");
        let fields = refused.get_details_bad_request().unwrap().field_violations;
        assert_eq!(fields[0].field, field, "{}", refused.message());
    }
}
