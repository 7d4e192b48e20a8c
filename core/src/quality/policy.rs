//! What a batch must keep, as parameters.

use thiserror::Error;

use super::{BatchVerdict, WestgardRules};
use crate::range::{Range, RangeError};

/// From where on a number asks for a look at a batch, and from where on it fails it; `None`: never.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bounds {
    /// Above this, review.
    pub review_above: Option<f64>,
    /// Above this, fail.
    pub fail_above: Option<f64>,
}

impl Bounds {
    /// What a number comes to.
    #[must_use]
    pub fn judge(&self, number: f64) -> BatchVerdict {
        let is_above = |bound: Option<f64>| bound.is_some_and(|bound| number > bound);
        if is_above(self.fail_above) {
            BatchVerdict::Fail
        } else if is_above(self.review_above) {
            BatchVerdict::Review
        } else {
            BatchVerdict::Pass
        }
    }

    const fn review(above: f64) -> Self {
        Self {
            review_above: Some(above),
            fail_above: None,
        }
    }

    fn check(self, term: &'static str, range: Range) -> Result<(), QualityPolicyError> {
        for bound in [self.review_above, self.fail_above].into_iter().flatten() {
            let checked = range.check(bound);
            checked.map_err(|source| QualityPolicyError::OutOfRange { term, source })?;
        }
        match (self.review_above, self.fail_above) {
            (Some(review), Some(fail)) if fail < review => {
                Err(QualityPolicyError::FailBeforeReview { term, review, fail })
            }
            _ => Ok(()),
        }
    }
}

/// What a user may say of the quality control of batches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QualityTerms {
    /// Rules that are looked for and named, and change no verdict.
    pub noting: WestgardRules,
    /// Rules that ask for a look when broken.
    pub reviewing: WestgardRules,
    /// Rules that fail a batch when broken.
    pub failing: WestgardRules,
    /// Replicates with a greater coefficient of variation count as disagreeing, in percent.
    pub replicate_cv_percent: f64,
    /// Share of the results with replicates that may disagree, 0 to 1.
    pub high_cv_share: Bounds,
    /// The pooled CV of a batch's replicates, in percent.
    pub intra_assay_cv_percent: Bounds,
    /// Share of the batch's results below a limit, 0 to 1.
    pub below_limit_share: Bounds,
    /// The batch's effect in standard errors, either way.
    pub plate_effect_z: Bounds,
    /// An effect of the batch up to this size is within what assays vary by from run to run, in percent.
    pub least_plate_effect_percent: f64,
}

impl Default for QualityTerms {
    /// 1_2s noted; 1_3s, 2_2s, R_4s, 4_1s and 10_x fail, as in the classical multi-rule. Replicate CV 15 %; review from
    /// a tenth of the results above it, a pooled CV of 10 %, half of the results below a limit, or a plate effect of
    /// more than 25 % and 3 standard errors. Only controls fail a batch. All but the rules are judgement.
    fn default() -> Self {
        let noting = WestgardRules::from_iter([super::WestgardRule::OneTwoS]);
        Self {
            noting,
            reviewing: WestgardRules::EMPTY,
            failing: WestgardRules::from_bits(WestgardRules::classical().bits() & !noting.bits()),
            replicate_cv_percent: 15.0,
            high_cv_share: Bounds::review(0.1),
            intra_assay_cv_percent: Bounds::review(10.0),
            below_limit_share: Bounds::review(0.5),
            plate_effect_z: Bounds::review(3.0),
            least_plate_effect_percent: 25.0,
        }
    }
}

const CV: Range = Range {
    what: "a coefficient of variation",
    minimum: 0.0,
    maximum: 1.0e3,
    unit: "%",
};
const SHARE: Range = Range {
    what: "a share",
    minimum: 0.0,
    maximum: 1.0,
    unit: "of the results",
};
const Z: Range = Range {
    what: "a plate effect",
    minimum: 0.0,
    maximum: 1.0e3,
    unit: "standard errors",
};

const EFFECT: Range = Range {
    what: "a plate effect",
    minimum: 0.0,
    maximum: 1.0e3,
    unit: "%",
};

/// Checked terms of quality control.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct QualityPolicy(QualityTerms);

impl QualityPolicy {
    /// Accepts terms.
    ///
    /// # Errors
    /// Coefficients of variation lie between 0 and 1000 %, shares between 0 and 1, effects between 0 and 1000 standard
    /// errors or percent; what fails a batch is not less than what reviews it.
    pub fn new(terms: QualityTerms) -> Result<Self, QualityPolicyError> {
        let cv = CV.check(terms.replicate_cv_percent);
        cv.map_err(|source| QualityPolicyError::OutOfRange {
            term: "replicate_cv_percent",
            source,
        })?;
        terms.high_cv_share.check("high_cv_share", SHARE)?;
        let intra = terms.intra_assay_cv_percent;
        intra.check("intra_assay_cv_percent", CV)?;
        terms.below_limit_share.check("below_limit_share", SHARE)?;
        terms.plate_effect_z.check("plate_effect_z", Z)?;
        let least = EFFECT.check(terms.least_plate_effect_percent);
        least.map_err(|source| QualityPolicyError::OutOfRange {
            term: "least_plate_effect_percent",
            source,
        })?;
        Ok(Self(terms))
    }

    /// The terms.
    #[must_use]
    pub const fn terms(&self) -> &QualityTerms {
        &self.0
    }

    /// Every rule that is looked for.
    #[must_use]
    pub const fn rules(&self) -> WestgardRules {
        self.0.noting.union(self.0.reviewing).union(self.0.failing)
    }
}

/// Why terms are not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum QualityPolicyError {
    /// A number outside its range.
    #[error("{term}: {source}")]
    OutOfRange {
        /// The term.
        term: &'static str,
        /// The rule.
        source: RangeError,
    },
    /// A bound that fails lies below the one that reviews.
    #[error("{term}: fails above {fail} but asks for a review only above {review}")]
    FailBeforeReview {
        /// The term.
        term: &'static str,
        /// The bound of a review.
        review: f64,
        /// The bound of a failure.
        fail: f64,
    },
}
