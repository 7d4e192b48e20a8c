//! Fits of cohorts through the service: asked for, waited for, compared, cancelled, failed.

use std::time::{Duration, Instant};

use diel_core::formula::Formula;
use diel_core::frame::{Concentrations, Frame, FrameColumn, Labels};
use diel_core::mixed::{Criterion, FitSettings, MixedFit, Observed, fit};
use diel_core::simulate::{Cohort, Plan};
use diel_proto::v1 as pb;
use diel_tests::rows::row;
use diel_tests::service::TestService;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::on_both_engines;
use crate::path::submit;

on_both_engines!(
    a_fit_has_the_digits_of_the_core,
    fits_are_listed_page_by_page,
    a_repeated_request_starts_one_fit,
    nested_fits_are_compared_and_others_are_not,
    a_fit_that_cannot_be_made_says_why,
    a_cancelled_fit_stays_cancelled,
);

pub(crate) const LINE: &str = "log(cortisol) ~ hours + car + (hours | participant)";

/// A simulated sample: code, day, hours since awakening, nmol/L.
type Drawn = (String, i64, f64, f64);

/// Samples of simulated adults: code, day, hours, nmol/L. Implausible ones, of more than 60 nmol/L, are in no table of the
/// service and are left out here.
fn samples(persons: u32) -> Vec<Drawn> {
    let cohort = Cohort::new(Plan {
        persons,
        seed: 7,
        ..Plan::default()
    })
    .unwrap();
    let mut samples = Vec::new();
    for (number, person) in cohort.persons().enumerate() {
        for (day, of_day) in (0_i64..).zip(&person.days) {
            for (sample, hours) in of_day.samples.iter().zip([0.0, 0.5, 4.0, 9.0, 15.0]) {
                let nmol = sample.level.nmol_per_l().unwrap().get();
                if nmol <= 60.0 {
                    samples.push((format!("P{number:03}"), day, hours, nmol));
                }
            }
        }
    }
    samples
}

/// A study of simulated adults, three days of five samples each.
pub(crate) async fn study(service: &TestService, id: &str, persons: u32) {
    service.create_study(id).await.unwrap();
    let samples = samples(persons);
    let rows = samples
        .iter()
        .map(|(code, day, hours, nmol)| row(code, *day, *hours, *nmol));
    submit(service, id, rows.collect()).await;
}

/// The same fit without a service.
fn of_core(persons: u32, formula: &str, criterion: Criterion) -> MixedFit {
    let samples = samples(persons);
    let mut frame = Frame::new(samples.len());
    let column = |of: &dyn Fn(&Drawn) -> f64| {
        FrameColumn::numbers(samples.iter().map(of).collect::<Vec<f64>>())
    };
    let participants = Labels::from_texts(samples.iter().map(|sample| Some(sample.0.as_str())));
    frame.push("participant", participants.into()).unwrap();
    frame.push("hours", column(&|sample| sample.2)).unwrap();
    let car = column(&|sample| if sample.2 == 0.5 { 1.0 } else { 0.0 });
    frame.push("car", car).unwrap();
    let cortisol: Concentrations = samples
        .iter()
        .map(|sample| (sample.3, Observed::Exactly))
        .collect();
    frame.push("cortisol", cortisol.into()).unwrap();
    let design = Formula::parse(formula).unwrap().design(&frame).unwrap();
    let settings = FitSettings {
        criterion,
        ..FitSettings::default()
    };
    fit(&design.design, &settings).unwrap()
}

