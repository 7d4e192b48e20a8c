//! What a laboratory writes into the cell of a concentration: a number, a bound, or why there is none.

use std::str::FromStr;

use diel_core::{MissingReason, Outcome};

use super::number::{self, DecimalComma};

/// Why a cell is not a concentration.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub(super) enum ConcentrationError {
    /// Not a number where one is expected.
    #[error("{number}{besides}", number = .0, besides = besides(.0))]
    Number(#[from] number::NumberError),
    /// `<LOD` where the row does not say how low the limit is.
    #[error(
        "the limit is not stated; give it as a number, `<0.33`, or in a column `limit_of_detection`"
    )]
    LimitUnknown,
    /// `#VALUE!`
    #[error("is an error of the spreadsheet; mend the formula, or write why there is no result")]
    Spreadsheet,
}

/// What else is read, where a cell is not like a number at all.
const fn besides(error: &number::NumberError) -> &'static str {
    match error {
        number::NumberError::NotNumber => {
            "; understood besides numbers: `<0.33`, `>82`, `QNS`, `no sample`, `insufficient volume`, `empty`; other words \
             with --missing TEXT=REASON"
        }
        _ => "",
    }
}

/// What a laboratory writes for a missing result in its own words, such as `-99`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingCode {
    /// The cell, without blanks around it.
    pub text: String,
    /// What it says.
    pub reason: MissingReason,
}

impl FromStr for MissingCode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (text, reason) = text
            .rsplit_once('=')
            .ok_or("write TEXT=REASON, such as -99=insufficient_volume")?;
        Ok(Self {
            text: text.trim().to_owned(),
            reason: parse_reason(reason.trim())?,
        })
    }
}

/// A reason by its code, in any case.
pub(super) fn parse_reason(text: &str) -> Result<MissingReason, String> {
    MissingReason::from_code(&text.to_lowercase()).ok_or_else(|| {
        let codes = MissingReason::ALL.map(MissingReason::code);
        format!("`{text}` is no reason; write one of {}", codes.join(", "))
    })
}

/// Reads a cell, in the unit of the row. Codes that the laboratory told come before all else.
pub(super) fn parse(
    text: &str,
    limit_of_detection: Option<f64>,
    comma: DecimalComma,
    missing: &[MissingCode],
) -> Result<Outcome, ConcentrationError> {
    let text = text.trim();
    if let Some(code) = missing.iter().find(|code| code.text == text) {
        return Ok(Outcome::Missing(code.reason));
    }
    match text.as_bytes().first() {
        Some(b'0'..=b'9') => Ok(Outcome::Value(number::parse(text, comma)?)),
        None => Ok(Outcome::Missing(MissingReason::NoSample)),
        Some(_) => parse_words(text, limit_of_detection, comma),
    }
}

fn parse_words(
    text: &str,
    limit_of_detection: Option<f64>,
    comma: DecimalComma,
) -> Result<Outcome, ConcentrationError> {
    if let Some(rest) = text.strip_prefix(['<', '\u{2264}']) {
        let bound = rest.trim_start_matches('=').trim();
        return if names_the_limit(bound) {
            below(limit_of_detection)
        } else {
            Ok(Outcome::Below(number::parse(bound, comma)?))
        };
    }
    if let Some(rest) = text.strip_prefix(['>', '\u{2265}']) {
        return Ok(Outcome::Above(number::parse(
            rest.trim_start_matches('=').trim(),
            comma,
        )?));
    }
    let folded: String = text
        .to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let reason = match folded.as_str() {
        "no sample" | "no saliva" | "empty" | "missing" | "not collected" | "na" | "n/a"
        | "#n/a" | "null" | "none" | "." | "-" => MissingReason::NoSample,
        "qns" | "insufficient volume" | "insufficient" | "quantity not sufficient" => {
            MissingReason::InsufficientVolume
        }
        "rejected" | "masked" | "excluded" => MissingReason::RejectedByLab,
        "error" | "instrument error" => MissingReason::InstrumentError,
        "range?" | "?????" | "outside curve" | "out of range" => MissingReason::OutsideCurve,
        "below lod" | "below limit" | "below detection" | "bld" | "bdl" => {
            return below(limit_of_detection);
        }
        _ if folded.starts_with('#') => return Err(ConcentrationError::Spreadsheet),
        _ => return Ok(Outcome::Value(number::parse(text, comma)?)),
    };
    Ok(Outcome::Missing(reason))
}

