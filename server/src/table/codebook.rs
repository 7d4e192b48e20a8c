//! What the columns of the tables for programs are: kind, unit and label, for tools that want to be told.

/// How a column is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text of at most so many bytes.
    Text(u16),
    /// A date, YYYY-MM-DD.
    Date,
    /// A whole number.
    Count,
    /// A double.
    Number,
    /// `true` or `false`.
    Truth,
}

/// A column as a codebook describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// The name, at most 32 characters: the most that Stata takes.
    pub name: &'static str,
    /// How it is read.
    pub kind: Kind,
    /// The unit, `1` for a number without one; empty for what is no number.
    pub unit: &'static str,
    /// What it is, in a few words.
    pub label: &'static str,
}

impl Variable {
    const fn text(name: &'static str, bytes: u16, label: &'static str) -> Self {
        Self::new(name, Kind::Text(bytes), "", label)
    }

    const fn date(name: &'static str, label: &'static str) -> Self {
        Self::new(name, Kind::Date, "", label)
    }

    const fn count(name: &'static str, unit: &'static str, label: &'static str) -> Self {
        Self::new(name, Kind::Count, unit, label)
    }

    const fn number(name: &'static str, unit: &'static str, label: &'static str) -> Self {
        Self::new(name, Kind::Number, unit, label)
    }

    const fn truth(name: &'static str, label: &'static str) -> Self {
        Self::new(name, Kind::Truth, "", label)
    }

    const fn new(name: &'static str, kind: Kind, unit: &'static str, label: &'static str) -> Self {
        Self {
            name,
            kind,
            unit,
            label,
        }
    }
}

/// The columns of profiles.
#[rustfmt::skip]
pub const PROFILES: &[Variable] = &[
    Variable::text("participant", 256, "Participant's code"),
    Variable::text("day", 10, "Day's label"),
    Variable::date("sampling_date", "Local date of the awakening"),
    Variable::text("awakening_at", 35, "Awakening, local time with offset (RFC 3339)"),
    Variable::count("sample_count", "samples", "Samples of the day, usable or not"),
    Variable::number("wake_nmol_per_l", "nmol/L", "Wake sample"),
    Variable::number("peak_nmol_per_l", "nmol/L", "Highest of the first hours"),
    Variable::number("bed_nmol_per_l", "nmol/L", "Evening sample"),
    Variable::number("slope_wake_bed_ln_per_h", "ln(nmol/L)/h", "Slope, wake to evening"),
    Variable::number("slope_peak_bed_ln_per_h", "ln(nmol/L)/h", "Slope, peak to evening"),
    Variable::number("slope_regression_ln_per_h", "ln(nmol/L)/h", "Slope, least squares"),
    Variable::number("slope_regression_se", "ln(nmol/L)/h", "Its standard error"),
    Variable::number("slope_wake_bed_nmol_per_l_per_h", "nmol/L/h", "Slope, wake to evening, raw scale"),
    Variable::number("car_auc_g_nmol_min_per_l", "nmol/L*min", "CAR, AUC with respect to ground"),
    Variable::number("car_auc_i_nmol_min_per_l", "nmol/L*min", "CAR, AUC with respect to increase"),
    Variable::number("car_mean_increase_nmol_per_l", "nmol/L", "CAR, mean increase"),
    Variable::number("car_max_increase_nmol_per_l", "nmol/L", "CAR, maximal increase"),
    Variable::number("day_auc_g_nmol_h_per_l", "nmol/L*h", "Day, AUC with respect to ground"),
    Variable::number("dynamic_range_ln", "ln(nmol/L)", "ln of highest over lowest"),
    Variable::number("evening_morning_ratio", "1", "Evening over wake"),
    Variable::number("mesor", "ln(nmol/L)", "MESOR of the cosinor"),
    Variable::number("amplitude", "ln(nmol/L)", "Amplitude of the cosinor"),
    Variable::text("peak_clock_time", 5, "When the cosinor is highest, HH:MM"),
    Variable::number("cosinor_p", "1", "p of the zero-amplitude test"),
    Variable::text("findings", 1000, "Codes of findings, separated by ;"),
    Variable::text("absences", 2000, "FEATURE:REASON of absent numbers, separated by ;"),
    Variable::truth("valid", "Whether the day counts"),
];

