//! Why a batch was judged as it was.

use super::WestgardRule;
use crate::coded::{coded, coded_set};

coded! {
    /// A ground of the verdict on a batch, or what a reader must know beside it.
    QualityReason, "quality_reason" {
        NotControlled = "not_controlled": "The batch has no control with a target, so that nothing says whether the run was right; it is not failed for that.",
        ControlWithoutTarget = "control_without_target": "At least one control has no target, so that no rule could be applied to it.",
        ControlMissing = "control_missing": "At least one control has no concentration, or only a limit that does not say on which side of its mean it lies.",
        Control12s = "control_1_2s": "A control exceeds 2 SD; by the classical rules a warning that rejects nothing by itself.",
        Control13s = "control_1_3s": "A control exceeds 3 SD.",
        Control22s = "control_2_2s": "Two controls in a row exceed 2 SD on the same side.",
        ControlR4s = "control_r_4s": "In one run a control exceeds +2 SD and another -2 SD.",
        ControlR4sRange = "control_r_4s_range": "In one run two controls lie more than 4 SD apart.",
        Control41s = "control_4_1s": "Four controls in a row exceed 1 SD on the same side.",
        Control10x = "control_10_x": "Ten controls in a row lie on the same side of the mean.",
        Control6x = "control_6_x": "Six controls in a row lie on the same side of the mean.",
        Control8x = "control_8_x": "Eight controls in a row lie on the same side of the mean.",
        Control9x = "control_9_x": "Nine controls in a row lie on the same side of the mean.",
        Control12x = "control_12_x": "Twelve controls in a row lie on the same side of the mean.",
        Control2Of32s = "control_2of3_2s": "Two of three controls exceed 2 SD on the same side.",
        Control31s = "control_3_1s": "Three controls in a row exceed 1 SD on the same side.",
        Control7t = "control_7_t": "Seven controls of one material in a row rise or fall.",
        ReplicateCvHighShare = "replicate_cv_high_share": "More results than the policy admits have replicates that disagree by more than its coefficient of variation.",
        ReplicateCvUnknown = "replicate_cv_unknown": "No result of the batch has a replicate CV; single readings have none.",
        IntraAssayCvHigh = "intra_assay_cv_high": "The pooled CV of the batch's replicates is above what the policy admits.",
        BelowLimitShare = "below_limit_share": "More results than the policy admits lie below a limit.",
        PlateEffect = "plate_effect": "The batch as a whole reads higher or lower than the study's other batches of the same assay at the same times of day.",
    }
}

coded_set! {
    /// A set of reasons.
    QualityReasons(u32) of QualityReason
}

impl From<WestgardRule> for QualityReason {
    fn from(rule: WestgardRule) -> Self {
        match rule {
            WestgardRule::OneTwoS => Self::Control12s,
            WestgardRule::OneThreeS => Self::Control13s,
            WestgardRule::TwoTwoS => Self::Control22s,
            WestgardRule::RFourS => Self::ControlR4s,
            WestgardRule::RFourSRange => Self::ControlR4sRange,
            WestgardRule::FourOneS => Self::Control41s,
            WestgardRule::TenX => Self::Control10x,
            WestgardRule::SixX => Self::Control6x,
            WestgardRule::EightX => Self::Control8x,
            WestgardRule::NineX => Self::Control9x,
            WestgardRule::TwelveX => Self::Control12x,
            WestgardRule::TwoOfThreeTwoS => Self::Control2Of32s,
            WestgardRule::ThreeOneS => Self::Control31s,
            WestgardRule::SevenT => Self::Control7t,
        }
    }
}
