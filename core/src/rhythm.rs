//! One person over all valid days: the posterior of the slope, and what the policy says of it.

mod censored;
mod digest;
mod evidence;
mod gaussian;
mod judgement;
mod posterior;

pub use posterior::Posterior;
pub(crate) use posterior::planned_reliability;

use std::sync::Arc;

use crate::profile::is_fit_for_slope;
use crate::{CurveError, LeastSquaresLine, Person, Policy, Profile, Reasons, Reference, Verdict};
use evidence::Evidence;

/// Name and version of the method by which rhythms are computed. A change of any number it yields changes the version.
pub const RHYTHM_METHOD: &str = "person-posterior/1";

/// The person's own slope, not drawn toward the population.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Least-squares slope of all samples used, ln(nmol/L) per hour.
    pub slope_ln_per_h: f64,
    /// Its standard error on n - 2 degrees of freedom; `None` with two samples.
    pub se: Option<f64>,
}

/// One person over all valid days.
#[derive(Debug, Clone, PartialEq)]
pub struct Rhythm {
    /// Days with any sample.
    pub day_count: u32,
    /// Days that count.
    pub valid_day_count: u32,
    /// Samples that the slope rests on.
    pub sample_count: u32,
    /// Samples that would have counted but for a finding, or that lie on days which do not count. Those of the
    /// awakening response are not among them.
    pub left_out_sample_count: u32,
    /// The person's own slope; `None` with a censored sample, fewer than two samples or one time only.
    pub estimate: Option<Estimate>,
    /// The posterior; `None` when the verdict is `INSUFFICIENT_DATA`.
    pub posterior: Option<Posterior>,
    /// The slope from which a person counts as flat, ln(nmol/L) per hour.
    pub threshold_ln_per_h: f64,
    /// What the policy says.
    pub verdict: Verdict,
    /// Why, and with what reservations.
    pub reasons: Reasons,
    /// What the slope is judged against. For a person in no stratum of the reference it is one of the strata, and the
    /// reasons say that there is no judgement.
    pub reference: Arc<Reference>,
    /// BLAKE3 of everything that the numbers rest on. It does not depend on the order of the input.
    pub digest: [u8; 32],
}

/// Judges a person by the valid days among the profiles, and marks the samples that the slope rests on.
///
/// The model is ln C = (b0 + u0) + (b1 + u1) t + e on the samples of valid days outside the awakening response, with
/// the reference's numbers; see `docs/methods.md`. Profiles must have been made under the same policy.
///
/// # References
/// The conjugate posterior of a linear mixed model: Laird NM, Ware JH 1982. Censored samples by expectation
/// propagation: Minka TP 2001.
#[must_use]
pub fn rhythm(person: &Person, profiles: &mut [Profile], policy: &Policy) -> Rhythm {
    mark_used(profiles, policy);
    let (reference, outside) = policy.stratum_for(person);
    let threshold_ln_per_h = policy.threshold_ln_per_h(reference);
    let canonical = digest::canonical(person, profiles, policy, reference);
    let evidence = Evidence::gather(&canonical.days, policy);

    let refusal = judgement::refusal(person, evidence.valid_day_count, outside, policy);
    let posterior = refusal.is_none().then(|| {
        Posterior::of(
            reference,
            &evidence.observations,
            evidence.valid_day_count,
            threshold_ln_per_h,
        )
    });
    let (verdict, grounds) = match (refusal, &posterior) {
        (None, Some(posterior)) => {
            judgement::judge(person, posterior.probability_flat, &evidence, policy)
        }
        (refusal, _) => (Verdict::InsufficientData, refusal.unwrap_or_default()),
    };
    Rhythm {
        day_count: evidence.day_count,
        valid_day_count: evidence.valid_day_count,
        sample_count: evidence.sample_count,
        left_out_sample_count: evidence.left_out_sample_count,
        estimate: estimate(&evidence),
        posterior,
        threshold_ln_per_h,
        verdict,
        reasons: grounds.union(judgement::cautions(person, &evidence, reference)),
        reference: Arc::clone(reference),
        digest: canonical.digest,
    }
}

fn mark_used(profiles: &mut [Profile], policy: &Policy) {
    for profile in profiles {
        let valid = profile.valid;
        for sample in &mut profile.day.samples {
            sample.used_in_slope = valid && is_fit_for_slope(sample, policy);
        }
    }
}

fn estimate(evidence: &Evidence) -> Option<Estimate> {
    if evidence.below_limit || evidence.above_limit {
        return None;
    }
    let exact = evidence.observations.exact();
    let (hours, ln): (Vec<f64>, Vec<f64>) = exact.iter().copied().unzip();
    let line: Result<LeastSquaresLine, CurveError> = LeastSquaresLine::fit(&hours, &ln);
    line.ok().map(|line| Estimate {
        slope_ln_per_h: line.slope,
        se: line.slope_se,
    })
}