/// The columns of rhythms.
#[rustfmt::skip]
pub const RHYTHMS: &[Variable] = &[
    Variable::text("participant", 256, "Participant's code"),
    Variable::count("day_count", "days", "Sampling days with any sample"),
    Variable::count("valid_day_count", "days", "Days that count"),
    Variable::count("sample_count", "samples", "Samples that the posterior rests on"),
    Variable::number("slope_ln_per_h", "ln(nmol/L)/h", "Own least-squares slope"),
    Variable::number("slope_se", "ln(nmol/L)/h", "Its standard error"),
    Variable::number("posterior_slope_ln_per_h", "ln(nmol/L)/h", "Posterior mean of the slope"),
    Variable::number("posterior_sd", "ln(nmol/L)/h", "Posterior standard deviation"),
    Variable::number("probability_flat", "1", "Probability of a slope flatter than the threshold"),
    Variable::number("reference_percentile", "percentile", "Percentile among the reference's slopes"),
    Variable::number("reliability", "1", "Reliability of the slope"),
    Variable::text("verdict", 32, "What the policy says, never of the person"),
    Variable::text("reasons", 1000, "Codes of reasons, separated by ;"),
    Variable::number("posterior_lower_ln_per_h", "ln(nmol/L)/h", "Lower end of the 95 % interval"),
    Variable::number("posterior_upper_ln_per_h", "ln(nmol/L)/h", "Upper end of the 95 % interval"),
    Variable::number("threshold_ln_per_h", "ln(nmol/L)/h", "Threshold"),
    Variable::count("days_to_reliable", "days", "More days to a reliability of 0.8"),
    Variable::count("left_out_sample_count", "samples", "Samples left out"),
    Variable::text("reference", 256, "Reference"),
    Variable::text("digest", 64, "Digest of what went in"),
    Variable::text("group", 256, "Group"),
    Variable::number("age_years", "years", "Age"),
    Variable::text("policy", 256, "Policy"),
    Variable::text("method", 64, "Method"),
    Variable::text("flag", 256, "Name of the flag"),
];

/// The columns of flags.
#[rustfmt::skip]
pub const FLAGS: &[Variable] = &[
    Variable::text("participant", 256, "Participant's code"),
    Variable::text("group", 256, "Group"),
    Variable::text("state", 32, "State of the flag"),
    Variable::number("probability_flat", "1", "Probability of a slope flatter than the threshold"),
    Variable::number("posterior_slope_ln_per_h", "ln(nmol/L)/h", "Posterior mean of the slope"),
    Variable::number("posterior_lower_ln_per_h", "ln(nmol/L)/h", "Lower end of the 95 % interval"),
    Variable::number("posterior_upper_ln_per_h", "ln(nmol/L)/h", "Upper end of the 95 % interval"),
    Variable::number("threshold_ln_per_h", "ln(nmol/L)/h", "Threshold"),
    Variable::count("valid_day_count", "days", "Days that count"),
    Variable::count("sample_count", "samples", "Samples that the posterior rests on"),
    Variable::text("decision", 32, "Decision of a reviewer"),
    Variable::text("decision_reason", 2000, "Reason of the decision"),
    Variable::text("name", 256, "Name of the flag"),
    Variable::number("posterior_sd", "ln(nmol/L)/h", "Posterior standard deviation"),
    Variable::number("reference_percentile", "percentile", "Percentile among the reference's slopes"),
    Variable::number("reliability", "1", "Reliability of the slope"),
    Variable::count("left_out_sample_count", "samples", "Samples left out"),
    Variable::text("reasons", 1000, "Codes of reasons, separated by ;"),
    Variable::text("reference", 256, "Reference"),
    Variable::text("policy", 256, "Policy"),
    Variable::text("digest", 64, "Digest of what went in"),
    Variable::text("method", 64, "Method"),
    Variable::text("raised_at", 35, "When it was raised, UTC (RFC 3339)"),
    Variable::text("updated_at", 35, "When it changed, UTC (RFC 3339)"),
    Variable::text("etag", 64, "Version"),
    Variable::text("claimed_by", 256, "Who holds it"),
    Variable::text("claimed_until", 35, "Until when, UTC (RFC 3339)"),
    Variable::text("decisions", 2000, "REVIEWER=DECISION, separated by ;"),
];

