//! Why a flag was raised, in a sentence.

use diel_client::v1;

use crate::service::name;

/// The slope, its interval, the threshold, the probability and what they rest on. A statement about numbers.
pub(crate) fn why(evidence: &v1::FlagEvidence) -> String {
    let v1::FlagEvidence {
        valid_day_count: days,
        sample_count: samples,
        left_out_sample_count: left_out,
        ..
    } = evidence;
    format!(
        "slope {:+.3} ln/h (95 % interval {:+.3} to {:+.3}); with probability {:.3} flatter than the threshold {:+.3} of \
         {}; {days} valid days, {samples} samples used, {left_out} left out",
        evidence.posterior_slope_ln_per_h,
        evidence.posterior_lower_ln_per_h,
        evidence.posterior_upper_ln_per_h,
        evidence.probability_flat,
        evidence.threshold_ln_per_h,
        name::id(&evidence.reference),
    )
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
            "slope -0.020 ln/h (95 % interval -0.059 to +0.019); with probability 0.933 flatter than the threshold \
             -0.050 of adult-noisy@1; 3 valid days, 12 samples used, 1 left out"
        );
    }
}
