//! What designs are refused, and how their simulations end.

use std::time::{Duration, Instant};

use diel_proto::v1 as pb;
use diel_tests::service::TestService;
use pb::estimate_power_request::{Difference as Asked, Extent};
use pb::estimate_reliability_request::Source;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::designs::{design, population, power};

async fn on_sqlite() -> TestService {
    TestService::start(diel_tests::database::Database::sqlite().unwrap())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_named_all_at_once() {
    let service = on_sqlite().await;
    let bad = pb::EstimatePowerRequest {
        population: population("references/martian"),
        schedule_hours: vec![0.0; 101],
        days: -1,
        difference: None,
        study_count: 20_000,
        seed: -1,
        extent: Some(Extent::PersonsPerGroup(1)),
        ..Default::default()
    };
    let refused = service.cohorts().estimate_power(bad).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let details = refused.get_error_details();
    let fields: Vec<&str> = details
        .bad_request()
        .unwrap()
        .field_violations
        .iter()
        .map(|one| one.field.as_str())
        .collect();
    for field in [
        "population.reference",
        "difference_ln_per_h",
        "study_count",
        "schedule_hours",
        "persons_per_group",
    ] {
        assert!(fields.contains(&field), "{field} is not among {fields:?}");
    }
    let good = power(population("references/adult-noisy"));
    for (bad, message) in [
        (
            pb::EstimatePowerRequest {
                difference: Some(Asked::DifferenceSds(0.0)),
                ..good.clone()
            },
            "difference_sds: is 0",
        ),
        (
            pb::EstimatePowerRequest {
                difference: Some(Asked::DifferenceLnPerH(f64::NAN)),
                ..good.clone()
            },
            "difference_ln_per_h: NaN is not a finite number",
        ),
        (
            pb::EstimatePowerRequest {
                alpha: 2.0,
                ..good.clone()
            },
            "alpha: 2 (of 1) is more than 0.5",
        ),
        (
            pb::EstimatePowerRequest {
                days: 0,
                ..good.clone()
            },
            "days: 0 is not from 1 to 366",
        ),
        (
            pb::EstimatePowerRequest {
                schedule_hours: vec![],
                ..good.clone()
            },
            "schedule_hours: at least one time is needed",
        ),
        (
            pb::EstimatePowerRequest {
                missing_share: -0.5,
                ..good.clone()
            },
            "missing_share: -0.5",
        ),
        (
            pb::EstimatePowerRequest {
                study_count: 10_000,
                days: 366,
                ..good.clone()
            },
            "study_count: 10000 studies of 15 persons in the first group draw more than 20000000 samples",
        ),
        (
            pb::EstimatePowerRequest {
                extent: None,
                ..good.clone()
            },
            "persons_per_group: is missing",
        ),
    ] {
        let refused = service.cohorts().estimate_power(bad).await.unwrap_err();
        assert!(
            refused.message().starts_with(message),
            "{}",
            refused.message()
        );
    }
    let nothing = pb::EstimateReliabilityRequest::default();
    let refused = service
        .cohorts()
        .estimate_reliability(nothing)
        .await
        .unwrap_err();
    assert!(
        refused.message().starts_with("design: is missing"),
        "{}",
        refused.message()
    );
    let mut bad = design(population("references/adult-noisy"));
    if let Some(Source::Design(design)) = &mut bad.source {
        design.simulated_person_count = 5;
    }
    let refused = service
        .cohorts()
        .estimate_reliability(bad)
        .await
        .unwrap_err();
    assert_eq!(
        refused.message(),
        "design.simulated_person_count: 5 is not from 200 to 100000"
    );
    let mut bad = design(population("references/adult-noisy"));
    bad.target = 1.0;
    let refused = service
        .cohorts()
        .estimate_reliability(bad)
        .await
        .unwrap_err();
    assert!(
        refused
            .message()
            .starts_with("target: 1 (of 1) is more than 0.99"),
        "{}",
        refused.message()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_smallest_study_is_found_or_there_is_none() {
    let service = on_sqlite().await;
    let wanted = pb::EstimatePowerRequest {
        difference: Some(Asked::DifferenceSds(1.5)),
        extent: Some(Extent::TargetPower(0.8)),
        with_size: false,
        ..power(population("references/adult-clean"))
    };
    let answer = service
        .cohorts()
        .estimate_power(wanted.clone())
        .await
        .unwrap()
        .into_inner();
    let found = answer.power.unwrap();
    assert!(found.power >= 0.8 && answer.size.is_none());
    let approximate = answer.approximate_persons_per_group.unwrap();
    assert!(
        (found.first_group_count - approximate).abs() <= 5,
        "{} {approximate}",
        found.first_group_count
    );
    let hopeless = pb::EstimatePowerRequest {
        difference: Some(Asked::DifferenceSds(0.001)),
        study_count: 1,
        ..wanted
    };
    let answer = service
        .cohorts()
        .estimate_power(hopeless)
        .await
        .unwrap()
        .into_inner();
    assert_eq!((answer.power, answer.approximate_power), (None, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_simulation_ends_when_its_caller_goes_away() {
    let mut settings = diel_server::Settings::default();
    settings.limits.simulations = 1;
    let service =
        TestService::start_with(diel_tests::database::Database::sqlite().unwrap(), settings)
            .await
            .unwrap();
    // Many seconds of work.
    let long = pb::EstimatePowerRequest {
        study_count: 10_000,
        limit_of_detection_nmol_per_l: Some(1.5),
        extent: Some(Extent::PersonsPerGroup(60)),
        ..power(population("references/adult-noisy"))
    };
    let call = tokio::spawn({
        let mut cohorts = service.cohorts();
        // Its turn may come after one of the short ones.
        async move {
            while cohorts.estimate_power(long.clone()).await.is_err() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    });
    let short = power(population("references/adult-noisy"));
    // One simulation at a time: the other is told to come back.
    let begun = Instant::now();
    loop {
        match service.cohorts().estimate_power(short.clone()).await {
            Err(status) => {
                assert_eq!(status.code(), Code::Unavailable);
                break;
            }
            Ok(_) => assert!(begun.elapsed() < Duration::from_secs(10), "it never began"),
        }
    }
    call.abort();
    let gone = Instant::now();
    while service
        .cohorts()
        .estimate_power(short.clone())
        .await
        .is_err()
    {
        assert!(
            gone.elapsed() < Duration::from_secs(20),
            "the simulation went on"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
