//! How many flags of a queue are expected to point at slopes that are not flatter than the threshold.
//!
//! A flag's posterior says with probability P that the slope is flatter, so that it is false with probability 1 - P. Over
//! flags that were chosen by these posteriors the expected share of false ones is the mean of 1 - P. It is right as far
//! as the reference describes the people: see `docs/methods.md`.
//!
//! # References
//! Storey JD 2003, doi 10.1214/aos/1074290335; Guindani M, Müller P, Zhang S 2009, doi
//! 10.1111/j.1467-9868.2009.00714.x.

use std::collections::BTreeMap;

/// An expected count and share of false flags.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FalseDiscovery {
    count: u64,
    expected_false: f64,
    variance: f64,
}

impl FalseDiscovery {
    /// Adds a flag by its probability of a slope flatter than the threshold, 0 to 1.
    pub fn add(&mut self, probability_flat: f64) {
        self.count += 1;
        self.expected_false += 1.0 - probability_flat;
        self.variance += probability_flat * (1.0 - probability_flat);
    }

    /// Flags.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The sum of 1 - P: flags expected to point at a slope that is not flatter.
    #[must_use]
    pub const fn expected_false_count(&self) -> f64 {
        self.expected_false
    }

    /// The standard deviation of that count, persons being independent.
    #[must_use]
    pub fn expected_false_sd(&self) -> f64 {
        self.variance.sqrt()
    }

    /// The mean of 1 - P, 0 to 1; `None` without flags.
    ///
    /// ```
    /// let mut queue = diel_core::FalseDiscovery::default();
    /// [0.98, 0.9, 0.85].into_iter().for_each(|probability| queue.add(probability));
    /// assert!((queue.expected_false_share().unwrap() - 0.09).abs() < 1e-15);
    /// ```
    #[must_use]
    pub fn expected_false_share(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "flags are fewer than 2^53")]
        let count = self.count as f64;
        (self.count > 0).then(|| self.expected_false / count)
    }
}

/// A place in the queue, with all flags from its head to there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QueueStep {
    /// The probability of the flag at this place.
    pub probability_flat: f64,
    /// All flags up to and including this one.
    pub so_far: FalseDiscovery,
}

/// A queue, read from its head.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct QueueSummary {
    all: FalseDiscovery,
    groups: BTreeMap<String, FalseDiscovery>,
    steps: Vec<QueueStep>,
    last: Option<QueueStep>,
}

impl QueueSummary {
    /// Adds the next flag. The most probable come first.
    pub fn add(&mut self, group: &str, probability_flat: f64) {
        self.all.add(probability_flat);
        match self.groups.get_mut(group) {
            Some(known) => known.add(probability_flat),
            None => {
                let mut first = FalseDiscovery::default();
                first.add(probability_flat);
                self.groups.insert(group.to_owned(), first);
            }
        }
        let step = QueueStep {
            probability_flat,
            so_far: self.all,
        };
        if is_told(self.all.count()) {
            self.steps.push(step);
            self.last = None;
        } else {
            self.last = Some(step);
        }
    }

    /// The whole queue.
    #[must_use]
    pub const fn all(&self) -> &FalseDiscovery {
        &self.all
    }

    /// By group, in the order of their labels.
    pub fn groups(&self) -> impl Iterator<Item = (&str, &FalseDiscovery)> {
        self.groups
            .iter()
            .map(|(group, queue)| (group.as_str(), queue))
    }

    /// Down the queue, at the places 1, 2, 5, 10, 20, 50 and so on and at the last.
    pub fn steps(&self) -> impl Iterator<Item = &QueueStep> {
        self.steps.iter().chain(&self.last)
    }
}

/// Whether a place is 1, 2 or 5 times a power of ten.
const fn is_told(mut place: u64) -> bool {
    while place >= 10 && place.is_multiple_of(10) {
        place /= 10;
    }
    matches!(place, 1 | 2 | 5)
}

#[cfg(test)]
mod tests {
    use super::QueueSummary;

    #[test]
    fn a_queue_is_told_at_round_places_and_at_its_end() {
        let mut queue = QueueSummary::default();
        for place in 0..23 {
            queue.add(
                if place % 2 == 0 { "a" } else { "b" },
                0.99 - 0.005 * f64::from(place),
            );
        }
        let places: Vec<u64> = queue.steps().map(|step| step.so_far.count()).collect();
        assert_eq!(places, [1, 2, 5, 10, 20, 23]);
        // By hand: the first five are 0.99 down to 0.97, of which 1 - P is 0.01 to 0.03, 0.02 in the mean.
        let share = queue.steps().nth(2).unwrap().so_far.expected_false_share();
        assert!((share.unwrap() - 0.02).abs() < 1e-12);
        let groups: Vec<_> = queue
            .groups()
            .map(|(group, of)| (group, of.count()))
            .collect();
        assert_eq!(groups, [("a", 12), ("b", 11)]);
        assert_eq!(QueueSummary::default().all().expected_false_share(), None);
    }
}
