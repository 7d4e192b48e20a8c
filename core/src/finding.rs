//! Remarks on the quality of samples and days. They mark and tell; nothing is deleted.

use crate::coded::{coded, coded_set};
use crate::{Condition, MissingReason};

coded! {
    /// A remark on a sample or a day.
    Finding, "finding" {
        Implausible = "implausible": "The concentration is above the plausible range (60 nmol/L unless ruled otherwise); the day's features use it as it is, the person's slope leaves it out.",
        BelowLimit = "below_limit": "The concentration is only known to lie below a limit; it stays censored.",
        AboveLimit = "above_limit": "The concentration is only known to lie above a limit; it stays censored.",
        MissingNoSample = "missing_no_sample": "No concentration: the tube never reached the laboratory.",
        MissingInsufficientVolume = "missing_insufficient_volume": "No concentration: the quantity was not sufficient.",
        MissingRejectedByLab = "missing_rejected_by_lab": "No concentration: the laboratory rejected the measurement.",
        MissingInstrumentError = "missing_instrument_error": "No concentration: the instrument reported an error.",
        MissingOutsideCurve = "missing_outside_curve": "No concentration: the reading lies outside the standard curve.",
        ZeroConcentration = "zero_concentration": "A concentration of exactly 0 is reported; it counts as 0 in areas and is not used on the ln scale.",
        HighReplicateCv = "high_replicate_cv": "The replicates disagree by more than the ruled coefficient of variation (15 %).",
        BeforeAwakening = "before_awakening": "Collected up to 15 min before the noted awakening.",
        LongBeforeAwakening = "long_before_awakening": "Collected more than 15 min before the day's awakening; it is kept and not used.",
        LongAfterAwakening = "long_after_awakening": "Collected more than 20 h after the day's awakening; it is kept and not used.",
        TimeUnknown = "time_unknown": "The time since awakening is not known; the sample is kept and not used.",
        DuplicateTime = "duplicate_time": "Another sample of the day has the same time; both are kept.",
        AwakeningAssumed = "awakening_assumed": "No awakening is recorded; the day is counted from its first sample.",
        AwakeningConflict = "awakening_conflict": "Reports of the awakening differ by more than 5 min; the most trusted source, then the earliest, was taken.",
        SecondAwakening = "second_awakening": "Another awakening is recorded on the same local date, more than 3 h later; the earlier one begins the day.",
        NoWakeSample = "no_wake_sample": "No usable sample within 15 min of awakening.",
        LateWakeSample = "late_wake_sample": "The wake sample was collected more than 5 min after awakening, which distorts the awakening response.",
        NoEveningSample = "no_evening_sample": "No usable sample late enough to be an evening sample (8 h after awakening unless the policy says otherwise).",
        FewSamples = "few_samples": "Fewer than two samples can be used for the slope.",
        ShortSpan = "short_span": "The samples that can be used for the slope span less than 6 h.",
        CarIncomplete = "car_incomplete": "A sample of the awakening response has no usable concentration; the response is computed from the others.",
        CarNotEstablished = "car_not_established": "The person is younger than the policy computes an awakening response for (4 years unless it says otherwise).",
        ExcludedCorticosteroids = "excluded_corticosteroids": "The day is shown and not judged: corticosteroids.",
        ExcludedPregnancy = "excluded_pregnancy": "The day is shown and not judged: pregnancy.",
        ExcludedNightShift = "excluded_night_shift": "The day is shown and not judged: night or shift work.",
        ExcludedAcuteIllness = "excluded_acute_illness": "The day is shown and not judged: acute illness.",
        ExcludedEndocrineDisease = "excluded_endocrine_disease": "The day is shown and not judged: endocrine disease.",
        ExcludedTravel = "excluded_travel": "The day is shown and not judged: travel across time zones.",
        ExcludedOtherExclusion = "excluded_other_exclusion": "The day is shown and not judged: another reason stated by the study team.",
        FailedPlate = "failed_plate": "The sample was measured in a batch that failed its quality control; it is kept, used and marked.",
        PlateForReview = "plate_for_review": "The sample was measured in a batch whose quality control asks for a look; it is kept, used and marked.",
    }
}

coded_set! {
    /// A set of findings.
    Findings(u64) of Finding
}

impl From<MissingReason> for Finding {
    fn from(reason: MissingReason) -> Self {
        match reason {
            MissingReason::NoSample => Self::MissingNoSample,
            MissingReason::InsufficientVolume => Self::MissingInsufficientVolume,
            MissingReason::RejectedByLab => Self::MissingRejectedByLab,
            MissingReason::InstrumentError => Self::MissingInstrumentError,
            MissingReason::OutsideCurve => Self::MissingOutsideCurve,
        }
    }
}

/// The finding of a day on which a condition holds.
impl From<Condition> for Finding {
    fn from(condition: Condition) -> Self {
        match condition {
            Condition::Corticosteroids => Self::ExcludedCorticosteroids,
            Condition::Pregnancy => Self::ExcludedPregnancy,
            Condition::NightShift => Self::ExcludedNightShift,
            Condition::AcuteIllness => Self::ExcludedAcuteIllness,
            Condition::EndocrineDisease => Self::ExcludedEndocrineDisease,
            Condition::Travel => Self::ExcludedTravel,
            Condition::OtherExclusion => Self::ExcludedOtherExclusion,
        }
    }
}
