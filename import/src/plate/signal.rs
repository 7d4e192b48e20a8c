//! What stands in a cell of a plate reader: a number, or a word for why there is none.

use diel_core::MissingReason;

use crate::number::{self, DecimalComma};

/// What was read in a well.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Signal {
    /// The number, in the reader's unit: an optical density, a count.
    Value(f64),
    /// No number, and why.
    Missing(MissingReason),
}

/// A cell that is neither a number nor a word that readers use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "is neither a number nor a word for its absence; understood are `OVRFLW`, `MISSED`, `Masked`, `Error`, `Range?`, `?????`"
)]
pub(crate) struct SignalError;

impl Signal {
    /// Reads a cell; `None` for an empty one. Minus zero, a rounded number just below the blank, becomes zero.
    pub(crate) fn parse(text: &str, comma: DecimalComma) -> Result<Option<Self>, SignalError> {
        let text = text.trim();
        if text.is_empty() || text == "-" {
            return Ok(None);
        }
        if let Ok(number) = number::parse(text, comma) {
            return Ok(Some(Self::Value(number + 0.0)));
        }
        let is_masked = text.len() > 2 && text.starts_with('*') && text.ends_with('*');
        let reason = match text.to_lowercase().as_str() {
            "masked" | "mask" | "excluded" => MissingReason::RejectedByLab,
            _ if is_masked => MissingReason::RejectedByLab,
            "ovrflw" | "overflow" | "over" | "ovr" | "sat" | "saturated" | "range?" | "?????"
            | "outlier" | "out" => MissingReason::OutsideCurve,
            "missed" | "error" | "err" | "invalid" | "n/a" | "na" | "nan" | "#n/a" => {
                MissingReason::InstrumentError
            }
            text if text.starts_with(['<', '>']) => MissingReason::OutsideCurve,
            _ => return Err(SignalError),
        };
        Ok(Some(Self::Missing(reason)))
    }

    /// The number, if there is one.
    #[must_use]
    pub const fn value(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may panic")]

    use diel_core::MissingReason;

    use super::{Signal, SignalError};
    use crate::number::DecimalComma;

    #[test]
    fn a_cell_is_a_number_or_says_why_there_is_none() {
        let read = |text| Signal::parse(text, DecimalComma::Refused);
        assert_eq!(read("2.131"), Ok(Some(Signal::Value(2.131))));
        assert_eq!(read(" "), Ok(None));
        let zero = read("-0.000").unwrap().unwrap().value().unwrap();
        assert!(zero == 0.0 && zero.is_sign_positive());
        for (text, reason) in [
            ("OVRFLW", MissingReason::OutsideCurve),
            (">4.000", MissingReason::OutsideCurve),
            ("?????", MissingReason::OutsideCurve),
            ("MISSED", MissingReason::InstrumentError),
            ("*0.356*", MissingReason::RejectedByLab),
            ("Masked", MissingReason::RejectedByLab),
        ] {
            assert_eq!(read(text), Ok(Some(Signal::Missing(reason))), "{text}");
        }
        assert_eq!(read("STD1"), Err(SignalError));
    }
}
