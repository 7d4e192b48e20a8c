//! Two fits of the same rows, side by side: the likelihood-ratio test.

use diel_core::mixed::{MixedFit, likelihood_ratio};
use diel_proto::v1 as pb;
use diel_store::{Fit, FitOutcome};

use crate::name;
use crate::refusal::Refusal;

/// Compares two fits that succeeded.
///
/// # Errors
/// [`Refusal::NotComparable`] for other rows or responses, and whatever keeps the core from comparing them.
pub(super) fn compare(
    study: &str,
    one: &Fit,
    other: &Fit,
) -> Result<pb::CompareFitsResponse, Refusal> {
    let (first, second) = (succeeded(one)?, succeeded(other)?);
    let refuse = |why: &str| Err(Refusal::NotComparable(why.to_owned()));
    if first.input.digest != second.input.digest {
        return refuse("they rest on other rows; fit both to the same persons");
    }
    if response(one) != response(other) {
        return refuse("they are models of other responses");
    }
    let ratio = likelihood_ratio(&first.fit, &second.fit)
        .map_err(|error| Refusal::NotComparable(error.to_string()))?;
    let (smaller, larger) = if first.fit.parameter_count() < second.fit.parameter_count() {
        ((one, &first.fit), (other, &second.fit))
    } else {
        ((other, &second.fit), (one, &first.fit))
    };
    Ok(pb::CompareFitsResponse {
        smaller: name::of_child(study, "fits", &smaller.0.id),
        larger: name::of_child(study, "fits", &larger.0.id),
        smaller_parameter_count: parameters(smaller.1),
        larger_parameter_count: parameters(larger.1),
        smaller_objective: smaller.1.objective,
        larger_objective: larger.1.objective,
        chi_squared: ratio.chi_squared,
        df: i32::try_from(ratio.df).unwrap_or(i32::MAX),
        p: ratio.p,
    })
}

fn parameters(fit: &MixedFit) -> i32 {
    i32::try_from(fit.parameter_count()).unwrap_or(i32::MAX)
}

fn succeeded(fit: &Fit) -> Result<&FitOutcome, Refusal> {
    fit.outcome
        .as_ref()
        .ok_or_else(|| Refusal::NotComparable(format!("fit {} has not succeeded", fit.id)))
}

/// What stands left of the ~, without blanks.
fn response(fit: &Fit) -> String {
    let response = fit.specification.formula.split('~').next();
    response.unwrap_or_default().split_whitespace().collect()
}
