//! The samples of a day.

use arrow_array::{Float64Array, StringArray};
use diel_core::{
    Level, Limits, LimitsError, Measurement, MissingReason, NmolPerL, Outcome, RangeError, Unit,
};

use crate::columns::{Column, Columns};
use crate::fault::{Fault, TableError};
use crate::lists::Lists;

const HOURS: &str = "hours_since_awakening";
const CONCENTRATION: &str = "concentration_nmol_per_l";
const QUALIFIER: &str = "qualifier";
const REPLICATE_CV: &str = "replicate_cv_percent";
const DETECTION: &str = "limit_of_detection_nmol_per_l";
const UPPER: &str = "upper_limit_of_quantification_nmol_per_l";

const KNOWN: [&str; 6] = [
    HOURS,
    CONCENTRATION,
    QUALIFIER,
    REPLICATE_CV,
    DETECTION,
    UPPER,
];

/// Hours since awakening, level, and coefficient of variation of the replicates in percent.
pub(crate) type MeasuredAtHours = (f64, Level, Option<f64>);

/// A column `samples`: lists of structs.
pub(crate) struct Samples {
    lists: Lists,
    hours: Column<Float64Array>,
    concentration: Column<Float64Array>,
    qualifier: Column<StringArray>,
    replicate_cv: Column<Float64Array>,
    detection: Column<Float64Array>,
    upper: Column<Float64Array>,
}

impl Samples {
    pub(crate) fn read(columns: &Columns<'_>) -> Result<Self, TableError> {
        let lists = Lists::read(columns, "samples")?;
        let items = Columns::new(lists.items(), "samples.", &KNOWN)?;
        Ok(Self {
            hours: items.required(HOURS)?,
            concentration: items.required(CONCENTRATION)?,
            qualifier: items.optional(QUALIFIER)?,
            replicate_cv: items.optional(REPLICATE_CV)?,
            detection: items.optional(DETECTION)?,
            upper: items.optional(UPPER)?,
            lists,
        })
    }

    /// The samples of a row, as they stand.
    pub(crate) fn of(&self, row: usize) -> Result<Vec<MeasuredAtHours>, Fault> {
        let range = self.lists.of(row)?;
        let begin = range.start;
        range
            .map(|item| {
                self.sample(item)
                    .map_err(|fault| fault.inside("samples", item - begin))
            })
            .collect()
    }

    fn sample(&self, item: usize) -> Result<MeasuredAtHours, Fault> {
        let hours = match self.hours.get(item) {
            Some(value) if !value.is_finite() => return Err(Fault::Hours { value }),
            Some(hours) => hours + 0.0,
            // The core keeps a sample whose time is not known, and uses it for nothing.
            None => f64::NAN,
        };
        let measurement = Measurement::new(self.outcome(item)?, Some(Unit::NmolPerL))?;
        let replicate_cv_percent = match self.replicate_cv.get(item) {
            Some(value) if !value.is_finite() || value < 0.0 => {
                return Err(Fault::ReplicateCv { value });
            }
            cv => cv,
        };
        Ok((
            hours,
            measurement.level(&self.limits(item)?),
            replicate_cv_percent,
        ))
    }

    fn outcome(&self, item: usize) -> Result<Outcome, Fault> {
        let qualifier = self.qualifier.get(item).unwrap_or_default();
        let value = self.concentration.get(item);
        let number = || {
            value.ok_or(Fault::Null {
                column: CONCENTRATION,
                rule: "the qualifier is to say why there is none",
            })
        };
        match qualifier {
            "" | "=" => number().map(Outcome::Value),
            "<" => number().map(Outcome::Below),
            ">" => number().map(Outcome::Above),
            code => {
                let reason = MissingReason::from_code(code).ok_or_else(|| Fault::Qualifier {
                    value: code.to_owned(),
                    codes: MissingReason::ALL.map(MissingReason::code).join(", "),
                })?;
                match value {
                    Some(value) => Err(Fault::ConcentrationOfMissing {
                        value,
                        qualifier: code.to_owned(),
                    }),
                    None => Ok(Outcome::Missing(reason)),
                }
            }
        }
    }

    fn limits(&self, item: usize) -> Result<Limits, Fault> {
        let limit = |column: &'static str, values: &Column<Float64Array>| {
            values
                .get(item)
                .map(NmolPerL::new)
                .transpose()
                .map_err(|source: RangeError| Fault::Limit { column, source })
        };
        let detection = limit(DETECTION, &self.detection)?;
        let upper = limit(UPPER, &self.upper)?;
        Limits::new(detection, None, upper).map_err(|error: LimitsError| error.into())
    }
}
