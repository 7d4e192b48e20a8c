//! A person's samples in, profiles and rhythm out.

use crate::features::Scratch;
use crate::profile::profile_with;
use crate::{
    Awakening, Person, Policy, Profile, Rhythm, Sample, SamplingDay, rhythm, sampling_days,
};

/// One person, analysed.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// One profile a sampling day, in the order of the days.
    pub profiles: Vec<Profile>,
    /// All valid days together.
    pub rhythm: Rhythm,
}

/// Sorts a person's samples into days and analyses them.
#[must_use]
pub fn analyse(
    person: &Person,
    samples: &[Sample],
    awakenings: &[Awakening],
    policy: &Policy,
) -> Analysis {
    analyse_days(person, sampling_days(samples, awakenings, policy), policy)
}

/// Analyses days that are already formed.
#[must_use]
pub fn analyse_days(person: &Person, days: Vec<SamplingDay>, policy: &Policy) -> Analysis {
    let mut scratch = Scratch::default();
    let mut profiles: Vec<Profile> = days
        .into_iter()
        .map(|day| profile_with(day, person, policy, &mut scratch))
        .collect();
    let rhythm = rhythm(person, &mut profiles, policy);
    Analysis { profiles, rhythm }
}
