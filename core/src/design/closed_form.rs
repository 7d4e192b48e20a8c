//! Reliability of one day of a metric that is linear in ln C or in C at the times of a schedule.
//!
//! With ln C at t = b0 + u0 + (b1 + u1) t + CAR(t) + e and g(t, t') = Cov(u0 + u1 t, u0 + u1 t'), a metric sum w ln C has the variance
//! sum w w' g between persons and s^2 sum w^2 within them. With m = E C = exp(mean + (g(t, t) + s^2) / 2) a metric sum w C has
//! sum w w' m m' (exp g(t, t') - 1) between persons and sum w^2 m^2 exp g(t, t) (exp s^2 - 1) within them, since u and e
//! are normal.

use crate::features::is_in_awakening_response;
use crate::rules::CAR_ESTABLISHED_AGE_YEARS;
use crate::simulate::response_share;
use crate::{Person, Policy, Reference};

/// A design whose metrics are looked at one by one.
pub(super) struct Planned<'a> {
    pub(super) reference: &'a Reference,
    pub(super) schedule_h: &'a [f64],
    pub(super) person: &'a Person,
    pub(super) policy: &'a Policy,
}

/// A metric as a function of the samples.
enum Form {
    /// The weights of ln C.
    Ln(Vec<f64>),
    /// Its exponential.
    ExpLn(Vec<f64>),
    /// The weights of C.
    Raw(Vec<f64>),
}

impl Planned<'_> {
    /// The intraclass correlation of one day; `None` for a metric that the schedule does not allow, or that has no closed
    /// form.
    pub(super) fn one_day(&self, metric: &str) -> Option<f64> {
        let (between, within) = match self.form(metric)? {
            Form::Ln(weights) => self.of_ln(&weights),
            Form::ExpLn(weights) => {
                let (between, within) = self.of_ln(&weights);
                (between.exp_m1(), between.exp() * within.exp_m1())
            }
            Form::Raw(weights) => self.of_raw(&weights),
        };
        let one_day = between / (between + within);
        one_day.is_finite().then_some(one_day)
    }

    fn form(&self, metric: &str) -> Option<Form> {
        let times = self.schedule_h;
        let (wake, bed) = (self.wake(), self.bed());
        let at = |hours: f64| {
            times
                .iter()
                .map(|&t| f64::from(u8::from(t == hours)))
                .collect()
        };
        let change = |per: &dyn Fn(f64) -> f64| -> Option<Vec<f64>> {
            let (wake, bed) = (wake?, bed?);
            let weight = per(bed - wake);
            let sign = |&t: &f64| f64::from(u8::from(t == bed)) - f64::from(u8::from(t == wake));
            (bed > wake).then(|| times.iter().map(|t| sign(t) * weight).collect())
        };
        match metric {
            "wake_nmol_per_l" => wake.map(|hours| Form::Raw(at(hours))),
            "bed_nmol_per_l" => bed.map(|hours| Form::Raw(at(hours))),
            "slope_wake_bed_ln_per_h" => change(&|hours| 1.0 / hours).map(Form::Ln),
            "slope_wake_bed_nmol_per_l_per_h" => change(&|hours| 1.0 / hours).map(Form::Raw),
            "evening_morning_ratio" => change(&|_| 1.0).map(Form::ExpLn),
            "slope_regression_ln_per_h" => self.regression().map(Form::Ln),
            "day_auc_g_nmol_h_per_l" => (times.len() > 1).then(|| Form::Raw(trapezoids(times))),
            "car_auc_g_nmol_min_per_l" => self
                .response()
                .map(|early| Form::Raw(self.padded(trapezoids(early)))),
            "car_auc_i_nmol_min_per_l" => self.response().map(|early| {
                let mut weights = trapezoids(early);
                let span = early
                    .last()
                    .zip(early.first())
                    .map_or(0.0, |(last, first)| last - first);
                weights.iter_mut().take(1).for_each(|first| *first -= span);
                Form::Raw(self.padded(weights))
            }),
            "car_mean_increase_nmol_per_l" => self.response().map(|early| {
                #[expect(clippy::cast_precision_loss, reason = "samples of a schedule are few")]
                let later = 1.0 / (early.len() - 1) as f64;
                let weights = (0..early.len()).map(|index| if index == 0 { -1.0 } else { later });
                Form::Raw(self.padded(weights.collect()))
            }),
            _ => None,
        }
    }

    fn wake(&self) -> Option<f64> {
        let first = self.schedule_h.first().copied();
        first.filter(|hours| *hours <= self.policy.wake_window_h())
    }

    fn bed(&self) -> Option<f64> {
        let last = self.schedule_h.last().copied();
        last.filter(|hours| *hours >= self.policy.evening_after_h())
    }

    /// The samples up to the end of the awakening response.
    fn response(&self) -> Option<&[f64]> {
        self.wake()?;
        let end = self.policy.car_window_h();
        let early = self.schedule_h.partition_point(|&hours| hours <= end);
        let established = !self.person.is_younger_than(CAR_ESTABLISHED_AGE_YEARS);
        self.schedule_h
            .get(..early)
            .filter(|early| established && early.len() > 1)
    }

    fn padded(&self, mut weights: Vec<f64>) -> Vec<f64> {
        weights.resize(self.schedule_h.len(), 0.0);
        weights
    }

    /// Weights of the least-squares slope outside the awakening response.
    fn regression(&self) -> Option<Vec<f64>> {
        let outside = |hours: &f64| !is_in_awakening_response(*hours, self.policy);
        let spread = Spread::of(self.schedule_h.iter().copied().filter(outside));
        (spread.squares > 0.0).then(|| {
            let weight = |hours: &f64| {
                if outside(hours) {
                    (hours - spread.mean) / spread.squares
                } else {
                    0.0
                }
            };
            self.schedule_h.iter().map(weight).collect()
        })
    }

    /// g(t, t').
    fn covariance(&self, one: f64, other: f64) -> f64 {
        let (level, slope) = (self.reference.intercept_sd(), self.reference.slope_sd());
        let together = self.reference.correlation() * level * slope;
        level * level + together * (one + other) + slope * slope * one * other
    }

    fn of_ln(&self, weights: &[f64]) -> (f64, f64) {
        let between = self.sum_of_pairs(weights, |one, other| self.covariance(one, other));
        let within: f64 = weights.iter().map(|weight| weight * weight).sum();
        (
            between.max(0.0),
            within * self.reference.residual_sd().powi(2),
        )
    }

    fn of_raw(&self, weights: &[f64]) -> (f64, f64) {
        let residual = self.reference.residual_sd().powi(2);
        let mean = |hours: f64| {
            let line = self.reference.intercept_ln() + self.reference.slope_ln_per_h() * hours;
            let response = self.reference.car_ln() * response_share(hours);
            (line + response + 0.5 * (self.covariance(hours, hours) + residual)).exp()
        };
        let each = || self.schedule_h.iter().zip(weights);
        let scaled: Vec<f64> = each()
            .map(|(&hours, weight)| weight * mean(hours))
            .collect();
        let between = self.sum_of_pairs(&scaled, |one, other| self.covariance(one, other).exp_m1());
        let within: f64 = self
            .schedule_h
            .iter()
            .zip(&scaled)
            .map(|(&hours, scaled)| scaled * scaled * self.covariance(hours, hours).exp())
            .sum();
        (between.max(0.0), within * residual.exp_m1())
    }

    fn sum_of_pairs(&self, weights: &[f64], of: impl Fn(f64, f64) -> f64) -> f64 {
        let each = || self.schedule_h.iter().zip(weights);
        each()
            .flat_map(|(&one, left)| each().map(move |(&other, right)| (one, left, other, right)))
            .map(|(one, left, other, right)| left * right * of(one, other))
            .sum()
    }
}

