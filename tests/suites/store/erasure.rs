//! The erasure of a participant: nothing of them is left, others are as they were, and the chain is whole.

use diel_store::{Engine, Erased, Erasure, FlagDecision, ParticipantChange, Sex, StoreError};

use diel_tests::database::Database;
use diel_tests::traces::holds;

use crate::TestStore;
use crate::audit::{entries, verify};
use crate::cohort::{FLAT, STEEP, STUDY, call, call_with, create_study, days, submission};

/// A code that nothing else contains.
const CANARY: &str = "canary-4711";

fn erasure(validate_only: bool) -> Erasure {
    Erasure {
        study: STUDY.to_owned(),
        participant: CANARY.to_owned(),
        reason: "withdrew consent".to_owned(),
        call: diel_store::Call {
            validate_only,
            ..call()
        },
    }
}

/// Two persons on one plate, one of them flagged, decided about, changed, and named in a kept answer.
async fn two_persons(store: &TestStore) {
    create_study(store).await;
    let mut rows = days(CANARY, 0..4, FLAT);
    rows.extend(days("p1", 0..4, STEEP));
    let mut both = submission(rows);
    both.call = call_with("first", 1);
    let submitted = store.submit(both).await.unwrap();
    assert_eq!(submitted.raised_flags.len(), 1);
    let change = ParticipantChange {
        sex: Some(Sex::Male),
        ..ParticipantChange::default()
    };
    store
        .update_participant(STUDY, CANARY, None, change, true, &call())
        .await
        .unwrap();
    let flag = store.flag(STUDY, &submitted.raised_flags[0]).await.unwrap();
    store
        .resolve_flag(
            STUDY,
            &flag.id,
            flag.version,
            FlagDecision::Confirmed,
            &format!("{CANARY} was seen twice"),
            &call(),
        )
        .await
        .unwrap();
}

pub(crate) async fn an_erased_participant_leaves_nothing_and_the_chain_is_whole(store: TestStore) {
    two_persons(&store).await;
    let other = store.rhythm(STUDY, "p1").await.unwrap();
    let before = entries(&store, Some(STUDY)).await;

    let counted = store.erase_participant(erasure(true)).await.unwrap();
    assert!(store.participant(STUDY, CANARY).await.is_ok(), "a dry run");
    let erased = store.erase_participant(erasure(false)).await.unwrap();
    assert_eq!(counted, erased, "the dry run says what happens");
    assert_eq!(
        erased,
        Erased {
            specimens: 20,
            results: 20,
            earlier_facts: 0,
            awakenings: 4,
            profiles: 4,
            flags: 1,
            flag_events: erased.flag_events,
            answers: 1,
            entries: erased.entries,
        }
    );
    assert!(erased.flag_events >= 2, "raised, resolved");
    assert!(erased.entries >= 3, "raised, changed, resolved");

    let gone = store.participant(STUDY, CANARY).await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })));
    let again = store.erase_participant(erasure(false)).await;
    assert!(matches!(again, Err(StoreError::NotFound { .. })));
    assert_eq!(store.rhythm(STUDY, "p1").await.unwrap(), other);
    assert!(store.orphans(STUDY).await.unwrap().is_empty());

    verify(&store, None).await.unwrap();
    let kept = before.last().unwrap().head();
    verify(&store, Some(kept.into())).await.unwrap();
    let after = entries(&store, Some(STUDY)).await;
    assert_eq!(after.len(), before.len() + 1);
    for entry in &after {
        let said = format!("{:?}", entry.record);
        assert!(!said.contains(CANARY), "{said}");
    }
    assert_eq!(after.last().unwrap().record.action, "erase_participant");
    let emptied = after.iter().filter(|entry| entry.erased_by.is_some());
    assert_eq!(emptied.count() as u64, erased.entries);

    if store.engine() == Engine::Sqlite {
        // The file's free pages may hold what was deleted until it is written anew, as a copy is.
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.db");
        store.copy(&copy).await.unwrap();
        let bytes = std::fs::read(copy).unwrap();
        assert!(
            holds(&bytes, "p1-d00-s0"),
            "the other person's tubes are there"
        );
        assert!(!holds(&bytes, CANARY), "a copy holds nothing of the person");
    }
}

/// Persons with codes in an order that is not that of their coming, so that pages of the file are split.
const SHUFFLED: u64 = 300;

fn shuffled(number: u64) -> String {
    format!("{:05}-kanarienvogel", number * 7_919 % 99_991)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_code_is_nowhere_in_the_files() {
    let store = TestStore::on(Database::sqlite().unwrap()).await;
    create_study(&store).await;
    for number in 0..SHUFFLED {
        let rows = days(&shuffled(number), 0..3, STEEP);
        store.submit(submission(rows)).await.unwrap();
    }
    let file = store.database.url().strip_prefix("sqlite://").unwrap();
    let bytes = |suffix: &str| std::fs::read(format!("{file}{suffix}")).unwrap();
    assert!(store.clear_log().await.unwrap());
    assert!(holds(&bytes(""), &shuffled(7)), "the search finds");
    let mut left = 0;
    for number in (0..SHUFFLED).step_by(10) {
        let mut erasure = erasure(false);
        erasure.participant = shuffled(number);
        store.erase_participant(erasure).await.unwrap();
        assert!(store.clear_log().await.unwrap());
        assert!(bytes("-wal").is_empty());
        left += usize::from(holds(&bytes(""), &shuffled(number)));
    }
    assert_eq!(
        left,
        0,
        "codes of {} that were erased are in the file",
        SHUFFLED / 10
    );
}
