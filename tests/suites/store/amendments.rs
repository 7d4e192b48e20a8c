use diel_core::{Measurement, MissingReason, Outcome, Verdict};
use diel_store::{Amendment, FlagState, PageRequest, ResultFilter, StoreError};

use crate::TestStore;
use crate::cohort::{
    FLAT, HOURS, STEEP, STUDY, call, create_study, days, level, nmol, result, submission, tube,
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
        (Verdict::NotFlat, Some((flag, FlagState::Withdrawn)))
    );

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
