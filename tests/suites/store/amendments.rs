use diel_core::{Measurement, MissingReason, Outcome, Verdict};
use diel_store::{
    Amendment, AmendmentRefusal, AmendmentRow, Amendments, FlagEventKind, FlagState, Mode,
    NewBatch, NewResult, PageRequest, ResultFilter, RevisionCause, StoreError, SubmissionRow,
};

use crate::TestStore;
use crate::cohort::{
    FLAT, HOURS, STEEP, STUDY, batch, call, call_with, create_study, days, level, nmol, result,
    submission, tube,
};
use crate::orders::{registration, results_only};

fn amendment(specimen: &str, measurement: Measurement, replaced_revision: i32) -> Amendment {
    Amendment {
        study: STUDY.to_owned(),
        specimen: specimen.to_owned(),
        result: result(specimen, measurement),
        replaced_revision,
        reason: "plate read again".to_owned(),
        call: call(),
    }
}

pub(crate) async fn a_revision_replaces_and_keeps(store: TestStore) {
    create_study(&store).await;
    let submitted = store
        .submit(submission(days("p1", 0..4, FLAT)))
        .await
        .unwrap();
    let flag = submitted.raised_flags[0].clone();
    // The laboratory finds that every day fell as it should.
    for day in 0..4 {
        for (sample, hours) in HOURS.into_iter().enumerate() {
            let amended = store
                .amend(amendment(
                    &tube("p1", day, sample),
                    nmol(level(STEEP, hours)),
                    1,
                ))
                .await
                .unwrap();
            assert_eq!(
                (amended.revision, amended.amendment_reason.as_str()),
                (2, "plate read again")
            );
            assert_eq!(
                Some(&amended.batch),
                submitted.batch.as_ref().map(|batch| &batch.id)
            );
        }
    }
    let rhythm = store.rhythm(STUDY, "p1").await.unwrap();
    assert_eq!(
        (rhythm.rhythm.verdict, rhythm.flag),
        (Verdict::NotFlat, Some((flag.clone(), FlagState::Withdrawn)))
    );
    let page = PageRequest {
        after: None,
        limit: 100,
    };
    let steps = store.flag_events(STUDY, &flag, &page).await.unwrap().items;
    let reason = &steps.last().unwrap().reason;
    assert!(reason.ends_with("amended: plate read again"), "{reason}");
    assert!(reason.contains("result of p1-d0"), "{reason}");

    let specimen = tube("p1", 0, 4);
    let filter = ResultFilter {
        specimen: Some(specimen.clone()),
        batch: None,
    };
    let page = PageRequest {
        after: None,
        limit: 10,
    };
    let revisions = store.results(STUDY, &filter, &page).await.unwrap().items;
    let kept: Vec<_> = revisions
        .iter()
        .map(|kept| (kept.revision, kept.measurement))
        .collect();
    assert_eq!(
        kept,
        [(1, nmol(level(FLAT, 15.0))), (2, nmol(level(STEEP, 15.0)))]
    );
    assert_eq!(revisions[0].amendment_reason, "");
    let in_force = store
        .specimen(STUDY, &specimen)
        .await
        .unwrap()
        .result
        .unwrap();
    assert_eq!(in_force, revisions[1]);
    let missing = Measurement::new(Outcome::Missing(MissingReason::RejectedByLab), None).unwrap();
    assert_eq!(
        store
            .amend(amendment(&specimen, missing, 2))
            .await
            .unwrap()
            .revision,
        3
    );
}

pub(crate) async fn only_the_revision_in_force_is_replaced(store: TestStore) {
    create_study(&store).await;
    let rows = days("p1", 0..1, STEEP);
    let specimen = tube("p1", 0, 0);
    let unknown = store.amend(amendment(&specimen, nmol(1.0), 1)).await;
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })));
    store.register(registration(&rows)).await.unwrap();
    let without_result = store.amend(amendment(&specimen, nmol(1.0), 1)).await;
    assert!(matches!(without_result, Err(StoreError::NotFound { .. })));
    store.submit(submission(results_only(&rows))).await.unwrap();
    store
        .amend(amendment(&specimen, nmol(1.0), 1))
        .await
        .unwrap();
    let stale = store.amend(amendment(&specimen, nmol(2.0), 1)).await;
    assert!(matches!(stale, Err(StoreError::EtagMismatch { .. })));
    let mut checked = amendment(&specimen, nmol(2.0), 2);
    checked.call.validate_only = true;
    assert_eq!(store.amend(checked).await.unwrap().revision, 3);
    assert_eq!(
        store
            .specimen(STUDY, &specimen)
            .await
            .unwrap()
            .result
            .unwrap()
            .revision,
        2
    );
    // The first result sent again contradicts what is in force now.
    let again = store.submit(submission(results_only(&rows[..1]))).await;
    assert!(
        matches!(again, Err(StoreError::Conflicts(conflicts)) if conflicts[0].stored == "1 nmol/L")
    );
}

/// The rows as amendments; what they say of the collection goes along.
pub(crate) fn amendments(rows: Vec<SubmissionRow>) -> Amendments {
    let rows = (0..).zip(rows).map(|(row, given)| AmendmentRow {
        row,
        result: given.result,
        collection: given.collection,
    });
    Amendments {
        study: STUDY.to_owned(),
        rows: rows.collect(),
        rerun: None,
        reason: "dilution corrected".to_owned(),
        mode: Mode::Atomic,
        call: call(),
    }
}

