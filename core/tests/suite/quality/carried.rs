//! What a batch's verdict does to samples, days and persons.

use diel_core::{
    AgeYears, BatchVerdict, Finding, Person, Policy, Reason, Rhythm, SamplingDay, Verdict,
    analyse_days,
};

use crate::{day_of, exact};

/// A flat day; the fifth sample lies in the awakening response.
fn day() -> SamplingDay {
    day_of(&[
        (0.0, exact(5.0)),
        (0.5, exact(5.6)),
        (4.0, exact(5.2)),
        (9.0, exact(5.1)),
        (15.0, exact(5.3)),
    ])
}

/// Twelve days, the sample at this position of the first from a batch with this verdict.
fn judged(verdict: BatchVerdict, position: usize) -> (Rhythm, Vec<diel_core::Profile>) {
    let person = Person {
        age: Some(AgeYears::new(30.0).unwrap()),
        ..Person::default()
    };
    let mut days = vec![day(); 12];
    days[0].samples[position].batch = verdict;
    let analysis = analyse_days(&person, days, &Policy::default());
    (analysis.rhythm, analysis.profiles)
}

#[test]
fn a_failed_batch_marks_sample_day_and_rhythm_and_changes_no_number() {
    let (plain, _) = judged(BatchVerdict::NotAssessed, 0);
    for (verdict, finding, reason) in [
        (
            BatchVerdict::Fail,
            Finding::FailedPlate,
            Reason::FailedPlate,
        ),
        (
            BatchVerdict::Review,
            Finding::PlateForReview,
            Reason::PlateForReview,
        ),
    ] {
        let (rhythm, profiles) = judged(verdict, 0);
        assert!(profiles[0].day.samples[0].findings.contains(finding));
        assert!(profiles[0].findings.contains(finding));
        assert!(!profiles[1].findings.contains(finding));
        assert!(rhythm.reasons.contains(reason));
        assert_eq!(
            rhythm.verdict,
            Verdict::FlatForReview,
            "the sample is kept and used"
        );
        assert_eq!(rhythm.posterior, plain.posterior);
        assert_ne!(rhythm.digest, plain.digest);
    }
    let (failed, _) = judged(BatchVerdict::Fail, 0);
    let (review, _) = judged(BatchVerdict::Review, 0);
    assert_ne!(failed.digest, review.digest);
}

#[test]
fn a_batch_that_passed_is_not_told_from_one_never_assessed() {
    let (plain, _) = judged(BatchVerdict::NotAssessed, 0);
    let (passed, profiles) = judged(BatchVerdict::Pass, 0);
    assert_eq!(plain, passed);
    assert!(!profiles[0].findings.contains(Finding::FailedPlate));
}

#[test]
fn a_sample_of_the_awakening_response_counts_too_and_one_of_an_invalid_day_does_not() {
    let (rhythm, _) = judged(BatchVerdict::Fail, 1);
    assert!(rhythm.reasons.contains(Reason::FailedPlate));
    let mut days = vec![day(); 12];
    let mut short = day_of(&[(0.0, exact(5.0)), (2.0, exact(5.0))]);
    short.samples[0].batch = BatchVerdict::Fail;
    days.push(short);
    let analysis = analyse_days(&Person::default(), days, &Policy::default());
    assert!(!analysis.rhythm.reasons.contains(Reason::FailedPlate));
    assert!(
        analysis.profiles[12]
            .findings
            .contains(Finding::FailedPlate)
    );
}

#[test]
fn a_profile_made_again_keeps_the_mark() {
    let (_, profiles) = judged(BatchVerdict::Fail, 0);
    let again = diel_core::profile(
        profiles[0].day.clone(),
        &Person::default(),
        &Policy::default(),
    );
    assert!(again.findings.contains(Finding::FailedPlate));
}
