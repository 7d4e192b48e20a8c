use std::time::Duration;

use diel_core::mixed::{
    Criterion, FixedEffect, GroupCount, MixedFit, OptimizerSummary, RandomEffect, Residual,
};
use diel_store::{
    Fit, FitInput, FitOutcome, FitSpecification, Job, JobKind, JobState, PageRequest, Sex, Store,
    StoreError,
};
use jiff::{SignedDuration, Timestamp};
use ndarray::{Array2, array};

use crate::TestStore;
use crate::cohort::{STEEP, STUDY, call, call_with, create_study, days, now, submission};

const LEASE: Duration = Duration::from_secs(30);

pub(crate) fn specification() -> FitSpecification {
    FitSpecification {
        formula: "log(cortisol) ~ hours + (hours | participant)".to_owned(),
        criterion: Criterion::Ml,
        group: String::new(),
        sex: Sex::Unspecified,
        min_age_years: None,
        max_age_years: None,
        judged_days_only: true,
    }
}

/// What a worker answers; the numbers are made up and none is a round double.
pub(crate) fn outcome(persons_with_days: u32) -> FitOutcome {
    let effect = |name: &str, estimate: f64, df: f64| FixedEffect {
        name: name.to_owned(),
        estimate,
        se: 0.1 / 3.0,
        df,
        t: 30.0 * estimate,
        p: 1.0 / 7.0,
        lower: estimate - 0.1,
        upper: estimate + 0.1,
    };
    let optimizer = OptimizerSummary {
        evaluations: 31,
        iterations: 17,
        converged: true,
        message: "converged".to_owned(),
        start: vec![1.0, 0.0, 1.0],
        theta: vec![0.1 + 0.2, -1.0 / 3.0, 0.7],
        gradient: 1.0 / 3e9,
        decrement: 1e-13,
        tolerance: 1e-10,
    };
    let fit = MixedFit {
        criterion: Criterion::Ml,
        residual: Residual::Normal,
        n_censored: 3,
        objective: 1000.0 / 7.0,
        n_observations: 900,
        groups: vec![GroupCount {
            name: "participant".to_owned(),
            levels: 120,
        }],
        singular: false,
        residual_sd: 1.0 / 3.0,
        fixed: vec![
            effect("(Intercept)", 2.2, 100.5),
            effect("hours", -0.11, 99.1),
        ],
        fixed_covariance: Array2::eye(2) / 3.0,
        dropped: vec!["car".to_owned()],
        random: vec![RandomEffect {
            group: "participant".to_owned(),
            terms: vec!["(Intercept)".to_owned(), "hours".to_owned()],
            sd: vec![0.4, 0.1 / 3.0],
            correlation: array![[1.0, -0.1 / 0.3], [-0.1 / 0.3, 1.0]],
        }],
        optimizer,
    };
    FitOutcome {
        fit,
        input: FitInput {
            digest: [9; 32],
            persons: 120,
            persons_with_days,
            days: 3,
            rows_left_out: 4,
        },
        software: "diel test".to_owned(),
    }
}

async fn claim(store: &Store, worker: &str, at: Timestamp) -> Job {
    store.claim_job(worker, at, LEASE).await.unwrap().unwrap()
}

/// A fit that succeeded with these persons.
pub(crate) async fn succeeded(store: &Store, persons_with_days: u32) -> Fit {
    store
        .start_fit(STUDY, specification(), &call())
        .await
        .unwrap();
    let job = claim(store, "w1", now()).await;
    store
        .finish_fit(&job, "w1", outcome(persons_with_days), now())
        .await
        .unwrap()
}

pub(crate) async fn a_fit_is_queued_worked_on_and_kept(store: TestStore) {
    create_study(&store).await;
    let rows = (0..3).flat_map(|person| days(&format!("p{person}"), 0..3, STEEP));
    store.submit(submission(rows.collect())).await.unwrap();
    let asked = call_with("fit", 1);
    let queued = store
        .start_fit(STUDY, specification(), &asked)
        .await
        .unwrap();
    assert_eq!(
        (queued.state, queued.done, queued.total, &queued.outcome),
        (JobState::Queued, 0, 3, &None)
    );
    assert_eq!(queued.specification, specification());
    let again = store
        .start_fit(STUDY, specification(), &asked)
        .await
        .unwrap();
    assert_eq!(again, queued);

    let to_judge = store
        .claim_job_of(JobKind::Rejudge, "w1", now(), LEASE)
        .await
        .unwrap();
    assert_eq!(to_judge, None);
    let job = claim(&store, "w1", now()).await;
    assert_eq!(
        (job.id.as_str(), job.kind, job.attempts),
        (queued.id.as_str(), JobKind::Fit, 1)
    );
    store
        .advance_fit(&job, "w1", 2, now(), LEASE)
        .await
        .unwrap();
    let running = store.fit(STUDY, &queued.id).await.unwrap();
    assert_eq!((running.state, running.done), (JobState::Running, 2));
    let other = store.advance_fit(&job, "w2", 3, now(), LEASE).await;
    assert!(matches!(other, Err(StoreError::StateForbids { .. })));

    let kept = store
        .finish_fit(&job, "w1", outcome(100), now())
        .await
        .unwrap();
    assert_eq!(kept.state, JobState::Succeeded);
    assert_eq!(kept.outcome, Some(outcome(100)), "bit for bit");
    assert_eq!(store.fit(STUDY, &queued.id).await.unwrap(), kept);
    assert_eq!(store.claim_job("w1", now(), LEASE).await.unwrap(), None);
}

