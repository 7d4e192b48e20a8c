//! From an analysis of the core to what is drawn of it: one way, for `diel plot` and for pages in the browser.

use diel_core::{
    Analysis, DaySample, Level, Policy, Posterior, Profile, Reference, SamplingDay, Unit,
};

use super::{CurvePoint, DayCurve, PersonPicture, PosteriorSlope, SampleKind, SamplePoint};

/// Points of a curve.
const POINTS: u32 = 65;
/// Hours that a curve is drawn for when no sample is later: an ordinary day.
const ORDINARY_DAY_H: f64 = 16.0;

/// 97.5th percentile of the standard normal distribution.
const Z_975: f64 = 1.959_964;
/// 90th percentile of the standard normal distribution.
const Z_90: f64 = 1.281_552;

/// What stands beside the numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Caption {
    /// What stands above the picture, such as the study's display name.
    pub title: String,
    /// The participant's pseudonymous code.
    pub participant: String,
    /// The unit that the axis shows.
    pub unit: Unit,
    /// Whether the data were simulated.
    pub simulated: bool,
}

impl PersonPicture {
    /// The picture of an analysis that was made under `policy`. `label` says what is written on the tube of a sample of
    /// a day, counted from 0.
    #[must_use]
    pub fn of<'l>(
        caption: Caption,
        analysis: &Analysis,
        policy: &Policy,
        label: impl Fn(usize, &DaySample) -> &'l str,
    ) -> Self {
        let rhythm = &analysis.rhythm;
        let last_hour = last_hour(&analysis.profiles);
        let days = analysis.profiles.iter().enumerate();
        Self {
            title: caption.title,
            participant: caption.participant,
            days: days
                .map(|(number, profile)| day(number, profile, policy, &label))
                .collect(),
            fitted: rhythm
                .posterior
                .as_ref()
                .map_or_else(Vec::new, |posterior| person_curve(posterior, last_hour)),
            reference_band: reference_curve(&rhythm.reference, last_hour),
            posterior: rhythm
                .posterior
                .as_ref()
                .map(|posterior| slope(posterior, rhythm.threshold_ln_per_h)),
            verdict: rhythm.verdict,
            unit: caption.unit,
            simulated: caption.simulated,
        }
    }
}

fn slope(posterior: &Posterior, threshold_ln_per_h: f64) -> PosteriorSlope {
    PosteriorSlope {
        slope_ln_per_h: posterior.slope_ln_per_h,
        sd_ln_per_h: posterior.sd,
        lower_ln_per_h: posterior.lower,
        upper_ln_per_h: posterior.upper,
        threshold_ln_per_h,
        probability_flat: posterior.probability_flat,
    }
}

/// The last sample's hour, at least that of an ordinary day.
fn last_hour(profiles: &[Profile]) -> f64 {
    let hours = profiles
        .iter()
        .flat_map(|profile| &profile.day.samples)
        .map(|sample| sample.hours)
        .filter(|hours| hours.is_finite());
    hours.fold(ORDINARY_DAY_H, f64::max)
}

fn day<'l>(
    number: usize,
    profile: &Profile,
    policy: &Policy,
    label: &impl Fn(usize, &DaySample) -> &'l str,
) -> DayCurve {
    let samples = profile.day.samples.iter();
    DayCurve {
        label: day_label(number, &profile.day),
        samples: samples
            .filter_map(|sample| {
                point(
                    sample,
                    label(number, sample),
                    left_out(profile, sample, policy),
                )
            })
            .collect(),
    }
}

/// The date of a day, or its number from 1 where there is none.
pub(crate) fn day_label(number: usize, day: &SamplingDay) -> String {
    day.date
        .map_or_else(|| format!("day {}", number + 1), |date| date.to_string())
}

/// Why the slope does not rest on a sample, beyond what its findings say; empty when it does.
pub(crate) fn left_out(profile: &Profile, sample: &DaySample, policy: &Policy) -> &'static str {
    if sample.used_in_slope {
        ""
    } else if !profile.valid {
        "the day does not count"
    } else if sample.hours > 0.0 && sample.hours <= policy.car_window_h() {
        "awakening response"
    } else {
        ""
    }
}

fn point(sample: &DaySample, label: &str, left_out: &str) -> Option<SamplePoint> {
    let (kind, nmol_per_l) = match sample.level {
        Level::Exact(value) => (SampleKind::Exact, value.get()),
        Level::Below(limit) => (SampleKind::Below, limit.get()),
        Level::Above(limit) => (SampleKind::Above, limit.get()),
        Level::Missing(_) => return None,
    };
    let findings = sample.findings.iter().map(|finding| finding.code());
    let note: Vec<&str> = std::iter::once(label)
        .chain(findings)
        .chain([left_out])
        .filter(|text| !text.is_empty())
        .collect();
    Some(SamplePoint {
        hours: sample.hours,
        nmol_per_l,
        kind,
        used: sample.used_in_slope,
        note: note.join(", "),
    })
}

/// A person's curve with its 95 % band.
fn person_curve(posterior: &Posterior, last_hour: f64) -> Vec<CurvePoint> {
    band(posterior.mean, posterior.covariance, Z_975, last_hour)
}

/// The 10th, 50th and 90th percentile of the persons in a reference.
fn reference_curve(reference: &Reference, last_hour: f64) -> Vec<CurvePoint> {
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

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test stops at the first surprise"
    )]

    use diel_core::{NmolPerL, Person, analyse_days};

    use super::*;

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
    fn a_picture_holds_what_was_computed() {
        let exact = |nmol| Level::Exact(NmolPerL::new(nmol).unwrap());
        let day = |date: &str| {
            let samples = [
                (0.0, exact(10.0), None),
                (0.5, exact(15.0), None),
                (9.0, exact(4.0), None),
                (17.0, Level::Below(NmolPerL::new(0.5).unwrap()), None),
            ];
            SamplingDay::from_hours(date.parse().ok(), samples)
        };
        let policy = Policy::default();
        let days = ["2026-03-02", "2026-03-03", "2026-03-04"].map(day).to_vec();
        let analysis = analyse_days(&Person::default(), days, &policy);
        let caption = Caption {
            title: "Pilot".to_owned(),
            participant: "P-1".to_owned(),
            unit: Unit::NmolPerL,
            simulated: false,
        };
        let picture = PersonPicture::of(caption, &analysis, &policy, |day, sample| {
            if (day, sample.index) == (0, 1) {
                "S2"
            } else {
                ""
            }
        });
        assert_eq!(picture.days.len(), 3);
        assert_eq!(picture.days[0].label, "2026-03-02");
        assert_eq!(picture.days[0].samples[1].note, "S2, awakening response");
        assert_eq!(picture.days[1].samples[3].kind, SampleKind::Below);
        assert_eq!(picture.days[1].samples[3].note, "below_limit");
        assert_eq!(picture.fitted.len(), 65);
        assert_eq!(picture.fitted[64].hours, 17.0);
        let posterior = analysis.rhythm.posterior.unwrap();
        let drawn = picture.posterior.unwrap();
        assert_eq!(drawn.probability_flat, posterior.probability_flat);
        assert_eq!(drawn.threshold_ln_per_h, analysis.rhythm.threshold_ln_per_h);
    }
}
