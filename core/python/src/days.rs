//! Sampling days, one a row or one an item.

use arrow_array::{BooleanArray, Date32Array, Int32Array, StringArray, TimestampMicrosecondArray};
use diel_core::{Condition, Conditions, Moment, SamplingDay};
use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::columns::{Column, Columns};
use crate::fault::{Fault, TableError, check_complete};
use crate::samples::Samples;

/// The columns of a day.
pub(crate) const KNOWN: [&str; 7] = [
    "day",
    "sampling_date",
    "awakening_time",
    "awakening_utc_offset_minutes",
    "conditions",
    "samples",
    "complete",
];

/// 1970-01-01, from which Arrow counts days.
pub(crate) const EPOCH: Date = date(1970, 1, 1);

/// A table of days.
pub(crate) struct Days {
    label: Column<StringArray>,
    date: Column<Date32Array>,
    awakening: Column<TimestampMicrosecondArray>,
    utc_offset_minutes: Column<Int32Array>,
    conditions: Column<StringArray>,
    complete: Column<BooleanArray>,
    samples: Samples,
}

impl Days {
    pub(crate) fn read(columns: &Columns<'_>) -> Result<Self, TableError> {
        Ok(Self {
            label: columns.optional("day")?,
            date: columns.optional("sampling_date")?,
            awakening: columns.optional("awakening_time")?,
            utc_offset_minutes: columns.optional("awakening_utc_offset_minutes")?,
            conditions: columns.optional("conditions")?,
            complete: columns.required("complete")?,
            samples: Samples::read(columns)?,
        })
    }

    /// What the study calls a day.
    pub(crate) fn label(&self, row: usize) -> Option<&str> {
        self.label.get(row)
    }

    /// The day of a row.
    pub(crate) fn day(&self, row: usize) -> Result<SamplingDay, Fault> {
        check_complete(self.complete.get(row), "samples has all samples of the day")?;
        let awakening = self.awakening(row)?;
        let stated = self.date.get(row).map(date_of).transpose()?;
        let date = stated.or_else(|| awakening.map(Moment::local_date));
        let mut day = SamplingDay::from_hours(date, self.samples.of(row)?);
        day.awakening = awakening;
        day.conditions = conditions(self.conditions.get(row))?;
        Ok(day)
    }

    fn awakening(&self, row: usize) -> Result<Option<Moment>, Fault> {
        let Some(microseconds) = self.awakening.get(row) else {
            return Ok(None);
        };
        let offset = self.utc_offset_minutes.get(row).ok_or(Fault::Null {
            column: "awakening_utc_offset_minutes",
            rule: "an awakening has the offset that the clock on the wall had",
        })?;
        Ok(Some(Moment::new(microseconds, offset)?))
    }
}

fn date_of(days: i32) -> Result<Date, Fault> {
    EPOCH
        .checked_add(i64::from(days).days())
        .map_err(|_| Fault::Date { days })
}

/// Conditions from their codes, joined by `;`.
pub(crate) fn conditions(codes: Option<&str>) -> Result<Conditions, Fault> {
    let codes = codes.unwrap_or_default().split(';').map(str::trim);
    codes
        .filter(|code| !code.is_empty())
        .map(|code| {
            Condition::from_code(code).ok_or_else(|| Fault::Condition {
                value: code.to_owned(),
                codes: Condition::ALL.map(Condition::code).join(", "),
            })
        })
        .collect()
}
