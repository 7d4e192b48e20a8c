use std::time::Duration;

use diel_core::quality::{
    Bounds, ControlMaterial, ControlTarget, QualityPolicy, QualityReason, QualityTerms, Scope,
    WestgardRule, WestgardRules,
};
use diel_core::{BatchVerdict, Finding, Measurement, Outcome, Reason, Unit, Verdict};
use diel_store::{
    Amendment, AuditFilter, Batch, ControlKey, JobKind, JobState, NewBatchControl, NewControl,
    PageRequest, StoreError, StoredQualityPolicy, Submission, SubmissionRow, Submitted,
    TargetTerms,
};

use crate::TestStore;
use crate::cohort::{
    FLAT, STEEP, STUDY, awakening, batch, call, call_with, create_study, days, nmol, now, result,
    submission, tube,
};

const LEASE: Duration = Duration::from_secs(30);

fn material() -> ControlMaterial {
    ControlMaterial {
        material: "pool A".to_owned(),
        level: "low".to_owned(),
        lot: "L7".to_owned(),
    }
}

/// 5 nmol/L, standard deviation 0.5: a reading of 6.6 lies 3.2 of them above.
fn terms(mean: f64) -> TargetTerms {
    TargetTerms {
        mean,
        sd: 0.5,
        unit: Unit::NmolPerL,
        target: ControlTarget::new(mean, 0.5).unwrap(),
        run_count: Some(20),
        source: "own runs of April".to_owned(),
    }
}

fn new_control(id: &str) -> NewControl {
    NewControl {
        id: id.to_owned(),
        key: ControlKey {
            lab: "Dresden".to_owned(),
            assay: "CLIA".to_owned(),
            material: material(),
        },
        terms: terms(5.0),
    }
}

async fn study_with_control(store: &TestStore) {
    create_study(store).await;
    let control = new_control("low");
    store.create_control(STUDY, control, &call()).await.unwrap();
}

fn reading(nmol_per_l: f64) -> NewBatchControl {
    NewBatchControl {
        material: material(),
        measurement: nmol(nmol_per_l),
        replicates: vec![nmol_per_l - 0.1, nmol_per_l + 0.1],
        replicate_count: Some(2),
        replicate_cv_percent: Some(2.0),
        well: "H12".to_owned(),
    }
}

/// A plate of a day in May, with one reading of the control.
fn plate(day: i8, rows: Vec<SubmissionRow>, nmol_per_l: f64) -> Submission {
    let mut sent = submission(rows);
    sent.batch.run_date = Some(jiff::civil::date(2026, 5, day));
    sent.controls = vec![reading(nmol_per_l)];
    sent
}

async fn submit(store: &TestStore, sent: Submission) -> Submitted {
    store.submit(sent).await.unwrap()
}

async fn reasons(store: &TestStore, participant: &str) -> Vec<Reason> {
    let rhythm = store.rhythm(STUDY, participant).await.unwrap();
    rhythm.rhythm.reasons.iter().collect()
}

async fn digest(store: &TestStore, participant: &str) -> [u8; 32] {
    let rhythm = store.rhythm(STUDY, participant).await.unwrap();
    let history = store.history(STUDY, participant).await.unwrap();
    assert_eq!(history.analysis().rhythm.digest, rhythm.rhythm.digest);
    rhythm.rhythm.digest
}

fn quality_reasons(batch: &Batch) -> Vec<QualityReason> {
    batch.assessment.as_ref().unwrap().reasons.iter().collect()
}

