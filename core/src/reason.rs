//! Why a rhythm was judged as it was, and what a reader must know of it.

use crate::Condition;
use crate::coded::{coded, coded_set};

coded! {
    /// A ground of a verdict, or a caution beside it.
    Reason, "reason" {
        Under2Months = "under_2_months": "The child is younger than the policy judges (2 months unless it says otherwise); a daily rhythm is not expected.",
        RhythmNotEstablished = "rhythm_not_established": "The child is younger than the policy flags (12 months unless it says otherwise); the slope is flat, as it is in many whose rhythm is not yet established.",
        TooFewValidDays = "too_few_valid_days": "There are fewer valid days than the policy needs to report.",
        TooFewDaysToFlag = "too_few_days_to_flag": "There are fewer valid days than the policy needs to flag.",
        ProbabilityBetween = "probability_between": "The probability of a flat slope lies between the policy's bounds; more days would narrow it.",
        EveningLimitTooHigh = "evening_limit_too_high": "More evenings than the policy admits (half of them) lie below a limit above what it admits (1 nmol/L), so that the evening is hardly known.",
        AgeNotRecorded = "age_not_recorded": "No age is recorded, so that no age rule was applied.",
        AgeOutsideReference = "age_outside_reference": "The age lies outside the range that the reference is meant for.",
        ProvisionalReference = "provisional_reference": "The reference is provisional: its numbers are assembled, not fitted to a described population.",
        AwakeningAssumed = "awakening_assumed": "On at least one valid day no awakening is recorded; it was assumed at the first sample.",
        BelowLimit = "below_limit": "At least one sample used lies below a limit; it stays censored.",
        AboveLimit = "above_limit": "At least one sample used lies above a limit; it stays censored.",
        ExcludedDays = "excluded_days": "At least one day is shown and not judged because of its conditions.",
        LeftOutSamples = "left_out_samples": "At least one sample is not used; the profiles say why.",
        ExcludedCorticosteroids = "excluded_corticosteroids": "The person is not judged: corticosteroids.",
        ExcludedPregnancy = "excluded_pregnancy": "The person is not judged: pregnancy.",
        ExcludedNightShift = "excluded_night_shift": "The person is not judged: night or shift work.",
        ExcludedAcuteIllness = "excluded_acute_illness": "The person is not judged: acute illness.",
        ExcludedEndocrineDisease = "excluded_endocrine_disease": "The person is not judged: endocrine disease.",
        ExcludedTravel = "excluded_travel": "The person is not judged: travel across time zones.",
        ExcludedOtherExclusion = "excluded_other_exclusion": "The person is not judged: another reason stated by the study team.",
        SexOutsideReference = "sex_outside_reference": "The reference is by sex, and has no stratum for the sex recorded, or none is recorded; the person is not judged.",
        TooFewSamplesToFlag = "too_few_samples_to_flag": "The slope rests on fewer samples than the policy needs to flag.",
        FailedPlate = "failed_plate": "At least one sample that the slope or an awakening response rests on was measured in a batch that failed its quality control; look at that batch first.",
        PlateForReview = "plate_for_review": "At least one sample that the slope or an awakening response rests on was measured in a batch whose quality control asks for a look.",
    }
}

coded_set! {
    /// A set of reasons.
    Reasons(u32) of Reason
}

/// The reason for which a person on whom a condition holds is not judged.
impl From<Condition> for Reason {
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