/// Mean and sum of squares about it.
pub(super) struct Spread {
    pub(super) mean: f64,
    pub(super) squares: f64,
}

impl Spread {
    #[expect(clippy::cast_precision_loss, reason = "samples of a schedule are few")]
    pub(super) fn of(times: impl Iterator<Item = f64> + Clone) -> Self {
        let mean = times.clone().sum::<f64>() / times.clone().count() as f64;
        Self {
            mean,
            squares: times.map(|time| (time - mean).powi(2)).sum(),
        }
    }
}

/// The weight of each value in the area under straight lines.
fn trapezoids(times: &[f64]) -> Vec<f64> {
    let mut weights = vec![0.0; times.len()];
    for (pair, ends) in times.windows(2).zip(0..) {
        let &[begin, end] = pair else { continue };
        for weight in weights.iter_mut().skip(ends).take(2) {
            *weight += 0.5 * (end - begin);
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(schedule_h: &[f64], metric: &str) -> Option<f64> {
        let reference = Reference::find("adult-noisy").unwrap();
        let (person, policy) = (Person::default(), Policy::default());
        Planned {
            reference,
            schedule_h,
            person: &person,
            policy: &policy,
        }
        .one_day(metric)
    }

    #[track_caller]
    fn assert_near(found: Option<f64>, expected: f64) {
        assert!(
            (found.unwrap() - expected).abs() < 1e-9,
            "{found:?} {expected}"
        );
    }

    #[test]
    fn by_hand() {
        let two = [0.0, 14.0];
        // s1^2 / (s1^2 + 2 s^2 / 14^2), and of exponentials of normal numbers (exp B - 1) / (exp(B + W) - 1).
        assert_near(
            planned(&two, "slope_wake_bed_ln_per_h"),
            0.003_025 / (0.003_025 + 0.005),
        );
        assert_near(
            planned(&two, "slope_regression_ln_per_h"),
            0.003_025 / (0.003_025 + 0.005),
        );
        let ratio = 0.592_9_f64.exp_m1() / (0.592_9_f64 + 0.98).exp_m1();
        assert_near(planned(&two, "evening_morning_ratio"), ratio);
        let wake = 0.202_5_f64.exp_m1() / (0.202_5_f64 + 0.49).exp_m1();
        assert_near(planned(&two, "wake_nmol_per_l"), wake);
        // 0.2025 - 2 x 0.66 x 0.45 x 0.055 x 14 + 0.003025 x 196 = 0.33802
        let bed = 0.338_02_f64.exp_m1() / (0.338_02_f64 + 0.49).exp_m1();
        assert_near(planned(&two, "bed_nmol_per_l"), bed);
    }

    #[test]
    fn what_a_schedule_does_not_allow_has_none() {
        for (schedule, metric) in [
            (&[0.0][..], "slope_wake_bed_ln_per_h"),
            (&[0.0], "slope_regression_ln_per_h"),
            (&[0.0], "day_auc_g_nmol_h_per_l"),
            (&[0.0, 14.0], "car_auc_i_nmol_min_per_l"),
            (&[0.5, 0.75, 14.0], "car_auc_i_nmol_min_per_l"),
            (&[0.0, 4.0], "bed_nmol_per_l"),
            (&[0.0, 14.0], "amplitude"),
        ] {
            assert_eq!(planned(schedule, metric), None, "{metric}");
        }
    }

    #[test]
    fn areas_are_sums_of_trapezoids() {
        assert_eq!(trapezoids(&[0.0, 1.0, 4.0]), [0.5, 2.0, 1.5]);
    }
}