/// z = (6.6 - 5) / 0.5 = 3.2 exceeds 3 and, on the way, 2.
pub(crate) async fn a_failed_plate_is_kept_used_and_marked(store: TestStore) {
    study_with_control(&store).await;
    let answer = submit(&store, plate(20, days("p1", 0..4, FLAT), 6.6)).await;
    assert_eq!((answer.stored, answer.raised_flags.len()), (20, 1));
    let stored = answer.batch.unwrap();
    assert_eq!(stored.verdict(), BatchVerdict::Fail);
    assert_eq!(
        quality_reasons(&stored),
        [QualityReason::Control12s, QualityReason::Control13s]
    );
    let assessment = stored.assessment.as_ref().unwrap();
    assert_eq!(
        (assessment.high_cv.count, assessment.high_cv.of),
        (0, 20),
        "replicates of 4.5 %"
    );
    assert!((assessment.intra_assay_cv_percent.unwrap() - 4.5).abs() < 1e-12);
    let broken = &assessment.violations[1];
    assert_eq!(
        (broken.rule, broken.scope),
        (WestgardRule::OneThreeS, Scope::WithinMaterial)
    );
    assert_eq!(
        (
            broken.points[0].batch.as_str(),
            broken.points[0].control.as_str()
        ),
        (stored.id.as_str(), "low")
    );
    assert!((broken.points[0].z - 3.2).abs() < 1e-12);
    let score = stored.controls[0].score.as_ref().unwrap();
    assert_eq!((score.control.as_str(), score.version), ("low", 1));
    assert!((score.z.unwrap() - 3.2).abs() < 1e-12);
    assert_eq!(stored.controls[0].control, reading(6.6));
    assert_eq!(store.batch(STUDY, &stored.id).await.unwrap(), stored);

    let profile = store
        .profile(STUDY, "p1", awakening(1).local_date())
        .await
        .unwrap();
    assert!(profile.valid && profile.findings.contains(Finding::FailedPlate));
    let flag = store.flag(STUDY, &answer.raised_flags[0]).await.unwrap();
    assert_eq!(flag.evidence.verdict, Verdict::FlatForReview);
    assert!(flag.evidence.reasons.contains(Reason::FailedPlate));
    assert_eq!(flag.evidence.digest, digest(&store, "p1").await);
}

pub(crate) async fn a_batch_without_controls_is_told_and_changes_nothing(store: TestStore) {
    study_with_control(&store).await;
    let answer = submit(&store, submission(days("p1", 0..3, STEEP))).await;
    let stored = answer.batch.unwrap();
    assert_eq!(stored.verdict(), BatchVerdict::NotAssessed);
    assert_eq!(quality_reasons(&stored), [QualityReason::NotControlled]);
    assert!(!reasons(&store, "p1").await.contains(&Reason::FailedPlate));
    let unassessed = digest(&store, "p1").await;

    // The same person on a plate that passes has the same rhythm under the same digest: z = 0.2.
    let other = TestStore::on(diel_tests::database::Database::sqlite().unwrap()).await;
    study_with_control(&other).await;
    let passed = submit(&other, plate(20, days("p1", 0..3, STEEP), 5.1)).await;
    assert_eq!(passed.batch.unwrap().verdict(), BatchVerdict::Pass);
    assert_eq!(digest(&other, "p1").await, unassessed);
}

/// Runs of +2.4 and +2.2 SD: each alone is a warning, both in a row break 2_2s.
const WARNED: f64 = 6.2;
const BROKEN: f64 = 6.1;

async fn verdicts(store: &TestStore) -> Vec<(String, BatchVerdict, Vec<QualityReason>)> {
    let page = PageRequest {
        after: None,
        limit: 10,
    };
    let batches = store.batches(STUDY, &page).await.unwrap().items;
    let mut verdicts: Vec<_> = batches
        .iter()
        .map(|batch| {
            let date = batch.batch.run_date.unwrap().to_string();
            (date, batch.verdict(), quality_reasons(batch))
        })
        .collect();
    verdicts.sort_by(|one, next| one.0.cmp(&next.0));
    verdicts
}