fn names_the_limit(bound: &str) -> bool {
    bound.eq_ignore_ascii_case("lod") || bound.eq_ignore_ascii_case("dl")
}

fn below(limit_of_detection: Option<f64>) -> Result<Outcome, ConcentrationError> {
    limit_of_detection
        .map(Outcome::Below)
        .ok_or(ConcentrationError::LimitUnknown)
}

#[cfg(test)]
mod tests {
    use diel_core::{MissingReason, Outcome};

    use super::{ConcentrationError, MissingCode, parse};
    use crate::number::{DecimalComma, NumberError};

    fn read(text: &str) -> Result<Outcome, ConcentrationError> {
        parse(text, None, DecimalComma::Refused, &[])
    }

    #[test]
    fn bounds_keep_their_side() {
        assert_eq!(read("<0.33"), Ok(Outcome::Below(0.33)));
        assert_eq!(read(" < 0.33 "), Ok(Outcome::Below(0.33)));
        assert_eq!(read(">82"), Ok(Outcome::Above(82.0)));
        assert_eq!(read("\u{2264}0.5"), Ok(Outcome::Below(0.5)));
        assert_eq!(
            parse("< 0,33", None, DecimalComma::Accepted, &[]),
            Ok(Outcome::Below(0.33))
        );
        assert_eq!(
            read("< 0,33"),
            Err(ConcentrationError::Number(NumberError::DecimalComma))
        );
    }

    #[test]
    fn laboratories_say_why_there_is_nothing() {
        for (text, reason) in [
            ("", MissingReason::NoSample),
            ("No Sample", MissingReason::NoSample),
            ("empty", MissingReason::NoSample),
            ("QNS", MissingReason::InsufficientVolume),
            ("insufficient  volume", MissingReason::InsufficientVolume),
            ("Range?", MissingReason::OutsideCurve),
            ("?????", MissingReason::OutsideCurve),
            ("#N/A", MissingReason::NoSample),
        ] {
            assert_eq!(read(text), Ok(Outcome::Missing(reason)), "{text}");
        }
    }

    #[test]
    fn an_unnamed_limit_is_taken_from_the_row_or_refused() {
        assert_eq!(
            parse("<LOD", Some(0.5), DecimalComma::Refused, &[]),
            Ok(Outcome::Below(0.5))
        );
        assert_eq!(read("<LOD"), Err(ConcentrationError::LimitUnknown));
    }

    #[test]
    fn a_laboratory_s_own_code_comes_first() {
        let code = |text: &str, reason| MissingCode {
            text: text.to_owned(),
            reason,
        };
        let codes = [
            code("-99", MissingReason::InsufficientVolume),
            code("999", MissingReason::InstrumentError),
        ];
        let read = |text| parse(text, None, DecimalComma::Refused, &codes);
        assert_eq!(
            read("-99"),
            Ok(Outcome::Missing(MissingReason::InsufficientVolume))
        );
        assert_eq!(
            read(" 999 "),
            Ok(Outcome::Missing(MissingReason::InstrumentError))
        );
        assert_eq!(read("999.0"), Ok(Outcome::Value(999.0)));
    }

    #[test]
    fn anything_else_is_refused() {
        assert_eq!(read("#VALUE!"), Err(ConcentrationError::Spreadsheet));
        assert_eq!(
            read("NaN"),
            Err(ConcentrationError::Number(NumberError::NotFinite))
        );
        assert_eq!(
            read("twelve"),
            Err(ConcentrationError::Number(NumberError::NotNumber))
        );
        assert_eq!(
            read("12 nmol/L"),
            Err(ConcentrationError::Number(NumberError::NotNumber))
        );
    }
}