pub(crate) async fn a_corrected_file_amends_what_differs(store: TestStore) {
    create_study(&store).await;
    let flat = store
        .submit(submission(days("p1", 0..4, FLAT)))
        .await
        .unwrap();
    store
        .submit(submission(days("p2", 0..1, STEEP)))
        .await
        .unwrap();
    // The corrected file has everybody; only p1's results differ, apart from the one at awakening.
    let mut rows = days("p1", 0..4, STEEP);
    rows.extend(days("p2", 0..1, STEEP));
    let corrected = Amendments {
        call: call_with("corrected", 1),
        ..amendments(rows.clone())
    };
    let amended = store.amend_together(corrected.clone()).await.unwrap();
    assert_eq!(
        (
            amended.revised.results,
            amended.unchanged,
            amended.refused.len()
        ),
        (16, 4 + 5, 0)
    );
    assert_eq!(amended.batch, None);
    let [person] = &amended.revised.persons[..] else {
        panic!("only p1 was judged again: {:?}", amended.revised.persons);
    };
    assert_eq!(
        (
            person.participant.as_str(),
            person.verdict_before,
            person.verdict_after
        ),
        ("p1", Some(Verdict::FlatForReview), Some(Verdict::NotFlat))
    );
    let flag = flat.raised_flags[0].clone();
    assert_eq!(person.flag, Some((flag.clone(), FlagEventKind::Withdrawn)));
    let page = PageRequest {
        after: None,
        limit: 10,
    };
    let steps = store.flag_events(STUDY, &flag, &page).await.unwrap().items;
    assert_eq!(
        steps[1].reason,
        "the inputs or the policy took its ground away; results amended: dilution corrected"
    );
    // The same request again has the same answer; the same file again changes nothing.
    assert_eq!(store.amend_together(corrected).await.unwrap(), amended);
    let again = store
        .amend_together(amendments(rows.clone()))
        .await
        .unwrap();
    assert_eq!((again.revised.results, again.unchanged), (0, 25));
    // What a file does not state beside the concentration is no change, and what it states otherwise is.
    let bare = |rows: Vec<SubmissionRow>, well: &str| {
        let bare = rows.into_iter().map(|row| SubmissionRow {
            result: NewResult {
                replicate_count: None,
                replicate_cv_percent: None,
                well: well.to_owned(),
                ..row.result
            },
            ..row
        });
        amendments(bare.collect())
    };
    let silent = store.amend_together(bare(rows.clone(), "")).await.unwrap();
    assert_eq!((silent.revised.results, silent.unchanged), (0, 25));
    let moved = store.amend_together(bare(rows, "A1")).await.unwrap();
    assert_eq!((moved.revised.results, moved.unchanged), (25, 0));
}

pub(crate) async fn amendments_that_cannot_be_stored_are_all_named(store: TestStore) {
    create_study(&store).await;
    store
        .submit(submission(days("p1", 0..1, FLAT)))
        .await
        .unwrap();
    let mut rows = days("p1", 0..1, STEEP);
    rows.extend(days("p9", 0..1, STEEP).into_iter().take(1));
    if let Some(collection) = &mut rows[1].collection {
        collection.participant = "p2".to_owned();
    }
    let refused = store.amend_together(amendments(rows.clone())).await;
    let Err(StoreError::Amendments(refused)) = refused else {
        panic!("{refused:?}");
    };
    let fields: Vec<_> = refused.iter().map(|one| (one.row, one.field())).collect();
    assert_eq!(fields, [(1, "collection.participant"), (5, "specimen")]);
    assert!(matches!(
        refused[1].refusal,
        AmendmentRefusal::NoResult { .. }
    ));
    let specimen = store.specimen(STUDY, &tube("p1", 0, 4)).await.unwrap();
    assert_eq!(specimen.result.unwrap().revision, 1, "nothing was stored");
    let partial = Amendments {
        mode: Mode::Partial,
        ..amendments(rows)
    };
    let amended = store.amend_together(partial).await.unwrap();
    // The sample at awakening is the same on both lines.
    assert_eq!(
        (amended.revised.results, amended.unchanged, amended.refused),
        (3, 1, refused)
    );
}

pub(crate) async fn another_run_is_a_batch_of_its_own(store: TestStore) {
    create_study(&store).await;
    store
        .submit(submission(days("p1", 0..1, FLAT)))
        .await
        .unwrap();
    let rerun = NewBatch {
        plate: "P1 again".to_owned(),
        ..batch()
    };
    let again = Amendments {
        rerun: Some(rerun.clone()),
        ..amendments(days("p1", 0..1, STEEP))
    };
    let amended = store.amend_together(again.clone()).await.unwrap();
    let stored = amended.batch.unwrap();
    assert_eq!((&stored.batch, stored.result_count), (&rerun, 4));
    assert_eq!(store.batch(STUDY, &stored.id).await.unwrap(), stored);
    let result = store
        .specimen(STUDY, &tube("p1", 0, 4))
        .await
        .unwrap()
        .result
        .unwrap();
    assert_eq!(
        (result.batch, result.revision, result.cause),
        (stored.id, 2, RevisionCause::Sent)
    );
    let nothing_new = store.amend_together(again).await.unwrap();
    assert_eq!(nothing_new.batch, None);
}
