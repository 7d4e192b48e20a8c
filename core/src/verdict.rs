//! What a policy says about a rhythm.

use crate::coded::coded;

coded! {
    /// What a policy says about a rhythm. Never a statement about the person.
    Verdict, "verdict" {
        NotFlat = "NOT_FLAT": "The slope is probably not flatter than the threshold.",
        Indeterminate = "INDETERMINATE": "The data do not decide.",
        FlatForReview = "FLAT_FOR_REVIEW": "The slope is probably flatter than the threshold: a reason for a researcher to look again.",
        InsufficientData = "INSUFFICIENT_DATA": "Too little, or unfit, to be judged; the reasons say which.",
    }
}
