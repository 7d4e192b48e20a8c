//! Columns of a row, read by name.

use diel_core::{AgeYears, Limits, Measurement, Moment, NmolPerL};
use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::Row as _;

use super::Row;
use crate::StoreError;
use crate::answer;
use crate::codes::{self, damaged};
use crate::fault::Fault;

/// A row whose columns are read by name.
#[derive(Clone, Copy)]
pub(super) struct Fields<'r>(pub(super) &'r Row);

impl<'r> Fields<'r> {
    pub(super) fn integer(self, name: &str) -> Result<i64, Fault> {
        Ok(self.0.try_get(name)?)
    }

    pub(super) fn maybe_integer(self, name: &str) -> Result<Option<i64>, Fault> {
        Ok(self.0.try_get(name)?)
    }

    pub(super) fn number(self, name: &str) -> Result<f64, Fault> {
        Ok(self.0.try_get(name)?)
    }

    pub(super) fn maybe_number(self, name: &str) -> Result<Option<f64>, Fault> {
        Ok(self.0.try_get(name)?)
    }

    pub(super) fn text(self, name: &str) -> Result<&'r str, Fault> {
        Ok(self.0.try_get(name)?)
    }

    pub(super) fn maybe_text(self, name: &str) -> Result<Option<&'r str>, Fault> {
        Ok(self.0.try_get(name)?)
    }

    pub(super) fn owned(self, name: &str) -> Result<String, Fault> {
        Ok(self.0.try_get(name)?)
    }

    pub(super) fn truth(self, name: &str) -> Result<bool, Fault> {
        Ok(self.0.try_get(name)?)
    }

    pub(super) fn maybe_truth(self, name: &str) -> Result<Option<bool>, Fault> {
        Ok(self.0.try_get(name)?)
    }

    pub(super) fn digest(self, name: &str) -> Result<[u8; 32], Fault> {
        let bytes: Vec<u8> = self.0.try_get(name)?;
        <[u8; 32]>::try_from(bytes).map_err(|bytes| refused(name, bytes.len()))
    }

    pub(super) fn maybe_digest(self, name: &str) -> Result<Option<[u8; 32]>, Fault> {
        let bytes: Option<Vec<u8>> = self.0.try_get(name)?;
        bytes
            .map(|bytes| <[u8; 32]>::try_from(bytes).map_err(|bytes| refused(name, bytes.len())))
            .transpose()
    }

    /// A whole number that a count or a revision is kept in.
    pub(super) fn small<T: TryFrom<i64>>(self, name: &str) -> Result<T, Fault> {
        let value = self.integer(name)?;
        T::try_from(value).map_err(|_| refused(name, value))
    }

    pub(super) fn maybe_small<T: TryFrom<i64>>(self, name: &str) -> Result<Option<T>, Fault> {
        self.maybe_integer(name)?
            .map(|value| T::try_from(value).map_err(|_| refused(name, value)))
            .transpose()
    }

    pub(super) fn instant(self, name: &str) -> Result<Timestamp, Fault> {
        Ok(answer::instant(self.integer(name)?)?)
    }

    pub(super) fn maybe_instant(self, name: &str) -> Result<Option<Timestamp>, Fault> {
        let microseconds = self.maybe_integer(name)?;
        Ok(microseconds.map(answer::instant).transpose()?)
    }

    pub(super) fn date(self, name: &str) -> Result<Date, Fault> {
        let text = self.text(name)?;
        text.parse().map_err(|_| refused(name, text))
    }

    pub(super) fn maybe_date(self, name: &str) -> Result<Option<Date>, Fault> {
        let text = self.maybe_text(name)?;
        text.map(|text| text.parse().map_err(|_| refused(name, text)))
            .transpose()
    }

    pub(super) fn age(self) -> Result<Option<AgeYears>, Fault> {
        let years = self.maybe_number("age_years")?;
        years
            .map(|years| AgeYears::new(years).map_err(|error| refused("age_years", error)))
            .transpose()
    }

    pub(super) fn conditions(self, name: &str) -> Result<diel_core::Conditions, Fault> {
        Ok(codes::read_conditions(self.integer(name)?)?)
    }

    /// A moment from the columns of its instant and its offset.
    pub(super) fn maybe_moment(self, instant: &str, offset: &str) -> Result<Option<Moment>, Fault> {
        let (Some(microseconds), Some(offset)) =
            (self.maybe_integer(instant)?, self.maybe_small(offset)?)
        else {
            return Ok(None);
        };
        Moment::new(microseconds, offset)
            .map(Some)
            .map_err(|error| refused(instant, error))
    }

    pub(super) fn moment(self, instant: &str, offset: &str) -> Result<Moment, Fault> {
        self.maybe_moment(instant, offset)?
            .ok_or_else(|| refused(instant, "nothing"))
    }

    /// The result as reported, from the columns `outcome`, `amount`, `unit` and `missing_reason`.
    pub(super) fn measurement(self) -> Result<Measurement, Fault> {
        let outcome = codes::read_outcome(
            self.integer("outcome")?,
            self.maybe_number("amount")?,
            self.maybe_text("missing_reason")?,
        )?;
        let unit = self
            .maybe_integer("unit")?
            .map(codes::read_unit)
            .transpose()?;
        Measurement::new(outcome, unit).map_err(|error| refused("amount", error))
    }

    /// The limits of a batch in nmol/L.
    pub(super) fn limits(self) -> Result<Limits, Fault> {
        let limit = |name: &str| -> Result<Option<NmolPerL>, Fault> {
            let number = self.maybe_number(name)?;
            number
                .map(|number| NmolPerL::new(number).map_err(|error| refused(name, error)))
                .transpose()
        };
        let (detection, low, high) = (
            limit("lod_nmol_per_l")?,
            limit("lloq_nmol_per_l")?,
            limit("uloq_nmol_per_l")?,
        );
        Limits::new(detection, low, high).map_err(|error| refused("lod_nmol_per_l", error))
    }
}

fn refused(column: &str, found: impl std::fmt::Display) -> Fault {
    Fault::Refused(damaged(column, &found))
}

/// What a read by name found, or that there is nothing of that name.
pub(super) fn found<T>(row: Option<T>, resource: impl FnOnce() -> String) -> Result<T, Fault> {
    row.ok_or_else(|| {
        Fault::Refused(StoreError::NotFound {
            resource: resource(),
        })
    })
}
