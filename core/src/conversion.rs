//! Conversion of concentrations from one assay to another, by a function that somebody determined and published.
//!
//! Nothing is built in: relations between assays differ by method, lot and laboratory. A conversion holds over the range it
//! was determined on and says nothing outside it.

mod error;
mod form;

pub use error::ConversionError;
pub use form::ConversionForm;

use crate::coded::coded;
use crate::{Level, NmolPerL};

coded! {
    /// Why a result has no converted concentration.
    ConversionAbsence, "conversion_absence" {
        OtherAssay = "other_assay": "The result was measured by another assay than the conversion is from.",
        OutsideRange = "outside_range": "The concentration, or the limit it lies beyond, is outside the range that the conversion holds for; nothing is extrapolated.",
        Missing = "missing": "The result has no concentration.",
    }
}

/// A rising function of concentrations with the range that it holds for.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversion {
    form: ConversionForm,
    lowest: NmolPerL,
    highest: NmolPerL,
}

impl Conversion {
    /// Accepts a function that holds from one concentration to another, in nmol/L of the assay converted from.
    ///
    /// # Errors
    /// The range must not be empty, and the function must be defined, rise, and give concentrations over all of it.
    ///
    /// ```
    /// use diel_core::{Level, NmolPerL, conversion::{Conversion, ConversionForm}};
    /// let form = ConversionForm::Linear { intercept_nmol_per_l: 0.2, slope: 0.6 };
    /// let conversion = Conversion::new(form, 0.5, 60.0)?;
    /// let ten = Level::Exact(NmolPerL::new(10.0).unwrap());
    /// assert_eq!(conversion.convert(ten), Ok(Level::Exact(NmolPerL::new(6.2).unwrap())));
    /// # Ok::<(), diel_core::conversion::ConversionError>(())
    /// ```
    pub fn new(
        form: ConversionForm,
        lowest_nmol_per_l: f64,
        highest_nmol_per_l: f64,
    ) -> Result<Self, ConversionError> {
        let read = |term, number| {
            NmolPerL::new(number).map_err(|source| ConversionError::Range { term, source })
        };
        let lowest = read("lowest_nmol_per_l", lowest_nmol_per_l)?;
        let highest = read("highest_nmol_per_l", highest_nmol_per_l)?;
        if lowest >= highest {
            return Err(ConversionError::EmptyRange {
                lowest: lowest.get(),
                highest: highest.get(),
            });
        }
        form.check(lowest.get(), highest.get())?;
        Ok(Self {
            form,
            lowest,
            highest,
        })
    }

    /// The function.
    #[must_use]
    pub const fn form(&self) -> &ConversionForm {
        &self.form
    }

    /// The least concentration that it holds for.
    #[must_use]
    pub const fn lowest(&self) -> NmolPerL {
        self.lowest
    }

    /// The greatest.
    #[must_use]
    pub const fn highest(&self) -> NmolPerL {
        self.highest
    }

    /// Converts a level. Below stays below and above stays above: the limit is converted, as a rising function may do.
    ///
    /// # Errors
    /// Concentrations and limits outside the range are not converted, and missing results have none.
    pub fn convert(&self, level: Level) -> Result<Level, ConversionAbsence> {
        let within = |number: NmolPerL| {
            let value = self.form.value(number.get());
            (self.lowest <= number && number <= self.highest)
                .then_some(value)
                .flatten()
                .and_then(|value| NmolPerL::new(value).ok())
                .ok_or(ConversionAbsence::OutsideRange)
        };
        // A limit of 0 is not a limit: nothing lies below it.
        let limit = |number: NmolPerL| match within(number)? {
            limit if limit.get() > 0.0 => Ok(limit),
            _ => Err(ConversionAbsence::OutsideRange),
        };
        match level {
            Level::Exact(value) => within(value).map(Level::Exact),
            Level::Below(number) => limit(number).map(Level::Below),
            Level::Above(number) => limit(number).map(Level::Above),
            Level::Missing(_) => Err(ConversionAbsence::Missing),
        }
    }
}
