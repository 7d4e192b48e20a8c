//! Reliability and power through the service have the digits of the core.

use std::ops::ControlFlow;
use std::sync::Arc;

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

pub(crate) fn population(reference: &str) -> Option<pb::Population> {
    Some(pb::Population {
        model: Some(pb::population::Model::Reference(reference.to_owned())),
        ..Default::default()
    })
}

pub(crate) fn design(population: Option<pb::Population>) -> pb::EstimateReliabilityRequest {
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

pub(crate) fn power(population: Option<pb::Population>) -> pb::EstimatePowerRequest {
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
