//! Reliability and power through the service have the digits of the core.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diel_core::design::{
    CohortDays, Difference, PowerPlan, PowerStudy, ReliabilityPlan, Target, modelled_reliability,
};
use diel_core::simulate::{Cohort, Plan};
use diel_core::{Features, Level, NmolPerL, Person, Policy, Reference, SamplingDay, analyse_days};
use diel_proto::v1 as pb;
use diel_tests::rows::row;
use diel_tests::service::TestService;
use pb::estimate_power_request::{Difference as Asked, Extent};
use pb::estimate_reliability_request::Source;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::on_both_engines;
use crate::path::submit;

on_both_engines!(
    the_reliability_of_a_study_has_the_digits_of_the_core,
    a_reference_of_a_study_is_a_population,
);

const SCHEDULE: [f64; 5] = [0.0, 0.5, 4.0, 9.0, 15.0];

/// Code, day, and samples of hours and nmol/L.
type Day = (String, i64, Vec<(f64, f64)>);

/// Simulated adults, day by day. Person i gives up after 1 + i mod 3 days.
fn simulated(persons: u32) -> Vec<Day> {
    let cohort = Cohort::new(Plan {
        persons,
        seed: 11,
        ..Plan::default()
    })
    .unwrap();
    let mut days = Vec::new();
    for (number, person) in cohort.persons().enumerate() {
        for (day, of_day) in (0_i64..).zip(&person.days).take(1 + number % 3) {
            let samples = of_day.samples.iter().zip(SCHEDULE);
            let samples =
                samples.map(|(sample, hours)| (hours, sample.level.nmol_per_l().unwrap().get()));
            days.push((format!("P{number:03}"), day, samples.collect()));
        }
    }
    days
}

fn of_core(days: &[Day]) -> Vec<diel_core::design::ObservedReliability> {
    let policy = Policy::default();
    let mut cohort = CohortDays::default();
    // The other way round: the order of persons changes no digit.
    for of_person in days.chunk_by(|one, other| one.0 == other.0).rev() {
        let of_days = of_person.iter().map(|(_, _, samples)| {
            let samples = samples
                .iter()
                .map(|&(hours, nmol)| (hours, Level::Exact(NmolPerL::new(nmol).unwrap()), None));
            SamplingDay::from_hours(None, samples)
        });
        let analysis = analyse_days(&Person::default(), of_days.collect(), &policy);
        let valid = analysis.profiles.iter().filter(|profile| profile.valid);
        let features: Vec<Features> = valid.map(|profile| profile.features).collect();
        cohort.add(&features);
    }
    cohort.reliabilities(Target::default())
}

async fn the_reliability_of_a_study_has_the_digits_of_the_core(service: TestService) {
    service.create_study("pilot").await.unwrap();
    let days = simulated(25);
    let rows = days.iter().flat_map(|(code, day, samples)| {
        samples
            .iter()
            .map(|(hours, nmol)| row(code, *day, *hours, *nmol))
    });
    submit(&service, "pilot", rows.collect()).await;
    let request = pb::EstimateReliabilityRequest {
        source: Some(Source::Study(pb::StudyDays {
            parent: "studies/pilot".to_owned(),
            filter: None,
        })),
        target: 0.0,
    };
    let answer = service
        .cohorts()
        .estimate_reliability(request)
        .await
        .unwrap()
        .into_inner();
    assert!(answer.modelled.is_empty());
    let expected = of_core(&days);
    assert_eq!(answer.observed.len(), expected.len());
    let mut known = 0;
    for (found, expected) in answer.observed.iter().zip(&expected) {
        assert_eq!(found.metric, expected.metric);
        let counts = [
            expected.persons,
            expected.persons_with_repeats,
            expected.days,
        ]
        .map(|count| i32::try_from(count).unwrap());
        assert_eq!(
            [
                found.person_count,
                found.repeated_person_count,
                found.day_count
            ],
            counts
        );
        match &expected.intraclass {
            Ok(numbers) => {
                known += 1;
                let bits = |number: Option<f64>| number.map(f64::to_bits);
                assert_eq!(
                    bits(found.one_day),
                    Some(numbers.one_day.to_bits()),
                    "{}",
                    found.metric
                );
                assert_eq!(bits(found.lower), Some(numbers.lower.to_bits()));
                assert_eq!(bits(found.upper), Some(numbers.upper.to_bits()));
                assert_eq!(bits(found.within_sd), Some(numbers.within_sd.to_bits()));
                assert_eq!(bits(found.mean), Some(numbers.mean.to_bits()));
                assert_eq!(
                    found.days_needed.map(i64::from),
                    numbers.days_needed.map(i64::from)
                );
                assert_eq!(found.shortage, "");
            }
            Err(shortage) => assert_eq!(
                (found.shortage.as_str(), found.one_day),
                (shortage.code(), None)
            ),
        }
    }
    assert_eq!(known, 14);
    let nobody = pb::EstimateReliabilityRequest {
        source: Some(Source::Study(pb::StudyDays {
            parent: "studies/pilot".to_owned(),
            filter: Some(pb::ProfileFilter {
                groups: vec!["nobody".to_owned()],
                ..Default::default()
            }),
        })),
        target: 0.9,
    };
    let answer = service
        .cohorts()
        .estimate_reliability(nobody)
        .await
        .unwrap()
        .into_inner();
    assert!(
        answer
            .observed
            .iter()
            .all(|of| of.shortage == "no_days" && of.one_day.is_none())
    );
}

