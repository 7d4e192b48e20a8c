use std::sync::Arc;
use std::time::Duration;

use diel_store::{Mode, PageRequest, ResultFilter};

use crate::TestStore;
use crate::cohort::{STEEP, STUDY, create_study, days, submission};
use crate::orders::{registration, results_only};

pub(crate) async fn writers_of_one_participant_end_with_its_whole_rhythm(store: TestStore) {
    create_study(&store).await;
    // Two replicas, and for each day results and collection facts from different senders.
    let stores = [
        Arc::new(store.replica().await),
        Arc::new(store.replica().await),
    ];
    let mut tasks = Vec::new();
    for day in 0..10 {
        let rows = days("p1", day..day + 1, STEEP);
        let (lab, team) = (Arc::clone(&stores[0]), Arc::clone(&stores[1]));
        if day % 2 == 0 {
            tasks.push(tokio::spawn(async move {
                drop(lab.submit(submission(rows)).await.unwrap())
            }));
            continue;
        }
        let (results, facts) = (submission(results_only(&rows)), registration(&rows));
        tasks.push(tokio::spawn(async move {
            drop(lab.submit(results).await.unwrap())
        }));
        tasks.push(tokio::spawn(async move {
            drop(team.register(facts).await.unwrap())
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let rhythm = store.rhythm(STUDY, "p1").await.unwrap().rhythm;
    assert_eq!((rhythm.day_count, rhythm.valid_day_count), (10, 10));
    let history = store.history(STUDY, "p1").await.unwrap();
    assert_eq!(history.samples.len(), 50);
    assert_eq!(history.analysis().rhythm.digest, rhythm.digest);
}

pub(crate) async fn writers_of_shared_tubes_store_each_once(store: TestStore) {
    create_study(&store).await;
    let shared = Arc::new(store);
    // Every sender sends the same tubes of three people, in another order.
    let rows: Vec<_> = ["a", "b", "c"]
        .iter()
        .flat_map(|person| days(person, 0..3, STEEP))
        .collect();
    let tasks: Vec<_> = (0..12)
        .map(|sender| {
            let (store, mut rows) = (Arc::clone(&shared), rows.clone());
            rows.rotate_left(sender * 7 % 45);
            let mut sent = submission(rows);
            sent.mode = if sender % 2 == 0 {
                Mode::Atomic
            } else {
                Mode::Partial
            };
            tokio::spawn(async move { store.submit(sent).await.unwrap() })
        })
        .collect();
    let mut stored = 0;
    for task in tasks {
        let answer = task.await.unwrap();
        assert_eq!(answer.stored + answer.unchanged, 45);
        stored += answer.stored;
    }
    assert_eq!(stored, 45);
    let page = PageRequest {
        after: None,
        limit: 1000,
    };
    assert_eq!(
        shared
            .results(STUDY, &ResultFilter::default(), &page)
            .await
            .unwrap()
            .items
            .len(),
        45
    );
    assert_eq!(
        shared
            .rhythm(STUDY, "b")
            .await
            .unwrap()
            .rhythm
            .valid_day_count,
        3
    );
}

pub(crate) async fn a_caller_that_leaves_leaves_all_or_nothing(store: TestStore) {
    create_study(&store).await;
    for person in 0..20_u64 {
        let code = format!("p{person}");
        let submit = store.submit(submission(days(&code, 0..3, STEEP)));
        let _ = tokio::time::timeout(Duration::from_micros(person * 150), submit).await;
    }
    // No connection was left inside a transaction.
    store
        .submit(submission(days("last", 0..3, STEEP)))
        .await
        .unwrap();
    for person in 0..20 {
        let code = format!("p{person}");
        // Whoever can see the participant can see all that was stored with it.
        if store.participant(STUDY, &code).await.is_ok() {
            assert_eq!(
                store
                    .rhythm(STUDY, &code)
                    .await
                    .unwrap()
                    .rhythm
                    .valid_day_count,
                3,
                "{code}"
            );
            assert_eq!(store.history(STUDY, &code).await.unwrap().samples.len(), 15);
        }
    }
}
