use diel_core::{Awakening, Condition, Conditions, TimeSource};
use diel_store::{
    Mode, RegisteredDay, RegisteredSpecimen, Registration, SpecimenFilter, SpecimenState,
    StoreError, SubmissionRow,
};

use crate::TestStore;
use crate::cohort::{STEEP, STUDY, awakening, call, collected, create_study, days, submission};

/// The specimens of submission rows, to be registered.
pub(crate) fn registration(rows: &[SubmissionRow]) -> Registration {
    let specimens = (0..).zip(rows).map(|(row, given)| RegisteredSpecimen {
        row,
        specimen: given.result.specimen.clone(),
        collection: given.collection.clone().unwrap(),
    });
    Registration {
        study: STUDY.to_owned(),
        specimens: specimens.collect(),
        days: Vec::new(),
        mode: Mode::Atomic,
        call: call(),
    }
}

/// The same rows without their collection facts.
pub(crate) fn results_only(rows: &[SubmissionRow]) -> Vec<SubmissionRow> {
    rows.iter()
        .map(|row| SubmissionRow {
            collection: None,
            ..row.clone()
        })
        .collect()
}

async fn waiting(store: &TestStore, state: SpecimenState) -> usize {
    let filter = SpecimenFilter {
        state: Some(state),
        ..SpecimenFilter::default()
    };
    let page = diel_store::PageRequest {
        after: None,
        limit: 1000,
    };
    store
        .specimens(STUDY, &filter, &page)
        .await
        .unwrap()
        .items
        .len()
}

pub(crate) async fn results_and_specimens_meet_in_any_order(store: TestStore) {
    create_study(&store).await;
    let (together, results_first, specimens_first) = (
        days("a", 0..4, STEEP),
        days("b", 0..4, STEEP),
        days("c", 0..4, STEEP),
    );
    store.submit(submission(together)).await.unwrap();

    let answer = store
        .submit(submission(results_only(&results_first)))
        .await
        .unwrap();
    assert_eq!(
        (answer.stored, answer.waiting, answer.profiles),
        (20, 20, 0)
    );
    assert_eq!(
        waiting(&store, SpecimenState::WaitingForCollection).await,
        20
    );
    assert!(store.rhythm(STUDY, "b").await.is_err());
    let answer = store.register(registration(&results_first)).await.unwrap();
    assert_eq!((answer.stored, answer.profiles), (20, 4));

    let answer = store
        .register(registration(&specimens_first))
        .await
        .unwrap();
    assert_eq!(
        (answer.stored, answer.unchanged, answer.profiles),
        (20, 0, 0)
    );
    assert_eq!(waiting(&store, SpecimenState::WaitingForResult).await, 20);
    let answer = store
        .submit(submission(results_only(&specimens_first)))
        .await
        .unwrap();
    assert_eq!((answer.stored, answer.waiting, answer.profiles), (20, 0, 4));

    assert_eq!(waiting(&store, SpecimenState::Complete).await, 60);
    let expected = store.rhythm(STUDY, "a").await.unwrap().rhythm;
    for participant in ["b", "c"] {
        assert_eq!(
            store.rhythm(STUDY, participant).await.unwrap().rhythm,
            expected,
            "{participant}"
        );
        for day in 0..4 {
            let date = awakening(day).local_date();
            let profile = store.profile(STUDY, participant, date).await.unwrap();
            assert_eq!(
                profile.features,
                store.profile(STUDY, "a", date).await.unwrap().features
            );
        }
    }
    let again = store.register(registration(&results_first)).await.unwrap();
    assert_eq!((again.stored, again.unchanged), (0, 20));
}

pub(crate) async fn conditions_and_awakenings_may_come_apart(store: TestStore) {
    create_study(&store).await;
    let mut rows = days("p1", 0..3, STEEP);
    for row in &mut rows {
        row.collection.as_mut().unwrap().awakening = None;
    }
    // One tube of the second day says that the person was ill.
    let illness = Conditions::from_iter([Condition::AcuteIllness]);
    rows[7].collection.as_mut().unwrap().conditions = illness;
    store.submit(submission(rows)).await.unwrap();
    let second = store
        .profile(STUDY, "p1", awakening(1).local_date())
        .await
        .unwrap();
    assert_eq!(
        (second.conditions, second.valid, second.awakening_recorded),
        (illness, false, false)
    );
    assert!(
        store
            .profile(STUDY, "p1", awakening(0).local_date())
            .await
            .unwrap()
            .valid
    );

    let woke = Awakening {
        at: awakening(0),
        source: TimeSource::SelfReport,
        conditions: Conditions::EMPTY,
    };
    let travel = Conditions::from_iter([Condition::Travel]);
    let mut days = registration(&[]);
    days.days = vec![
        RegisteredDay {
            row: 0,
            participant: "p1".to_owned(),
            awakening: woke,
        },
        RegisteredDay {
            row: 1,
            participant: "p1".to_owned(),
            awakening: Awakening {
                conditions: travel,
                ..woke
            },
        },
    ];
    let answer = store.register(days.clone()).await.unwrap();
    assert_eq!((answer.days, answer.profiles), (1, 3));
    let first = store
        .profile(STUDY, "p1", awakening(0).local_date())
        .await
        .unwrap();
    assert_eq!((first.conditions, first.awakening_recorded), (travel, true));
    assert_eq!(store.register(days.clone()).await.unwrap().days, 0);
    days.days[0].awakening.source = TimeSource::Actigraphy;
    assert_eq!(store.register(days).await.unwrap().days, 1);
    assert_eq!(
        store.history(STUDY, "p1").await.unwrap().awakenings[0].source,
        TimeSource::Actigraphy
    );
}

pub(crate) async fn contradicting_facts_are_named(store: TestStore) {
    create_study(&store).await;
    let rows = days("p1", 0..1, STEEP);
    store.submit(submission(rows.clone())).await.unwrap();
    let mut wrong = registration(&rows);
    wrong.specimens[1].collection.participant = "p2".to_owned();
    wrong.specimens[2].collection.collected = collected(0, 5.0);
    wrong.specimens[3].collection.label = "S9".to_owned();
    wrong.specimens[4].collection.awakening = Some((awakening(1), TimeSource::SelfReport));
    let refused = store.register(wrong.clone()).await;
    let Err(StoreError::Conflicts(conflicts)) = refused else {
        panic!("{refused:?}")
    };
    let named: Vec<_> = conflicts
        .iter()
        .map(|conflict| {
            (
                conflict.row,
                conflict.field.as_str(),
                conflict.stored.as_str(),
                conflict.given.as_str(),
            )
        })
        .collect();
    assert_eq!(
        named,
        [
            (1, "collection.participant", "p1", "p2"),
            (
                2,
                "collection.collection_time",
                "2026-03-02T11:30:00+01:00",
                "2026-03-02T12:30:00+01:00"
            ),
            (3, "collection.label", "S4", "S9"),
            (
                4,
                "collection.awakening_time",
                "2026-03-02T07:30:00+01:00",
                "2026-03-03T07:30:00+01:00"
            ),
        ]
    );
    assert!(store.participant(STUDY, "p2").await.is_err());
    wrong.mode = Mode::Partial;
    let answer = store.register(wrong).await.unwrap();
    assert_eq!(
        (answer.stored, answer.unchanged, answer.conflicts.len()),
        (0, 1, 4)
    );
}