pub(crate) async fn rules_look_at_the_runs_before_in_whatever_order_they_come(store: TestStore) {
    study_with_control(&store).await;
    let first = submit(&store, plate(20, days("p1", 0..4, FLAT), WARNED)).await;
    let next = submit(&store, plate(21, days("p2", 0..4, FLAT), BROKEN)).await;
    let (first, next) = (first.batch.unwrap(), next.batch.unwrap());
    assert_eq!(
        (first.verdict(), next.verdict()),
        (BatchVerdict::Pass, BatchVerdict::Fail)
    );
    let violations = &next.assessment.as_ref().unwrap().violations;
    let broken = violations
        .iter()
        .find(|broken| broken.rule == WestgardRule::TwoTwoS)
        .unwrap();
    let points: Vec<_> = broken
        .points
        .iter()
        .map(|point| (point.batch.as_str(), (point.z * 10.0).round()))
        .collect();
    assert_eq!(
        points,
        [(first.id.as_str(), 24.0), (next.id.as_str(), 22.0)]
    );

    let late = TestStore::on(diel_tests::database::Database::sqlite().unwrap()).await;
    study_with_control(&late).await;
    let next = submit(&late, plate(21, days("p2", 0..4, FLAT), BROKEN)).await;
    assert_eq!(next.batch.unwrap().verdict(), BatchVerdict::Pass);
    assert!(!reasons(&late, "p2").await.contains(&Reason::FailedPlate));
    let first = submit(&late, plate(20, days("p1", 0..4, FLAT), WARNED)).await;
    assert_eq!(first.reassessed.len(), 1);
    assert!(reasons(&late, "p2").await.contains(&Reason::FailedPlate));
    assert_eq!(verdicts(&late).await, verdicts(&store).await);
    for participant in ["p1", "p2"] {
        assert_eq!(
            digest(&late, participant).await,
            digest(&store, participant).await
        );
    }
    assert_eq!(actions(&late, "assess_batch").await, 1);
}

async fn actions(store: &TestStore, action: &str) -> usize {
    let page = PageRequest {
        after: None,
        limit: 1000,
    };
    let filter = AuditFilter::default();
    let entries = store.audit_entries(Some(STUDY), &filter, &page).await;
    let entries = entries.unwrap().items;
    entries
        .iter()
        .filter(|entry| entry.record.action == action)
        .count()
}

/// Ten results on the plate; six of them below a limit are more than half.
pub(crate) async fn an_amendment_assesses_its_batch_again(store: TestStore) {
    study_with_control(&store).await;
    let mut rows = days("p1", 0..1, STEEP);
    rows.extend(days("p2", 0..1, STEEP));
    let id = submit(&store, plate(20, rows, 5.0)).await.batch.unwrap().id;
    let below = Measurement::new(Outcome::Below(2.0), Some(Unit::NmolPerL)).unwrap();
    for (amended, sample) in (1..=6).zip([0, 1, 2, 3, 4, 0]) {
        let participant = if amended <= 5 { "p1" } else { "p2" };
        let specimen = tube(participant, 0, sample);
        let amendment = Amendment {
            study: STUDY.to_owned(),
            result: result(&specimen, below),
            specimen,
            replaced_revision: 1,
            reason: "read again".to_owned(),
            call: call(),
        };
        assert_eq!(
            store.batch(STUDY, &id).await.unwrap().verdict(),
            BatchVerdict::Pass
        );
        store.amend(amendment).await.unwrap();
    }
    let batch = store.batch(STUDY, &id).await.unwrap();
    assert_eq!(batch.verdict(), BatchVerdict::Review);
    assert_eq!(quality_reasons(&batch), [QualityReason::BelowLimitShare]);
    let share = batch.assessment.unwrap().below_limit;
    assert_eq!((share.count, share.of), (6, 10));
    // The other person of the plate was judged again too.
    let page = PageRequest {
        after: None,
        limit: 10,
    };
    let filter = diel_store::ProfileFilter::default();
    let profiles = store.profiles(STUDY, &filter, &page).await.unwrap().items;
    assert_eq!(profiles.len(), 2);
    for profile in profiles {
        assert!(profile.findings.contains(Finding::PlateForReview));
    }
}

pub(crate) async fn a_reviewer_decides_about_a_batch(store: TestStore) {
    study_with_control(&store).await;
    let answer = submit(&store, plate(20, days("p1", 0..4, FLAT), 6.6)).await;
    let batch = answer.batch.unwrap();
    let failed = digest(&store, "p1").await;
    let accept = |version, call| {
        let (store, id) = (&store, &batch.id);
        async move {
            let verdict = Some(BatchVerdict::Pass);
            store
                .decide_batch(STUDY, id, version, verdict, "control was spilled", &call)
                .await
        }
    };
    let accepted = accept(1, call_with("r1", 1)).await.unwrap();
    let decision = accepted.decision.clone().unwrap();
    assert_eq!(
        (
            decision.verdict,
            decision.reviewer.as_str(),
            decision.reason.as_str()
        ),
        (BatchVerdict::Pass, "lab", "control was spilled")
    );
    assert_eq!(
        (accepted.verdict(), accepted.version),
        (BatchVerdict::Pass, 2)
    );
    assert_eq!(
        accepted.assessment.as_ref().unwrap().verdict,
        BatchVerdict::Fail,
        "the computed verdict stays beside it"
    );
    assert!(!reasons(&store, "p1").await.contains(&Reason::FailedPlate));
    assert_ne!(digest(&store, "p1").await, failed);
    assert_eq!(accept(1, call_with("r1", 1)).await.unwrap(), accepted);
    let stale = accept(1, call()).await;
    assert!(
        matches!(stale, Err(StoreError::EtagMismatch { .. })),
        "{stale:?}"
    );

    let back = store
        .decide_batch(STUDY, &batch.id, 2, None, "it was not", &call())
        .await
        .unwrap();
    assert_eq!((back.verdict(), back.decision), (BatchVerdict::Fail, None));
    assert_eq!(digest(&store, "p1").await, failed);
    assert_eq!(actions(&store, "decide_batch").await, 2);
}

