//! What quality control says of a batch.

use crate::Finding;
use crate::coded::coded;

coded! {
    /// What quality control says of a batch. Ordered from nothing known to the gravest.
    #[derive(Default)]
    BatchVerdict, "batch_verdict" {
        #[default]
        NotAssessed = "NOT_ASSESSED": "No quality control of the batch is known, or too little to say that it passed.",
        Pass = "PASS": "Its controls and replicates keep every rule that reviews or fails a batch.",
        Review = "REVIEW": "At least one rule asks for a look at the batch.",
        Fail = "FAIL": "At least one rule that fails a batch is broken.",
    }
}

impl BatchVerdict {
    /// The finding of a sample measured in a batch with this verdict; `None` where that asks for nothing.
    #[must_use]
    pub const fn finding(self) -> Option<Finding> {
        match self {
            Self::Fail => Some(Finding::FailedPlate),
            Self::Review => Some(Finding::PlateForReview),
            Self::Pass | Self::NotAssessed => None,
        }
    }
}
