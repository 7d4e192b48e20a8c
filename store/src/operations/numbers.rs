//! The columns that the numbers of a rhythm are kept in, in `rhythms` and in `flag_events`.

use super::bulk::Values;
use super::fields::Fields;
use crate::codes;
use crate::fault::Fault;
use crate::{PosteriorNumbers, RhythmNumbers};

/// How many columns there are.
pub(super) const NUMBER_COLUMNS: usize = 19;

/// Their names, each behind a prefix such as `r.`, in the order of [`bind`].
macro_rules! number_columns {
    ($prefix:literal) => {
        concat!(
            $prefix,
            "day_count, ",
            $prefix,
            "valid_day_count, ",
            $prefix,
            "sample_count, ",
            $prefix,
            "left_out_sample_count, ",
            $prefix,
            "slope_ln_per_h, ",
            $prefix,
            "slope_se, ",
            $prefix,
            "posterior_slope_ln_per_h, ",
            $prefix,
            "posterior_sd, ",
            $prefix,
            "posterior_lower_ln_per_h, ",
            $prefix,
            "posterior_upper_ln_per_h, ",
            $prefix,
            "probability_flat, ",
            $prefix,
            "reference_percentile, ",
            $prefix,
            "reliability, ",
            $prefix,
            "days_to_reliable, ",
            $prefix,
            "threshold_ln_per_h, ",
            $prefix,
            "verdict, ",
            $prefix,
            "reasons, ",
            $prefix,
            "reference, ",
            $prefix,
            "digest"
        )
    };
}

pub(super) fn bind(values: &mut Values, numbers: &RhythmNumbers) {
    values.integer(i64::from(numbers.day_count));
    values.integer(i64::from(numbers.valid_day_count));
    values.integer(i64::from(numbers.sample_count));
    values.integer(i64::from(numbers.left_out_sample_count));
    values.number(numbers.slope_ln_per_h);
    values.number(numbers.slope_se);
    let posterior = numbers.posterior.as_ref();
    values.number(posterior.map(|posterior| posterior.slope_ln_per_h));
    values.number(posterior.map(|posterior| posterior.sd));
    values.number(posterior.map(|posterior| posterior.lower));
    values.number(posterior.map(|posterior| posterior.upper));
    values.number(posterior.map(|posterior| posterior.probability_flat));
    values.number(posterior.map(|posterior| posterior.reference_percentile));
    values.number(posterior.map(|posterior| posterior.reliability));
    values.integer(
        posterior
            .and_then(|posterior| posterior.days_to_reliable)
            .map(i64::from),
    );
    values.number(numbers.threshold_ln_per_h);
    values.text(numbers.verdict.code());
    values.text(numbers.reasons.to_string().as_str());
    values.text(numbers.reference.as_str());
    values.bytes(&numbers.digest);
}

pub(super) fn read(fields: Fields<'_>) -> Result<RhythmNumbers, Fault> {
    Ok(RhythmNumbers {
        day_count: fields.small("day_count")?,
        valid_day_count: fields.small("valid_day_count")?,
        sample_count: fields.small("sample_count")?,
        left_out_sample_count: fields.small("left_out_sample_count")?,
        slope_ln_per_h: fields.maybe_number("slope_ln_per_h")?,
        slope_se: fields.maybe_number("slope_se")?,
        posterior: read_posterior(fields)?,
        threshold_ln_per_h: fields.number("threshold_ln_per_h")?,
        verdict: codes::read_verdict(fields.text("verdict")?)?,
        reasons: codes::read_reasons(fields.text("reasons")?)?,
        reference: fields.owned("reference")?,
        digest: fields.digest("digest")?,
    })
}

fn read_posterior(fields: Fields<'_>) -> Result<Option<PosteriorNumbers>, Fault> {
    let Some(slope_ln_per_h) = fields.maybe_number("posterior_slope_ln_per_h")? else {
        return Ok(None);
    };
    Ok(Some(PosteriorNumbers {
        slope_ln_per_h,
        sd: fields.number("posterior_sd")?,
        lower: fields.number("posterior_lower_ln_per_h")?,
        upper: fields.number("posterior_upper_ln_per_h")?,
        probability_flat: fields.number("probability_flat")?,
        reference_percentile: fields.number("reference_percentile")?,
        reliability: fields.number("reliability")?,
        days_to_reliable: fields.maybe_small("days_to_reliable")?,
    }))
}
