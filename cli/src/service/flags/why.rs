//! Why a flag was raised, in a sentence.

use diel_client::v1;
use diel_core::Reason;

use crate::service::name;

/// The slope, its interval, the threshold and the probability; on a second line what they rest on, and on a third what
/// quality control says of that. A statement about numbers.
pub(crate) fn why(evidence: &v1::FlagEvidence) -> String {
    let v1::FlagEvidence {
        posterior_slope_ln_per_h: slope,
        posterior_lower_ln_per_h: lower,
        posterior_upper_ln_per_h: upper,
        threshold_ln_per_h: threshold,
        probability_flat: probability,
        valid_day_count: days,
        sample_count: samples,
        left_out_sample_count: left_out,
        ..
    } = evidence;
    let mut text = format!(
        "slope {slope:+.3} ln/h (95 %: {lower:+.3} to {upper:+.3}), flatter than the threshold {threshold:+.3} with \
         probability {probability:.3}\n{days} valid days, {samples} samples used, {left_out} left out; reference {}",
        name::reference(&evidence.reference),
    );
    let says = |code: &str| evidence.reasons.iter().any(|reason| reason == code);
    for reason in [Reason::FailedPlate, Reason::PlateForReview] {
        if says(reason.code()) {
            text.push_str(&format!("\n{}: {}", reason.code(), reason.meaning()));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_has_every_number_that_decided() {
        let evidence = v1::FlagEvidence {
            posterior_slope_ln_per_h: -0.02,
            posterior_lower_ln_per_h: -0.0592,
            posterior_upper_ln_per_h: 0.0192,
            probability_flat: 0.9332,
            threshold_ln_per_h: -0.05,
            valid_day_count: 3,
            sample_count: 12,
            left_out_sample_count: 1,
            reference: "references/adult-noisy@1".to_owned(),
            ..Default::default()
        };
        assert_eq!(
            why(&evidence),
            "slope -0.020 ln/h (95 %: -0.059 to +0.019), flatter than the threshold -0.050 with probability 0.933\n\
             3 valid days, 12 samples used, 1 left out; reference adult-noisy@1"
        );
    }

    #[test]
    fn a_flag_on_a_failed_plate_says_so() {
        let evidence = v1::FlagEvidence {
            reasons: vec!["failed_plate".to_owned()],
            ..Default::default()
        };
        let last = why(&evidence).lines().last().map(str::to_owned);
        assert_eq!(
            last.as_deref(),
            Some(
                "failed_plate: At least one sample that the slope or an awakening response rests on was measured in a \
                 batch that failed its quality control; look at that batch first."
            )
        );
    }
}
