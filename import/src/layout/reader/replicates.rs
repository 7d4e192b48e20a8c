//! Replicate wells of a sample, of which the instrument computed each a concentration, as one result.

use diel_core::Outcome;
use diel_core::plate::Well;

use crate::concentration;
use crate::number::DecimalComma;

/// What a program printed for one well of a sample.
#[derive(Debug, Clone)]
pub(super) struct Replicate {
    pub(super) well: Well,
    pub(super) text: String,
}

/// What replicates say together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Together {
    /// A number, a bound or a word, as for a concentration.
    pub(super) concentration: String,
    /// The wells with a number of their own.
    pub(super) count: u32,
    pub(super) cv_percent: Option<f64>,
}

/// Brings wells together: the mean of those with a number; where none has one, a bound that all share, else the first
/// word. Numbers beside bounds have no mean, and are printed as they stand, to be refused with the row.
pub(super) fn together(wells: &[Replicate], dilution: f64, comma: DecimalComma) -> Together {
    let outcomes: Vec<Option<Outcome>> = wells
        .iter()
        .map(|well| concentration::parse(&well.text, None, comma, &[]).ok())
        .collect();
    let numbers: Vec<f64> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Some(Outcome::Value(value)) => Some(value * dilution),
            _ => None,
        })
        .collect();
    let bounds: Vec<Outcome> = outcomes
        .iter()
        .flatten()
        .copied()
        .filter(|outcome| matches!(outcome, Outcome::Below(_) | Outcome::Above(_)))
        .collect();
    let count = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    let is_strange = outcomes.iter().any(Option::is_none);
    if is_strange || (!numbers.is_empty() && !bounds.is_empty()) {
        let texts: Vec<&str> = wells.iter().map(|well| well.text.as_str()).collect();
        return Together {
            concentration: texts.join(" and "),
            count: 0,
            cv_percent: None,
        };
    }
    if count > 0 {
        let mean = numbers.iter().sum::<f64>() / f64::from(count);
        return Together {
            concentration: mean.to_string(),
            count,
            cv_percent: cv_percent(&numbers, mean),
        };
    }
    Together {
        concentration: bound(&bounds, dilution).unwrap_or_else(|| {
            wells
                .first()
                .map_or_else(String::new, |well| well.text.clone())
        }),
        count: 0,
        cv_percent: None,
    }
}

/// The widest bound on the side that all share.
fn bound(bounds: &[Outcome], dilution: f64) -> Option<String> {
    let mut widest = *bounds.first()?;
    for bound in bounds {
        widest = match (widest, *bound) {
            (Outcome::Below(one), Outcome::Below(other)) => Outcome::Below(one.max(other)),
            (Outcome::Above(one), Outcome::Above(other)) => Outcome::Above(one.min(other)),
            _ => return None,
        };
    }
    match widest {
        Outcome::Below(limit) => Some(format!("<{}", limit * dilution)),
        Outcome::Above(limit) => Some(format!(">{}", limit * dilution)),
        _ => None,
    }
}

/// The coefficient of variation; a single well has none, and neither has a mean of zero.
fn cv_percent(numbers: &[f64], mean: f64) -> Option<f64> {
    if numbers.len() < 2 || mean <= 0.0 {
        return None;
    }
    let squares: f64 = numbers.iter().map(|number| (number - mean).powi(2)).sum();
    let deviation = (squares / (numbers.len() as f64 - 1.0)).sqrt();
    Some(100.0 * deviation / mean)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may panic")]

    use super::{Replicate, Together, together};
    use crate::number::DecimalComma;

    fn of(texts: &[&str], dilution: f64) -> Together {
        let wells: Vec<Replicate> = ["A1", "A2", "A3"]
            .iter()
            .zip(texts)
            .map(|(well, text)| Replicate {
                well: well.parse().unwrap(),
                text: (*text).to_owned(),
            })
            .collect();
        together(&wells, dilution, DecimalComma::Refused)
    }

    #[test]
    fn a_pair_has_a_mean_and_a_variation() {
        // Mean 10, standard deviation sqrt(2), by hand.
        let pair = of(&["9", "11"], 1.0);
        assert_eq!((pair.concentration.as_str(), pair.count), ("10", 2));
        assert!((pair.cv_percent.unwrap() - 14.142_135_623_730_951).abs() < 1e-12);
        assert_eq!(of(&["9", "11"], 4.0).concentration, "40");
    }

    #[test]
    fn one_well_has_no_variation_even_where_a_pair_was_pipetted() {
        let single = of(&["9", "Range?"], 1.0);
        assert_eq!((single.concentration.as_str(), single.count), ("9", 1));
        assert_eq!(single.cv_percent, None);
    }

    #[test]
    fn bounds_stay_bounds_and_do_not_mix_with_numbers() {
        assert_eq!(of(&["<0.5", "<0.3"], 2.0).concentration, "<1");
        assert_eq!(of(&[">80", ">90"], 1.0).concentration, ">80");
        assert_eq!(of(&["<0.5", "0.7"], 1.0).concentration, "<0.5 and 0.7");
        assert_eq!(of(&["Range?", "Masked"], 1.0).concentration, "Range?");
    }
}