pub(crate) fn wanted(
    study: &str,
    formula: &str,
    criterion: pb::FitCriterion,
) -> pb::StartFitRequest {
    pb::StartFitRequest {
        parent: format!("studies/{study}"),
        fit: Some(pb::Fit {
            formula: formula.to_owned(),
            criterion: criterion as i32,
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// Starts a fit and waits for its end.
pub(crate) async fn fitted(service: &TestService, request: pb::StartFitRequest) -> pb::Fit {
    let started = service
        .cohorts()
        .start_fit(request)
        .await
        .unwrap()
        .into_inner();
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let name = started.name.clone();
        let now = service
            .cohorts()
            .get_fit(pb::GetFitRequest { name })
            .await
            .unwrap()
            .into_inner();
        if !matches!(now.state(), pb::FitState::Queued | pb::FitState::Running) {
            return now;
        }
        assert!(Instant::now() < deadline, "{now:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn a_fit_has_the_digits_of_the_core(service: TestService) {
    study(&service, "s", 40).await;
    let answer = fitted(&service, wanted("s", LINE, pb::FitCriterion::Unspecified)).await;
    assert_eq!(
        (answer.state(), answer.criterion(), answer.error.as_str()),
        (pb::FitState::Succeeded, pb::FitCriterion::Reml, "")
    );
    assert_eq!((answer.done_count, answer.total_count), (40, 40));
    let result = answer.result.unwrap();
    let expected = of_core(40, LINE, Criterion::Reml);
    assert_eq!(result.objective.to_bits(), expected.objective.to_bits());
    assert_eq!(result.log_likelihood, -0.5 * expected.objective);
    assert_eq!(result.residual_sd.to_bits(), expected.residual_sd.to_bits());
    assert_eq!(result.aic.to_bits(), expected.aic().to_bits());
    assert_eq!(result.bic.to_bits(), expected.bic().to_bits());
    let covariances: Vec<f64> = expected.fixed_covariance.iter().copied().collect();
    assert_eq!(result.fixed_covariances, covariances);
    let shares: Vec<_> = result
        .groups
        .iter()
        .map(|group| (group.group.clone(), group.intraclass_correlation.unwrap()))
        .collect();
    assert_eq!(shares, expected.intraclass_correlations());
    assert_eq!(result.fixed.len(), 3);
    for (found, expected) in result.fixed.iter().zip(&expected.fixed) {
        assert_eq!(found.term, expected.name);
        assert_eq!(found.estimate.to_bits(), expected.estimate.to_bits());
        assert_eq!(found.se, Some(expected.se));
        assert_eq!(found.df, Some(expected.df));
        assert_eq!(found.p, Some(expected.p));
    }
    assert_eq!(result.random[0].sds, expected.random[0].sd);
    assert_eq!(
        result.random[0].correlations[1],
        expected.random[0].correlation[(0, 1)]
    );
    let optimizer = result.optimizer.unwrap();
    assert!(optimizer.converged, "{}", optimizer.message);
    assert_eq!(optimizer.theta, expected.optimizer.theta);
    let rows = i64::try_from(samples(40).len()).unwrap();
    assert_eq!((result.person_count, result.observation_count), (40, rows));
    assert_eq!(
        (result.persons_with_days_count, result.counted_days),
        (40, 3)
    );
    assert_eq!(result.input_digest.len(), 64);
    assert!(result.software_version.starts_with("diel "));

    // The same rows again have the same digest; other persons have another.
    let again = fitted(&service, wanted("s", LINE, pb::FitCriterion::Ml)).await;
    let again = again.result.unwrap();
    assert_eq!(again.input_digest, result.input_digest);
    submit(
        &service,
        "s",
        vec![row("Q", 0, 0.0, 9.0), row("Q", 0, 4.0, 3.0)],
    )
    .await;
    let more = fitted(&service, wanted("s", LINE, pb::FitCriterion::Ml)).await;
    assert_ne!(more.result.unwrap().input_digest, result.input_digest);
    // A single incomplete day is not what rhythms are judged on.
    let mut judged = wanted("s", LINE, pb::FitCriterion::Ml);
    judged.fit.as_mut().unwrap().judged_days_only = true;
    let judged = fitted(&service, judged).await.result.unwrap();
    assert_eq!(judged.objective.to_bits(), again.objective.to_bits());
}

async fn fits_are_listed_page_by_page(service: TestService) {
    study(&service, "s", 10).await;
    let mut names = Vec::new();
    for _ in 0..3 {
        names.push(
            fitted(&service, wanted("s", LINE, pb::FitCriterion::Ml))
                .await
                .name,
        );
    }
    let (mut listed, mut page_token) = (Vec::new(), String::new());
    loop {
        let page = service
            .cohorts()
            .list_fits(pb::ListFitsRequest {
                parent: "studies/s".into(),
                page_size: 2,
                page_token,
            })
            .await
            .unwrap()
            .into_inner();
        listed.extend(page.fits.into_iter().map(|fit| fit.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(listed, names);
}

async fn a_repeated_request_starts_one_fit(service: TestService) {
    study(&service, "s", 10).await;
    let request = pb::StartFitRequest {
        request_id: "once".into(),
        ..wanted("s", LINE, pb::FitCriterion::Ml)
    };
    let first = fitted(&service, request.clone()).await;
    let second = fitted(&service, request).await;
    assert_eq!(first.name, second.name);
    let other = pb::StartFitRequest {
        request_id: "once".into(),
        ..wanted("s", LINE, pb::FitCriterion::Reml)
    };
    let refused = service.cohorts().start_fit(other).await.unwrap_err();
    assert_eq!(refused.code(), Code::AlreadyExists);
}

async fn nested_fits_are_compared_and_others_are_not(service: TestService) {
    const WITHOUT: &str = "log(cortisol) ~ hours + (hours | participant)";
    study(&service, "s", 40).await;
    let with = fitted(&service, wanted("s", LINE, pb::FitCriterion::Ml)).await;
    let without = fitted(&service, wanted("s", WITHOUT, pb::FitCriterion::Ml)).await;
    let compare = async |one: &pb::Fit, other: &pb::Fit| {
        let request = pb::CompareFitsRequest {
            name: one.name.clone(),
            other_name: other.name.clone(),
        };
        service.cohorts().compare_fits(request).await
    };
    let compared = compare(&with, &without).await.unwrap().into_inner();
    assert_eq!(
        (&compared.smaller, &compared.larger, compared.df),
        (&without.name, &with.name, 1)
    );
    // Intercept, hours, (car,) two standard deviations, their correlation, the residual's.
    assert_eq!(
        (
            compared.smaller_parameter_count,
            compared.larger_parameter_count
        ),
        (6, 7)
    );
    let expected =
        of_core(40, WITHOUT, Criterion::Ml).objective - of_core(40, LINE, Criterion::Ml).objective;
    assert_eq!(compared.chi_squared, expected);
    assert!(expected > 20.0 && compared.p < 1e-4, "{compared:?}");

    let restricted = fitted(&service, wanted("s", LINE, pb::FitCriterion::Reml)).await;
    let other = fitted(&service, wanted("s", WITHOUT, pb::FitCriterion::Reml)).await;
    submit(
        &service,
        "s",
        vec![row("Q", 0, 0.0, 9.0), row("Q", 0, 4.0, 3.0)],
    )
    .await;
    let later = fitted(&service, wanted("s", WITHOUT, pb::FitCriterion::Ml)).await;
    for (one, other, why) in [
        (&with, &with, "within the other"),
        (&with, &restricted, "by ML"),
        (&restricted, &other, "different fixed effects"),
        (&with, &later, "other rows"),
    ] {
        let refused = compare(one, other).await.unwrap_err();
        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert!(refused.message().contains(why), "{}", refused.message());
        let info = refused.get_details_error_info().unwrap();
        assert_eq!(info.reason, "FITS_NOT_COMPARABLE");
    }
}

async fn a_fit_that_cannot_be_made_says_why(service: TestService) {
    study(&service, "s", 10).await;
    let start = async |request| service.cohorts().start_fit(request).await;
    let unread = start(wanted(
        "s",
        "log(cortisol) ~ hours + (",
        pb::FitCriterion::Ml,
    ))
    .await
    .unwrap_err();
    assert_eq!(unread.code(), Code::InvalidArgument);
    let field = &unread.get_details_bad_request().unwrap().field_violations[0].field;
    assert_eq!(field, "fit.formula");
    let nowhere = start(wanted("x", LINE, pb::FitCriterion::Ml))
        .await
        .unwrap_err();
    assert_eq!(nowhere.code(), Code::NotFound);

    let long = format!(
        "log(cortisol) ~ hours{} + (1 | participant)",
        " + car".repeat(400)
    );
    let deep = format!(
        "log(cortisol) ~ {}hours{} + (1 | participant)",
        "(".repeat(60),
        ")".repeat(60)
    );
    for (formula, why) in [
        (long, "1000"),
        (deep, "deep in each other"),
        (String::new(), "fit.formula"),
    ] {
        let refused = start(wanted("s", &formula, pb::FitCriterion::Ml))
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{formula}");
        let violation = &refused.get_details_bad_request().unwrap().field_violations[0];
        let said = format!("{} {}", violation.field, violation.description);
        assert!(said.contains(why), "{formula}: {said}");
    }

    // Each is a fit that failed, with the words that the command line has.
    for (formula, reason, why) in [
        ("log(cortisol) ~ hours", "design", "no random term"),
        (
            "participant ~ hours + (1 | day)",
            "design",
            "is not a column of numbers",
        ),
        (
            "log(hours) ~ car + (1 | participant)",
            "design",
            "is not more than 0",
        ),
        (
            "I(0 * hours) ~ car + (1 | participant)",
            "design",
            "all responses are 0",
        ),
        (
            "log(cortisol) ~ hours + (hours * car * I(hours^2) | participant:day)",
            "design",
            "effects",
        ),
        (
            "log(cortisol) ~ hours + (1 | participant) + (1 | day)",
            "fit",
            "only nested groups",
        ),
        (
            "I(2 * hours) ~ hours + (1 | participant)",
            "fit",
            "without remainder",
        ),
    ] {
        let failed = fitted(&service, wanted("s", formula, pb::FitCriterion::Ml)).await;
        assert_eq!(
            (failed.state(), failed.error_reason.as_str()),
            (pb::FitState::Failed, reason),
            "{formula}: {}",
            failed.error
        );
        assert!(failed.error.contains(why), "{formula}: {}", failed.error);
    }
    let twice = "log(cortisol) ~ hours + I(2 * hours) + (1 | participant)";
    let reduced = fitted(&service, wanted("s", twice, pb::FitCriterion::Ml)).await;
    assert_eq!(reduced.result.unwrap().dropped_columns, ["I(2 * hours)"]);

    let formula = "log(cortisol) ~ huors + (hours | participant)";
    let failed = fitted(&service, wanted("s", formula, pb::FitCriterion::Ml)).await;
    assert_eq!(
        (failed.state(), failed.error_reason.as_str(), &failed.result),
        (pb::FitState::Failed, "design", &None)
    );
    assert!(failed.error.contains("`hours`"), "{}", failed.error);
    let mut nobody = wanted("s", LINE, pb::FitCriterion::Ml);
    nobody.fit.as_mut().unwrap().group = "cases".into();
    let nobody = fitted(&service, nobody).await;
    assert_eq!(
        (nobody.state(), nobody.error_reason.as_str()),
        (pb::FitState::Failed, "no_persons")
    );
    let job = nobody.name.replace("/fits/", "/jobs/");
    let job = service
        .studies()
        .get_job(pb::GetJobRequest { name: job })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (job.kind.as_str(), job.state()),
        ("fit", pb::JobState::Failed)
    );
}

async fn a_cancelled_fit_stays_cancelled(service: TestService) {
    study(&service, "s", 30).await;
    // Whichever comes first, the worker or the caller, the fit ends once.
    let started = service
        .cohorts()
        .start_fit(wanted("s", LINE, pb::FitCriterion::Ml))
        .await
        .unwrap()
        .into_inner();
    let name = started.name.clone();
    let answer = service
        .cohorts()
        .cancel_fit(pb::CancelFitRequest { name: name.clone() })
        .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let now = service
        .cohorts()
        .get_fit(pb::GetFitRequest { name })
        .await
        .unwrap()
        .into_inner();
    match answer {
        Ok(_) => {
            assert_eq!(now.state(), pb::FitState::Cancelled);
            assert_eq!(now.result, None);
        }
        Err(status) => {
            assert_eq!(status.code(), Code::FailedPrecondition);
            assert_eq!(now.state(), pb::FitState::Succeeded);
        }
    }
}