fn population(reference: &str) -> Option<pb::Population> {
    Some(pb::Population {
        model: Some(pb::population::Model::Reference(reference.to_owned())),
        ..Default::default()
    })
}

fn design(population: Option<pb::Population>) -> pb::EstimateReliabilityRequest {
    pb::EstimateReliabilityRequest {
        source: Some(Source::Design(pb::ModelDesign {
            population,
            schedule_hours: SCHEDULE.to_vec(),
            days: 4,
            simulated_person_count: 400,
            seed: 3,
        })),
        target: 0.0,
    }
}

fn power(population: Option<pb::Population>) -> pb::EstimatePowerRequest {
    pb::EstimatePowerRequest {
        population,
        schedule_hours: SCHEDULE.to_vec(),
        days: 2,
        missing_share: 0.1,
        difference: Some(Asked::DifferenceSds(0.9)),
        study_count: 100,
        extent: Some(Extent::PersonsPerGroup(15)),
        with_size: true,
        ..Default::default()
    }
}

/// A stratum of a table with the numbers of a built-in reference.
fn stratum(reference: &Reference) -> pb::ReferenceStratum {
    pb::ReferenceStratum {
        min_age_years: 0.0,
        max_age_years: None,
        sex: 0,
        intercept_ln: reference.intercept_ln(),
        slope_ln_per_h: reference.slope_ln_per_h(),
        car_ln: reference.car_ln(),
        intercept_sd: reference.intercept_sd(),
        slope_sd: reference.slope_sd(),
        intercept_slope_correlation: reference.correlation(),
        residual_sd: reference.residual_sd(),
    }
}

async fn a_reference_of_a_study_is_a_population(service: TestService) {
    service.create_study("pilot").await.unwrap();
    let clean = Arc::clone(Reference::find("adult-clean").unwrap());
    let create = pb::CreateReferenceRequest {
        parent: "studies/pilot".to_owned(),
        reference_id: "clean".to_owned(),
        population: "the same as adult-clean".to_owned(),
        strata: vec![stratum(&clean)],
        ..Default::default()
    };
    service.cohorts().create_reference(create).await.unwrap();
    let plan = PowerPlan {
        reference: Arc::clone(&clean),
        days: 2,
        missing: 0.1,
        difference: Difference::Sds(0.9),
        studies: 100,
        ..PowerPlan::default()
    };
    let study = PowerStudy::new(plan).unwrap();
    let go_on = &mut |_| ControlFlow::Continue(());
    let expected = [
        study.power(15, go_on).unwrap(),
        study.size(15, go_on).unwrap(),
    ];
    let numbers = Some(pb::Population {
        model: Some(pb::population::Model::Numbers(stratum(&clean))),
        ..Default::default()
    });
    for of in [
        population("studies/pilot/references/clean"),
        population("studies/pilot/references/clean@1"),
        population("references/adult-clean@1"),
        numbers,
    ] {
        let answer = service
            .cohorts()
            .estimate_power(power(of))
            .await
            .unwrap()
            .into_inner();
        for (found, expected) in [answer.power, answer.size].into_iter().zip(&expected) {
            let found = found.unwrap();
            for (found, expected) in [
                (found.power, expected.power),
                (found.coverage, expected.coverage),
                (
                    found.mean_estimate_ln_per_h,
                    expected.mean_estimate_ln_per_h,
                ),
                (found.mean_se_ln_per_h, expected.mean_se_ln_per_h),
            ] {
                assert_eq!(found.to_bits(), expected.to_bits());
            }
        }
        assert_eq!(answer.approximate_power, study.approximate_power(15).ok());
    }
    let plan = ReliabilityPlan {
        reference: clean,
        days: 4,
        persons: 400,
        seed: 3,
        ..ReliabilityPlan::default()
    };
    let expected = modelled_reliability(&plan, &mut |_| ControlFlow::Continue(())).unwrap();
    let request = design(population("references/adult-clean"));
    let answer = service
        .cohorts()
        .estimate_reliability(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.modelled.len(), expected.len());
    for (found, expected) in answer.modelled.iter().zip(&expected) {
        assert_eq!(found.metric, expected.metric);
        assert_eq!(found.one_day, expected.one_day.ok());
        assert_eq!(found.by_days, expected.by_days);
        assert_eq!(
            found.simulated_one_day,
            expected.simulated.map(|simulated| simulated.one_day)
        );
    }
    let unknown = power(population("studies/pilot/references/dirty"));
    assert_eq!(
        service
            .cohorts()
            .estimate_power(unknown)
            .await
            .unwrap_err()
            .code(),
        Code::NotFound
    );
}

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
