use std::time::Duration;

use diel_core::{PolicyTerms, Threshold, Verdict};
use diel_store::{FlagState, JobState, StoreError};
use jiff::SignedDuration;

use crate::TestStore;
use crate::cohort::{FLAT, STEEP, STUDY, call, create_study, days, now, submission};

const LEASE: Duration = Duration::from_secs(30);

async fn twelve_people(store: &TestStore) {
    create_study(store).await;
    let rows = (0..12).flat_map(|person| {
        days(
            &format!("p{person:02}"),
            0..4,
            if person == 5 { FLAT } else { STEEP },
        )
    });
    assert_eq!(
        store
            .submit(submission(rows.collect()))
            .await
            .unwrap()
            .raised_flags
            .len(),
        1
    );
}

/// By this policy every slope counts as flat.
fn lenient() -> PolicyTerms {
    PolicyTerms {
        threshold: Some(Threshold::LnPerHour(-1.0)),
        ..PolicyTerms::default()
    }
}

pub(crate) async fn a_change_of_policy_judges_everybody(store: TestStore) {
    twelve_people(&store).await;
    assert_eq!(store.claim_job("w1", now(), LEASE).await.unwrap(), None);
    let (_, queued) = store
        .update_policy(STUDY, 1, lenient(), &call())
        .await
        .unwrap();
    assert_eq!(
        (queued.state, queued.total, queued.done),
        (JobState::Queued, 12, 0)
    );
    assert_eq!(
        store.rhythm(STUDY, "p00").await.unwrap().rhythm.verdict,
        Verdict::NotFlat
    );

    let mut job = store.claim_job("w1", now(), LEASE).await.unwrap().unwrap();
    assert_eq!(
        (job.id.as_str(), job.state, job.study.as_str()),
        (queued.id.as_str(), JobState::Running, STUDY)
    );
    let mut done = Vec::new();
    while job.state == JobState::Running {
        job = store
            .rejudge_next(&job, "w1", 5, now(), LEASE)
            .await
            .unwrap();
        done.push(job.done);
    }
    assert_eq!((done, job.state), (vec![5, 10, 12], JobState::Succeeded));
    for person in 0..12 {
        let rhythm = store.rhythm(STUDY, &format!("p{person:02}")).await.unwrap();
        assert_eq!(
            (rhythm.rhythm.verdict, rhythm.policy_version),
            (Verdict::FlatForReview, 2)
        );
        assert_eq!(rhythm.flag.unwrap().1, FlagState::Open);
    }
    assert_eq!(store.claim_job("w1", now(), LEASE).await.unwrap(), None);
    assert_eq!(store.job(STUDY, &job.id).await.unwrap(), job);
}

pub(crate) async fn a_second_worker_goes_on_where_the_first_stopped(store: TestStore) {
    twelve_people(&store).await;
    store
        .update_policy(STUDY, 1, lenient(), &call())
        .await
        .unwrap();
    let replica = store.replica().await;
    let (one, other) = tokio::join!(
        store.claim_job("w1", now(), LEASE),
        replica.claim_job("w1", now(), LEASE)
    );
    let claimed: Vec<_> = [one.unwrap(), other.unwrap()]
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(claimed.len(), 1);
    let job = store
        .rejudge_next(&claimed[0], "w1", 5, now(), LEASE)
        .await
        .unwrap();

    let later = now() + SignedDuration::from_secs(29);
    assert_eq!(replica.claim_job("w2", later, LEASE).await.unwrap(), None);
    let later = now() + SignedDuration::from_secs(31);
    let taken = replica
        .claim_job("w2", later, LEASE)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((taken.id.as_str(), taken.done), (job.id.as_str(), 5));
    let lost = store.rejudge_next(&job, "w1", 5, later, LEASE).await;
    assert!(matches!(
        lost,
        Err(StoreError::StateForbids {
            state: "running",
            ..
        })
    ));
    let done = replica
        .rejudge_next(&taken, "w2", 100, later, LEASE)
        .await
        .unwrap();
    assert_eq!((done.state, done.done), (JobState::Succeeded, 12));
    for person in 0..12 {
        assert_eq!(
            store
                .rhythm(STUDY, &format!("p{person:02}"))
                .await
                .unwrap()
                .policy_version,
            2
        );
    }
}