async fn work(store: &TestStore) -> i64 {
    let mut done = 0;
    while let Some(mut job) = store.claim_job("w1", now(), LEASE).await.unwrap() {
        assert_eq!(job.kind, JobKind::Reassess);
        while job.state == JobState::Running {
            job = store
                .reassess_next(&job, "w1", 1, now(), LEASE)
                .await
                .unwrap();
        }
        assert_eq!(job.state, JobState::Succeeded);
        done += job.done;
    }
    done
}

pub(crate) async fn targets_and_policies_assess_stored_batches_in_a_job(store: TestStore) {
    create_study(&store).await;
    let sent = plate(20, days("p1", 0..4, FLAT), 6.6);
    let unscored = submit(&store, sent).await.batch.unwrap();
    submit(&store, plate(21, days("p2", 0..3, STEEP), 5.0)).await;
    assert_eq!(unscored.verdict(), BatchVerdict::NotAssessed);
    assert_eq!(
        quality_reasons(&unscored),
        [
            QualityReason::NotControlled,
            QualityReason::ControlWithoutTarget
        ]
    );

    let made = store
        .create_control(STUDY, new_control("low"), &call())
        .await
        .unwrap();
    assert_eq!((made.version, made.terms), (1, terms(5.0)));
    for id in ["low", "another"] {
        let again = store.create_control(STUDY, new_control(id), &call()).await;
        let Err(StoreError::AlreadyExists { resource }) = again else {
            panic!("{again:?}")
        };
        assert_eq!(resource, "studies/night/controls/low");
    }
    assert_eq!(work(&store).await, 2);
    let verdict = |id: String| {
        let store = &store;
        async move { store.batch(STUDY, &id).await.unwrap().verdict() }
    };
    assert_eq!(verdict(unscored.id.clone()).await, BatchVerdict::Fail);
    assert!(reasons(&store, "p1").await.contains(&Reason::FailedPlate));

    // Of a mean of 6 the reading of 6.6 lies 1.2 SD above; the other, 5.0, exactly 2 SD below, which exceeds nothing.
    let moved = store
        .update_control(STUDY, "low", 1, terms(6.0), "new certificate", &call())
        .await
        .unwrap();
    assert_eq!(moved.version, 2);
    let stale = store
        .update_control(STUDY, "low", 1, terms(6.0), "", &call())
        .await;
    assert!(matches!(stale, Err(StoreError::EtagMismatch { .. })));
    assert_eq!(
        store.control(STUDY, "low@1").await.unwrap().terms,
        terms(5.0)
    );
    assert_eq!(work(&store).await, 2);
    assert_eq!(verdict(unscored.id.clone()).await, BatchVerdict::Pass);
    assert!(!reasons(&store, "p1").await.contains(&Reason::FailedPlate));

    let terms = QualityTerms {
        failing: WestgardRules::EMPTY,
        intra_assay_cv_percent: Bounds {
            review_above: Some(4.0),
            fail_above: None,
        },
        ..QualityTerms::default()
    };
    let policy = QualityPolicy::new(terms).unwrap();
    assert_eq!(
        store.quality_policy(STUDY, None).await.unwrap(),
        StoredQualityPolicy::default()
    );
    let (stored, job) = store
        .update_quality_policy(STUDY, 0, policy, 12, &call())
        .await
        .unwrap();
    assert_eq!(
        (stored.version, stored.control_runs, job.kind, job.total),
        (1, 12, JobKind::Reassess, 2)
    );
    let stale = store
        .update_quality_policy(STUDY, 0, policy, 12, &call())
        .await;
    assert!(matches!(stale, Err(StoreError::EtagMismatch { .. })));
    assert_eq!(store.quality_policy(STUDY, Some(1)).await.unwrap(), stored);
    assert_eq!(work(&store).await, 2);
    let batch = store.batch(STUDY, &unscored.id).await.unwrap();
    assert_eq!(
        (batch.verdict(), quality_reasons(&batch)),
        (BatchVerdict::Review, vec![QualityReason::IntraAssayCvHigh])
    );
    assert!(
        reasons(&store, "p1")
            .await
            .contains(&Reason::PlateForReview)
    );
}

