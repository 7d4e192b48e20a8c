//! The expected share of false flags beside the true one, which only a simulation knows.

use diel_core::simulate::{Cohort, Plan};
use diel_core::{Person, Policy, PolicyTerms, QueueSummary, Reference, Verdict, analyse_days};

const PERSONS: u32 = 20_000;

struct Flagged {
    probability_flat: f64,
    is_flat: bool,
}

/// The queue of a cohort, the most probable first, with what is true of each flag.
fn queue(probability: f64, seed: u64) -> Vec<Flagged> {
    let truth = Reference::find("adult-noisy").unwrap();
    let policy = Policy::new(&PolicyTerms {
        reference: Some("adult-noisy".to_owned()),
        probability: Some(probability),
        ..PolicyTerms::default()
    })
    .unwrap();
    let threshold = policy.threshold_ln_per_h(truth);
    let plan = Plan {
        persons: PERSONS,
        preset: std::sync::Arc::clone(truth),
        seed,
        ..Plan::default()
    };
    let mut queue = Vec::new();
    for person in Cohort::new(plan).unwrap().persons() {
        let days = person
            .days
            .iter()
            .map(|day| day.to_sampling_day())
            .collect();
        let rhythm = analyse_days(&Person::default(), days, &policy).rhythm;
        if rhythm.verdict == Verdict::FlatForReview {
            queue.push(Flagged {
                probability_flat: rhythm.posterior.unwrap().probability_flat,
                is_flat: person.truth.slope_ln_per_h > threshold,
            });
        }
    }
    queue.sort_by(|one, other| other.probability_flat.total_cmp(&one.probability_flat));
    queue
}

/// In the population that the reference describes the stated share is the true one, overall and down the queue. Given
/// the posteriors the count of false flags has the variance sum P (1 - P): three of its standard deviations are allowed.
#[test]
fn the_stated_share_of_false_flags_is_the_true_one() {
    for (probability, seed) in [(0.8, 7), (0.6, 8)] {
        let queue = queue(probability, seed);
        let mut summary = QueueSummary::default();
        queue
            .iter()
            .for_each(|flag| summary.add("", flag.probability_flat));
        assert!(
            summary.all().count() > 100,
            "{} flags",
            summary.all().count()
        );
        for step in summary.steps() {
            let so_far = &step.so_far;
            let places = usize::try_from(so_far.count()).unwrap();
            let false_flags = queue[..places].iter().filter(|flag| !flag.is_flat).count();
            #[expect(clippy::cast_precision_loss, reason = "a small count")]
            let off = false_flags as f64 - so_far.expected_false_count();
            assert!(
                off.abs() <= 3.0 * so_far.expected_false_sd() + 0.5,
                "of the first {places} with P >= {probability}: {false_flags} are false, {:.1} +- {:.1} were expected",
                so_far.expected_false_count(),
                so_far.expected_false_sd()
            );
        }
        let share = summary.all().expected_false_share().unwrap();
        assert!(share < 1.0 - probability, "{share} at {probability}");
    }
}