pub(crate) async fn a_cancelled_fit_is_nobodys(store: TestStore) {
    create_study(&store).await;
    let fit = store
        .start_fit(STUDY, specification(), &call())
        .await
        .unwrap();
    let job = claim(&store, "w1", now()).await;
    let cancelled = store.cancel_fit(STUDY, &fit.id, &call()).await.unwrap();
    assert_eq!(cancelled.state, JobState::Cancelled);
    assert_eq!(
        store.cancel_fit(STUDY, &fit.id, &call()).await.unwrap(),
        cancelled
    );
    for lost in [
        store.advance_fit(&job, "w1", 1, now(), LEASE).await,
        store
            .finish_fit(&job, "w1", outcome(100), now())
            .await
            .map(drop),
    ] {
        assert!(matches!(
            lost,
            Err(StoreError::StateForbids {
                state: "cancelled",
                ..
            })
        ));
    }
    assert_eq!(store.fit(STUDY, &fit.id).await.unwrap().outcome, None);
    let later = now() + SignedDuration::from_hours(1);
    assert_eq!(store.claim_job("w2", later, LEASE).await.unwrap(), None);

    let done = succeeded(&store, 100).await;
    let late = store.cancel_fit(STUDY, &done.id, &call()).await;
    assert!(matches!(
        late,
        Err(StoreError::StateForbids {
            state: "succeeded",
            ..
        })
    ));
    let unknown = store.cancel_fit(STUDY, "x", &call()).await;
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })));
}

pub(crate) async fn a_fit_that_fails_says_why(store: TestStore) {
    create_study(&store).await;
    store
        .start_fit(STUDY, specification(), &call())
        .await
        .unwrap();
    let job = claim(&store, "w1", now()).await;
    let failed = store
        .fail_fit(&job, "w1", "design", "the table has no rows", now())
        .await
        .unwrap();
    assert_eq!(
        (
            failed.state,
            failed.error_reason.as_str(),
            failed.error.as_str()
        ),
        (JobState::Failed, "design", "the table has no rows")
    );
    let job = store.job(STUDY, &job.id).await.unwrap();
    assert_eq!(
        (job.state, job.error_reason.as_str()),
        (JobState::Failed, "design")
    );
}

pub(crate) async fn a_job_that_takes_every_worker_down_is_given_up(store: TestStore) {
    create_study(&store).await;
    let fit = store
        .start_fit(STUDY, specification(), &call())
        .await
        .unwrap();
    let mut at = now();
    for attempt in 1..=5 {
        let job = claim(&store, &format!("w{attempt}"), at).await;
        assert_eq!((job.id.as_str(), job.attempts), (fit.id.as_str(), attempt));
        at += SignedDuration::from_secs(31);
    }
    assert_eq!(store.claim_job("w6", at, LEASE).await.unwrap(), None);
    let given_up = store.fit(STUDY, &fit.id).await.unwrap();
    assert_eq!(
        (given_up.state, given_up.error_reason.as_str()),
        (JobState::Failed, "attempts")
    );
    assert!(given_up.error.contains('5'), "{}", given_up.error);
}

pub(crate) async fn fits_are_listed_as_they_were_asked_for(store: TestStore) {
    create_study(&store).await;
    let mut asked = Vec::new();
    for _ in 0..5 {
        let fit = store
            .start_fit(STUDY, specification(), &call())
            .await
            .unwrap();
        asked.push(fit.id);
    }
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = store
            .fits(STUDY, &PageRequest { after, limit: 2 })
            .await
            .unwrap();
        listed.extend(page.items.into_iter().map(|fit| fit.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(listed, asked);
}

pub(crate) async fn a_cohort_is_gathered_slice_by_slice(store: TestStore) {
    create_study(&store).await;
    let rows = (0..7).flat_map(|person| days(&format!("p{person}"), 0..3, STEEP));
    store.submit(submission(rows.collect())).await.unwrap();
    let gather = async |specification: FitSpecification| {
        let (mut persons, mut looked_at, mut after) = (Vec::new(), Vec::new(), None);
        loop {
            let slice = store
                .cohort(STUDY, &specification, &PageRequest { after, limit: 3 })
                .await
                .unwrap();
            looked_at.push(slice.looked_at);
            persons.extend(slice.persons);
            after = slice.next;
            if after.is_none() {
                return (persons, looked_at);
            }
        }
    };
    let (persons, looked_at) = gather(specification()).await;
    assert_eq!((persons.len(), looked_at), (7, vec![3, 3, 1]));
    for person in &persons {
        let stored = store
            .rhythm(STUDY, &person.participant.code)
            .await
            .unwrap()
            .rhythm;
        assert_eq!(person.analysis.rhythm.digest, stored.digest);
    }
    for nobody in [
        FitSpecification {
            group: "cases".to_owned(),
            ..specification()
        },
        FitSpecification {
            sex: Sex::Male,
            ..specification()
        },
        FitSpecification {
            min_age_years: Some(34.1),
            ..specification()
        },
        FitSpecification {
            max_age_years: Some(34.0),
            ..specification()
        },
    ] {
        let (persons, looked_at) = gather(nobody).await;
        assert_eq!((persons.len(), looked_at), (0, vec![3, 3, 1]));
    }
}
