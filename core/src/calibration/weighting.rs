//! How the noise of a well grows with its response.

/// Which responses count for how much.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Weighting {
    /// Every response alike: noise of one size.
    None,
    /// 1/y: the variance grows with the response.
    Response,
    /// 1/y^2: noise of one percentage.
    ResponseSquared,
    /// 1/y^(2 theta), with theta from all replicate wells of the plate.
    #[default]
    Estimated,
}

/// Variance as a power of the mean response: sigma^2 m^(2 theta), where m is not less than a floor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Noise {
    /// Half the power of the mean that the variance grows with.
    pub(super) theta: f64,
    /// Responses below count as this.
    pub(super) floor: f64,
}

/// The share of the largest response below which responses count as that share: a response near zero would otherwise weigh
/// more than all others together.
const FLOOR_SHARE: f64 = 0.01;

/// The most that theta is taken to be: a standard deviation that grows faster than the mean is no property of a reader.
const MOST_THETA: f64 = 1.25;

/// Degrees of freedom within replicates, below which theta is not estimated: it would be noise itself.
const LEAST_DF: usize = 12;

/// Halvings of the interval of theta; they end at 1e-9.
const HALVINGS: usize = 31;

/// The replicates of one standard, control or sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    /// The mean response.
    pub(super) mean: f64,
    /// The sum of squares about it.
    pub(super) square: f64,
    /// Replicates less one.
    pub(super) df: usize,
}

impl Spread {
    /// Coefficient of variation, percent; absent for fewer than two replicates, or about zero.
    pub(super) fn cv_percent(self) -> Option<f64> {
        (self.df > 0 && self.mean > 0.0)
            .then(|| 100.0 * (self.square / self.df as f64).sqrt() / self.mean)
    }
}

impl Noise {
    /// The noise of a plate whose responses reach up to `largest`.
    pub(super) fn new(weighting: Weighting, spreads: &[Spread], largest: f64) -> Self {
        let floor = FLOOR_SHARE * largest;
        let theta = match weighting {
            Weighting::None => 0.0,
            Weighting::Response => 0.5,
            Weighting::ResponseSquared => 1.0,
            Weighting::Estimated => estimate(spreads, floor),
        };
        Self { theta, floor }
    }

    /// The variance at a mean response, in units of sigma^2.
    pub(super) fn variance(&self, mean: f64) -> f64 {
        if self.theta == 0.0 {
            1.0
        } else {
            mean.max(self.floor).powf(2.0 * self.theta)
        }
    }

    /// The sum of squares of replicates over their variance, and its degrees of freedom.
    pub(super) fn pooled(&self, spreads: &[Spread]) -> (f64, usize) {
        spreads.iter().fold((0.0, 0), |(sum, df), spread| {
            (
                sum + spread.square / self.variance(spread.mean),
                df + spread.df,
            )
        })
    }
}

/// The theta of greatest likelihood of the sums of squares, each being sigma^2 m^(2 theta) chi^2 on its degrees of freedom;
/// sigma^2 is estimated beside it. Its score, sum of (q / s^2 - df) ln m with s^2 = sum of q / sum of df, falls in theta.
fn estimate(spreads: &[Spread], floor: f64) -> f64 {
    if spreads.iter().map(|spread| spread.df).sum::<usize>() < LEAST_DF {
        return 0.0;
    }
    let score = |theta: f64| {
        let noise = Noise { theta, floor };
        let (sum, df) = noise.pooled(spreads);
        let variance = sum / df as f64;
        let terms = spreads.iter().map(|spread| {
            let ratio = spread.square / noise.variance(spread.mean) / variance;
            (ratio - spread.df as f64) * spread.mean.max(floor).ln()
        });
        terms.sum::<f64>()
    };
    if score(0.0).is_nan() || score(0.0) <= 0.0 {
        return 0.0;
    }
    if score(MOST_THETA) >= 0.0 {
        return MOST_THETA;
    }
    let (mut low, mut high) = (0.0, MOST_THETA);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if score(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spreads(theta: f64) -> Vec<Spread> {
        // Duplicates whose sum of squares is exactly what theta says of it.
        (1..=20)
            .map(|at| {
                let mean = 0.1 * f64::from(at);
                Spread {
                    mean,
                    square: 0.0025 * mean.powf(2.0 * theta),
                    df: 1,
                }
            })
            .collect()
    }

    #[test]
    fn theta_is_found_where_the_replicates_follow_it_exactly() {
        for theta in [0.3, 0.5, 1.0] {
            let noise = Noise::new(Weighting::Estimated, &spreads(theta), 2.0);
            assert!(
                (noise.theta - theta).abs() < 1e-8,
                "{} {theta}",
                noise.theta
            );
        }
        assert_eq!(
            Noise::new(Weighting::Estimated, &spreads(-0.5), 2.0).theta,
            0.0
        );
        assert_eq!(
            Noise::new(Weighting::Estimated, &spreads(2.0), 2.0).theta,
            MOST_THETA
        );
    }

    #[test]
    fn few_replicates_say_nothing_of_theta() {
        assert_eq!(
            Noise::new(Weighting::Estimated, &spreads(1.0)[..11], 2.0).theta,
            0.0
        );
    }

    #[test]
    fn replicates_are_pooled_over_their_variance() {
        let noise = Noise {
            theta: 0.5,
            floor: 0.02,
        };
        let of = |mean, square, df| Spread { mean, square, df };
        assert_eq!(noise.pooled(&[of(2.0, 0.4, 1), of(0.5, 0.1, 2)]), (0.4, 3));
        assert!((noise.variance(-1.0) - 0.02).abs() < 1e-15);
    }
}