pub(crate) async fn controls_may_come_after_their_results(store: TestStore) {
    study_with_control(&store).await;
    let rows = days("p1", 0..4, FLAT);
    let stored = submit(&store, submission(rows.clone()))
        .await
        .batch
        .unwrap();
    let with_controls = |nmol_per_l| Submission {
        batch: batch(),
        ..plate(20, rows.clone(), nmol_per_l)
    };
    let added = submit(&store, with_controls(6.6)).await;
    assert_eq!((added.stored, added.unchanged), (0, 20));
    let added = added.batch.unwrap();
    assert_eq!(
        (&added.id, added.verdict()),
        (&stored.id, BatchVerdict::Fail)
    );
    assert!(reasons(&store, "p1").await.contains(&Reason::FailedPlate));
    let again = submit(&store, with_controls(6.6)).await;
    assert_eq!((again.unchanged, again.batch), (20, None));
    let other = store.submit(with_controls(5.0)).await;
    let Err(StoreError::AlreadyExists { resource }) = other else {
        panic!("{other:?}")
    };
    assert_eq!(
        resource,
        format!("studies/night/batches/{}/controls", stored.id)
    );
}

pub(crate) async fn runs_of_a_control_are_listed_newest_first(store: TestStore) {
    study_with_control(&store).await;
    for (day, nmol_per_l) in [(22, 5.2), (20, 5.0), (21, 5.1)] {
        let rows = days(&format!("p{day}"), 0..1, STEEP);
        submit(&store, plate(day, rows, nmol_per_l)).await;
    }
    let mut page = PageRequest {
        after: None,
        limit: 2,
    };
    let mut read = Vec::new();
    loop {
        let runs = store.control_runs(STUDY, "low", &page).await.unwrap();
        read.extend(
            runs.items
                .iter()
                .map(|run| (run.run.to_string(), run.control.control.measurement)),
        );
        page.after = runs.next;
        if page.after.is_none() {
            break;
        }
    }
    let expected = [(22, 5.2), (21, 5.1), (20, 5.0)]
        .map(|(day, value)| (format!("2026-05-{day}T00:00:00Z"), nmol(value)));
    assert_eq!(read, expected);
}

/// Eight plates of consecutive days whose control reads +1.2 SD each: from the fourth on 4_1s is broken, whoever came first.
pub(crate) async fn plates_sent_at_once_end_as_one_after_the_other(store: TestStore) {
    study_with_control(&store).await;
    let replica = store.replica().await;
    let sending: Vec<_> = (1..=8_i8)
        .map(|day| {
            let store = if day % 2 == 0 {
                replica.clone()
            } else {
                store.store.clone()
            };
            let sent = plate(day, days(&format!("p{day}"), 0..2, STEEP), 5.6);
            tokio::spawn(async move { store.submit(sent).await.unwrap() })
        })
        .collect();
    for sent in sending {
        sent.await.unwrap();
    }
    let found: Vec<_> = verdicts(&store)
        .await
        .into_iter()
        .map(|(_, verdict, _)| verdict)
        .collect();
    let expected = [[BatchVerdict::Pass; 3].as_slice(), &[BatchVerdict::Fail; 5]].concat();
    assert_eq!(found, expected);
    for day in 1..=8 {
        let profile = store
            .profile(STUDY, &format!("p{day}"), awakening(0).local_date())
            .await
            .unwrap();
        let is_marked = profile.findings.contains(Finding::FailedPlate);
        assert_eq!(is_marked, day > 3, "day {day}");
    }
}
