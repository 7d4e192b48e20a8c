//! A participant's days as the core needs them, from the service's profiles.

use diel_client::v1;
use diel_core::{Analysis, Finding, Level, MissingReason, NmolPerL, SamplingDay, analyse_days};

use super::judging::Judging;
use crate::service::condition;

/// Computes once more what the service told: it tells the posterior of the slope alone, and a curve needs the intercept
/// with it. Which samples and days counted stays what the service said.
pub(super) fn analyse(judging: &Judging, profiles: &[v1::Profile]) -> Analysis {
    let days = profiles.iter().map(day).collect();
    let mut analysis = analyse_days(&judging.person, days, &judging.policy);
    for (computed, told) in analysis.profiles.iter_mut().zip(profiles) {
        computed.valid = told.valid;
        for sample in &mut computed.day.samples {
            if let Some(told) = told.samples.get(sample.index) {
                sample.used_in_slope = told.used_in_slope;
                sample.findings = told
                    .findings
                    .iter()
                    .filter_map(|code| Finding::from_code(code))
                    .collect();
            }
        }
    }
    analysis
}

fn day(profile: &v1::Profile) -> SamplingDay {
    let samples = profile
        .samples
        .iter()
        .map(|sample| (sample.hours_since_awakening, level(sample), spread(sample)));
    let mut day = SamplingDay::from_hours(profile.sampling_date.parse().ok(), samples);
    day.conditions = condition::of_messages(&profile.conditions);
    day
}

fn level(sample: &v1::ProfileSample) -> Level {
    match sample
        .concentration_nmol_per_l
        .and_then(|nmol| NmolPerL::new(nmol).ok())
    {
        None => Level::Missing(MissingReason::NoSample),
        Some(limit) if has(sample, Finding::BelowLimit) => Level::Below(limit),
        Some(limit) if has(sample, Finding::AboveLimit) => Level::Above(limit),
        Some(value) => Level::Exact(value),
    }
}

/// A coefficient of variation beyond any rule, where the service found it too high.
fn spread(sample: &v1::ProfileSample) -> Option<f64> {
    has(sample, Finding::HighReplicateCv).then_some(100.0)
}

fn has(sample: &v1::ProfileSample, finding: Finding) -> bool {
    sample.findings.iter().any(|code| code == finding.code())
}
