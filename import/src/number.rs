//! Decimal numbers as files write them.

/// Whether `1,5` is one and a half. True only where a comma does not separate columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DecimalComma {
    Accepted,
    Refused,
}

/// Why a text is not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(super) enum NumberError {
    /// `1,5` in a file whose columns may be separated by commas.
    #[error("is not a number; write a decimal point, or separate the columns by `;`")]
    DecimalComma,
    /// `NaN`, `inf`.
    #[error("is not a finite number; leave the field empty where there is none")]
    NotFinite,
    /// Anything else.
    #[error("is not a number")]
    NotNumber,
}

/// Reads a finite decimal number without blanks around it.
pub(super) fn parse(text: &str, comma: DecimalComma) -> Result<f64, NumberError> {
    if text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'))
    {
        return match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            Ok(_) => Err(NumberError::NotFinite),
            Err(_) => Err(NumberError::NotNumber),
        };
    }
    if text.matches(',').count() == 1 && !text.contains('.') {
        let pointed = text.replace(',', ".");
        return match (parse(&pointed, comma), comma) {
            (Ok(number), DecimalComma::Accepted) => Ok(number),
            (Ok(_), DecimalComma::Refused) => Err(NumberError::DecimalComma),
            (Err(error), _) => Err(error),
        };
    }
    match text.parse::<f64>() {
        Ok(_) => Err(NumberError::NotFinite),
        Err(_) => Err(NumberError::NotNumber),
    }
}

#[cfg(test)]
mod tests {
    use super::{DecimalComma, NumberError, parse};

    #[test]
    fn numbers_are_finite_decimals() {
        assert_eq!(parse("12.50", DecimalComma::Refused), Ok(12.5));
        assert_eq!(parse("1e-3", DecimalComma::Refused), Ok(0.001));
        for text in ["NaN", "nan", "inf", "-Infinity", "1e999"] {
            assert_eq!(
                parse(text, DecimalComma::Refused),
                Err(NumberError::NotFinite),
                "{text}"
            );
        }
        for text in ["", "12 nmol/L", "0x10", "1.2.3", "--1", "1_000"] {
            assert_eq!(
                parse(text, DecimalComma::Accepted),
                Err(NumberError::NotNumber),
                "{text}"
            );
        }
    }

    #[test]
    fn a_decimal_comma_needs_another_separator() {
        assert_eq!(parse("1,25", DecimalComma::Accepted), Ok(1.25));
        assert_eq!(
            parse("1,25", DecimalComma::Refused),
            Err(NumberError::DecimalComma)
        );
        assert_eq!(
            parse("1.234,5", DecimalComma::Accepted),
            Err(NumberError::NotNumber)
        );
    }
}
