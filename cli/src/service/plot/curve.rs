//! The person's curve and the reference's, point by point.
//!
//! The service tells the posterior of the slope alone, and a curve needs the intercept with it. So the core computes
//! the rhythm once more from the samples, and the curve is drawn only when it arrives at the service's slope.

use diel_client::v1;
use diel_core::{Level, MissingReason, NmolPerL, Posterior, Reference, SamplingDay, analyse_days};
use diel_server::picture::CurvePoint;

use super::judging::Judging;
use crate::service::condition;

/// The finding of a concentration that is only known to lie below a limit.
pub(super) const BELOW_LIMIT: &str = "below_limit";
/// The finding of a concentration that is only known to lie above a limit.
pub(super) const ABOVE_LIMIT: &str = "above_limit";
/// The finding of replicates that disagree.
const HIGH_REPLICATE_CV: &str = "high_replicate_cv";

/// A slope that differs by more, in ln(nmol/L) per hour, was not computed from the same samples. Rounding on the way
/// makes differences a million times smaller.
const SAME_SLOPE: f64 = 1e-6;

/// Points of a curve.
const POINTS: u32 = 65;

/// 97.5th percentile of the standard normal distribution.
const Z_975: f64 = 1.959_964;
/// 90th percentile of the standard normal distribution.
const Z_90: f64 = 1.281_552;

/// The person's curve with its 95 % band; empty without a posterior, or when it cannot be derived from the samples.
pub(super) fn fitted(
    rhythm: &v1::Rhythm,
    judging: &Judging,
    profiles: &[v1::Profile],
    last_hour: f64,
) -> Vec<CurvePoint> {
    let Some(slope) = rhythm.posterior_slope_ln_per_h else {
        return Vec::new();
    };
    match posterior(judging, profiles) {
        Some(posterior) if (posterior.slope_ln_per_h - slope).abs() < SAME_SLOPE => {
            band(posterior.mean, posterior.covariance, Z_975, last_hour)
        }
        _ => Vec::new(),
    }
}

/// The 10th, 50th and 90th percentile of the persons in a reference.
pub(super) fn reference(reference: &Reference, last_hour: f64) -> Vec<CurvePoint> {
    let (intercept_sd, slope_sd) = (reference.intercept_sd(), reference.slope_sd());
    let between = reference.correlation() * intercept_sd * slope_sd;
    let covariance = [[intercept_sd.powi(2), between], [between, slope_sd.powi(2)]];
    band(
        [reference.intercept_ln(), reference.slope_ln_per_h()],
        covariance,
        Z_90,
        last_hour,
    )
}

/// A line of normally distributed (intercept, slope), with the band of `z` standard deviations around it.
fn band(mean: [f64; 2], covariance: [[f64; 2]; 2], z: f64, last_hour: f64) -> Vec<CurvePoint> {
    let ([intercept, slope], [[v00, v01], [_, v11]]) = (mean, covariance);
    let point = |step: u32| {
        let hours = last_hour * f64::from(step) / f64::from(POINTS - 1);
        let middle_ln = intercept + slope * hours;
        let half = z
            * (v00 + 2.0 * hours * v01 + hours * hours * v11)
                .max(0.0)
                .sqrt();
        CurvePoint {
            hours,
            middle_ln,
            lower_ln: middle_ln - half,
            upper_ln: middle_ln + half,
        }
    };
    (0..POINTS).map(point).collect()
}

fn posterior(judging: &Judging, profiles: &[v1::Profile]) -> Option<Posterior> {
    let days = profiles.iter().map(day).collect();
    analyse_days(&judging.person, days, &judging.policy)
        .rhythm
        .posterior
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
    let has = |code: &str| sample.findings.iter().any(|finding| finding == code);
    match sample
        .concentration_nmol_per_l
        .and_then(|nmol| NmolPerL::new(nmol).ok())
    {
        None => Level::Missing(MissingReason::NoSample),
        Some(limit) if has(BELOW_LIMIT) => Level::Below(limit),
        Some(limit) if has(ABOVE_LIMIT) => Level::Above(limit),
        Some(value) => Level::Exact(value),
    }
}

/// A coefficient of variation beyond any rule, where the service found it too high.
fn spread(sample: &v1::ProfileSample) -> Option<f64> {
    sample
        .findings
        .iter()
        .any(|finding| finding == HIGH_REPLICATE_CV)
        .then_some(100.0)
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test stops at the first surprise"
    )]

    use diel_core::Finding;

    use super::*;

    #[test]
    fn the_codes_are_the_cores() {
        let codes = [
            Finding::BelowLimit,
            Finding::AboveLimit,
            Finding::HighReplicateCv,
        ]
        .map(Finding::code);
        assert_eq!(codes, [BELOW_LIMIT, ABOVE_LIMIT, HIGH_REPLICATE_CV]);
    }

    /// Intercept 2 and slope -0.1, sd 0.5 and 0.03, correlation 0: at 10 h the sd is sqrt(0.25 + 100 * 0.0009) = 0.5831.
    #[test]
    fn a_band_is_as_wide_as_its_line_is_unsure() {
        let points = band([2.0, -0.1], [[0.25, 0.0], [0.0, 0.0009]], 1.0, 20.0);
        let middle = points[32];
        assert_eq!(middle.hours, 10.0);
        assert!((middle.middle_ln - 1.0).abs() < 1e-12);
        assert!((middle.upper_ln - 1.5831).abs() < 1e-4, "{middle:?}");
    }

    #[test]
    fn a_curve_that_is_not_the_services_is_not_drawn() {
        let sample = |hours: f64, nmol: f64| v1::ProfileSample {
            hours_since_awakening: hours,
            concentration_nmol_per_l: Some(nmol),
            ..Default::default()
        };
        let day = |date: &str| v1::Profile {
            sampling_date: date.to_owned(),
            samples: vec![
                sample(0.0, 10.0),
                sample(4.0, 6.0),
                sample(9.0, 4.0),
                sample(15.0, 2.0),
            ],
            ..Default::default()
        };
        let profiles = ["2026-03-02", "2026-03-03", "2026-03-04"].map(day);
        let judging = Judging::default();
        let slope = posterior(&judging, &profiles).unwrap().slope_ln_per_h;
        let drawn = |slope: f64| {
            let rhythm = v1::Rhythm {
                posterior_slope_ln_per_h: Some(slope),
                ..Default::default()
            };
            fitted(&rhythm, &judging, &profiles, 16.0).len()
        };
        assert_eq!(drawn(slope), 65);
        assert_eq!(drawn(slope + 1e-4), 0);
    }
}