/// The columns of samples.
#[rustfmt::skip]
pub const SAMPLES: &[Variable] = &[
    Variable::text("specimen", 256, "Specimen's code"),
    Variable::text("participant", 256, "Participant's code"),
    Variable::text("collected_at", 35, "Collection, local time with offset (RFC 3339)"),
    Variable::text("source", 32, "How the time of collection is known"),
    Variable::text("label", 256, "Label on the tube; it orders nothing"),
    Variable::text("awakening_at", 35, "Awakening, local time with offset (RFC 3339)"),
    Variable::text("awakening_source", 32, "How the awakening is known"),
    Variable::number("concentration_nmol_per_l", "nmol/L", "Result in force; absent when there is no number"),
    Variable::count("collection_revision", "1", "Revision of the collection facts, 0 for none"),
    Variable::count("result_revision", "1", "Revision of the result, 0 for none"),
    Variable::text("conditions", 1000, "Codes of conditions, separated by ;"),
];

/// The columns of fits.
#[rustfmt::skip]
pub const FITS: &[Variable] = &[
    Variable::text("fit", 64, "Id of the fit"),
    Variable::text("formula", 1000, "The model"),
    Variable::text("criterion", 4, "What was minimised, reml or ml"),
    Variable::text("group", 256, "Only persons of this group"),
    Variable::text("term", 1000, "Coefficient of the fixed effect"),
    Variable::number("estimate", "response per unit of the term", "Its estimate"),
    Variable::number("se", "response per unit of the term", "Its standard error"),
    Variable::number("df", "1", "Degrees of freedom (Satterthwaite)"),
    Variable::number("t", "1", "Estimate over standard error"),
    Variable::number("p", "1", "Two-sided p"),
    Variable::number("lower", "response per unit of the term", "Lower end of the 95 % interval"),
    Variable::number("upper", "response per unit of the term", "Upper end of the 95 % interval"),
    Variable::count("observation_count", "samples", "Samples fitted"),
    Variable::count("person_count", "persons", "Persons gathered"),
    Variable::truth("singular", "Whether a random term has no variance"),
    Variable::text("input_digest", 64, "Digest of what went in"),
    Variable::text("software_version", 64, "What fitted it"),
    Variable::text("created_at", 35, "When it was asked for, UTC (RFC 3339)"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Column, fits, flags, profiles, rhythms, samples};

    #[test]
    fn every_column_is_described_in_its_order() {
        let tables: [(&[Column], &[Variable]); 5] = [
            (profiles::COLUMNS, PROFILES),
            (rhythms::COLUMNS, RHYTHMS),
            (flags::COLUMNS, FLAGS),
            (samples::COLUMNS, SAMPLES),
            (fits::COLUMNS, FITS),
        ];
        for (columns, variables) in tables {
            let written: Vec<_> = columns.iter().map(|column| column.name).collect();
            let described: Vec<_> = variables.iter().map(|variable| variable.name).collect();
            assert_eq!(described, written);
        }
    }

    #[test]
    fn names_and_labels_are_as_long_as_tools_take() {
        for variable in [PROFILES, RHYTHMS, FLAGS, SAMPLES, FITS].concat() {
            assert!(variable.name.len() <= 32, "{}", variable.name);
            assert!(
                variable.label.len() + variable.unit.len() + 2 <= 80,
                "{}",
                variable.name
            );
            let is_number = matches!(variable.kind, Kind::Count | Kind::Number);
            assert_eq!(is_number, !variable.unit.is_empty(), "{}", variable.name);
        }
    }
}
