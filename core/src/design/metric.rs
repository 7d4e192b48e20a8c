//! Which features of a day are metrics of a person.

use crate::{Feature, Features};

/// The features whose reliability is reported, in the order of [`Features`]. A standard error and a p measure nothing about a
/// person, and times of day have no mean on a line.
pub const METRICS: [&str; 16] = [
    "wake_nmol_per_l",
    "peak_nmol_per_l",
    "bed_nmol_per_l",
    "slope_wake_bed_ln_per_h",
    "slope_peak_bed_ln_per_h",
    "slope_regression_ln_per_h",
    "slope_wake_bed_nmol_per_l_per_h",
    "car_auc_g_nmol_min_per_l",
    "car_auc_i_nmol_min_per_l",
    "car_mean_increase_nmol_per_l",
    "car_max_increase_nmol_per_l",
    "day_auc_g_nmol_h_per_l",
    "dynamic_range_ln",
    "evening_morning_ratio",
    "mesor",
    "amplitude",
];

/// The posterior mean of a person's slope, which is no feature of a day; of a population model its reliability is known.
pub const POSTERIOR_SLOPE: &str = "posterior_slope_ln_per_h";

const NO_METRICS: [&str; 3] = ["slope_regression_se", "peak_clock_time", "cosinor_p"];

/// The metrics of a day, in the order of [`METRICS`].
pub(super) fn of_day(features: &Features) -> impl Iterator<Item = Feature> {
    features
        .iter()
        .filter(|(name, _)| !NO_METRICS.contains(name))
        .map(|(_, feature)| feature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_stand_in_the_order_of_the_numbers() {
        let left: Vec<&str> = Features::NAMES
            .into_iter()
            .filter(|name| !NO_METRICS.contains(name))
            .collect();
        assert_eq!(left, METRICS);
    }
}
