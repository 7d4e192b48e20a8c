//! Why a feature of a day could not be computed.

use crate::coded::coded;

coded! {
    /// Why a feature is absent. A feature is a number or one of these, never a bare NaN.
    Absence, "absence" {
        NoWakeSample = "no_wake_sample": "There is no usable sample within 15 min of awakening.",
        NoPeakSample = "no_peak_sample": "There is no usable sample up to the end of the awakening response.",
        NoEveningSample = "no_evening_sample": "There is no usable sample late enough to be an evening sample.",
        BelowLimit = "below_limit": "A sample it needs is only known to lie below a limit, and nothing is substituted.",
        AboveLimit = "above_limit": "A sample it needs is only known to lie above a limit, and nothing is substituted.",
        TooFewSamples = "too_few_samples": "It needs at least two usable samples.",
        TwoSamples = "two_samples": "Two samples determine a line exactly, so there is no standard error.",
        NoTimeBetween = "no_time_between": "Its samples have the same time.",
        Under4Years = "under_4_years": "An awakening response is not computed under the policy's age for it (4 years unless it says otherwise).",
        FewTimes = "few_times": "A cosinor needs usable samples at five different times outside the awakening response.",
        ShortSpan = "short_span": "A cosinor needs usable samples over at least 12 h.",
        IllConditioned = "ill_conditioned": "The times of the samples do not tell the coefficients of a cosinor apart.",
        AmplitudeCoversZero = "amplitude_covers_zero": "The amplitude cannot be told from 0, so the curve could be highest at any time.",
        NoClock = "no_clock": "The awakening of the day has no clock time.",
        NotComputed = "not_computed": "The day was last judged before this feature was computed.",
    }
}

/// A number, or why there is none.
pub type Feature = Result<f64, Absence>;
