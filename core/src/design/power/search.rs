//! The smallest study that is large enough.

use super::plan::{FEWEST_PERSONS, MOST_PERSONS_PER_GROUP};
use super::{Power, PowerStudy};
use crate::design::{Stopped, Target, Watch};

/// The smallest study found.
#[derive(Debug, Clone, PartialEq)]
pub struct Smallest {
    /// Its power as simulated: at least the target, and with one person fewer in the first group less. `None` when the largest
    /// study that is planned is too small.
    pub power: Option<Power>,
    /// Persons of the first group by the approximation, where the search began.
    pub approximate_persons: Option<u32>,
    /// Simulations that the search took.
    pub simulations: u32,
}

impl PowerStudy {
    /// The fewest persons in the first group whose simulated power reaches the target. The search begins at the approximation,
    /// widens its steps until it has a study that is too small and one that is large enough, and halves what lies between. `watch`
    /// learns how many studies of the present simulation are done. Studies of more than `most` persons in the first group are not
    /// looked at.
    ///
    /// # Errors
    /// [`Stopped`] by the watcher, or because so many persons are not simulated.
    pub fn smallest(
        &self,
        target: Target,
        most: u32,
        watch: &mut Watch<'_>,
    ) -> Result<Smallest, Stopped> {
        let approximate_persons = self.approximate_persons(target.get());
        let mut simulations = 0;
        let mut large_enough = |persons: u32| -> Result<Option<Power>, Stopped> {
            simulations += 1;
            let found = self.power(persons, watch)?;
            Ok((found.power >= target.get()).then_some(found))
        };
        let most = most.clamp(FEWEST_PERSONS, MOST_PERSONS_PER_GROUP);
        let start = approximate_persons.map_or(most, |persons| persons.min(most));
        let mut step = (start / 16).max(1);
        let mut too_small = FEWEST_PERSONS - 1;
        let mut at = start;
        let mut found = large_enough(at)?;
        if found.is_some() {
            while at > FEWEST_PERSONS {
                let lower = at.saturating_sub(step).max(FEWEST_PERSONS);
                match large_enough(lower)? {
                    Some(power) => (at, found) = (lower, Some(power)),
                    None => {
                        too_small = lower;
                        break;
                    }
                }
                step *= 2;
            }
        } else {
            while found.is_none() && at < most {
                too_small = at;
                at = at.saturating_add(step).min(most);
                found = large_enough(at)?;
                step *= 2;
            }
        }
        while found.is_some() && at - too_small > 1 {
            let middle = too_small + (at - too_small) / 2;
            match large_enough(middle)? {
                Some(power) => (at, found) = (middle, Some(power)),
                None => too_small = middle,
            }
        }
        Ok(Smallest {
            power: found,
            approximate_persons,
            simulations,
        })
    }
}
