//! Decimal numbers as files write them.

use std::str::FromStr;

/// Whether `1,5` is one and a half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DecimalComma {
    /// The file's own decimal mark: `1.234` is then doubtful.
    Usual,
    /// It may be met: `1,234` is then doubtful.
    Accepted,
    /// Commas separate the columns, or somebody said that there are none.
    Refused,
}

/// The mark before the decimals, where somebody says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalMark {
    /// 1.5
    Point,
    /// 1,5
    Comma,
}

impl DecimalMark {
    /// The name that [`FromStr`] reads.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Point => ".",
            Self::Comma => ",",
        }
    }
}

impl FromStr for DecimalMark {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "." | "point" => Ok(Self::Point),
            "," | "comma" => Ok(Self::Comma),
            _ => Err(format!("`{text}` is neither `.` nor `,`")),
        }
    }
}

impl From<DecimalMark> for DecimalComma {
    fn from(mark: DecimalMark) -> Self {
        match mark {
            DecimalMark::Point => Self::Refused,
            DecimalMark::Comma => Self::Usual,
        }
    }
}

/// Why a text is not a number.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub(super) enum NumberError {
    /// `1,5` in a file whose columns may be separated by commas.
    #[error(
        "is not a number; write a decimal point, or separate the columns by `;`, or say --decimal ,"
    )]
    DecimalComma,
    /// `1,234` and `1.234`.
    #[error(
        "is {decimal} or {grouped}; say which mark begins the decimals with --decimal . or --decimal , or write it without \
             a thousands separator"
    )]
    Doubtful {
        /// Read with the mark before decimals.
        decimal: f64,
        /// Read with the mark between thousands.
        grouped: f64,
    },
    /// `1.234,5`.
    #[error("has a thousands separator; if {0} is meant, write it without")]
    Grouped(f64),
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
            Ok(decimal) if comma == DecimalComma::Usual && is_like_thousands(text, '.') => {
                Err(doubtful(decimal, text))
            }
            Ok(number) if number.is_finite() => Ok(number),
            Ok(_) => Err(NumberError::NotFinite),
            Err(_) => Err(grouped(text).map_or(NumberError::NotNumber, NumberError::Grouped)),
        };
    }
    if text.matches(',').count() == 1 && !text.contains('.') {
        let pointed = text.replace(',', ".");
        let decimal = parse(&pointed, DecimalComma::Refused)?;
        return match comma {
            DecimalComma::Refused => Err(NumberError::DecimalComma),
            DecimalComma::Accepted if is_like_thousands(text, ',') => Err(doubtful(decimal, text)),
            DecimalComma::Accepted | DecimalComma::Usual => Ok(decimal),
        };
    }
    match text.parse::<f64>() {
        Ok(_) => Err(NumberError::NotFinite),
        Err(_) => Err(grouped(text).map_or(NumberError::NotNumber, NumberError::Grouped)),
    }
}

fn doubtful(decimal: f64, text: &str) -> NumberError {
    let digits = text.replace([',', '.'], "");
    NumberError::Doubtful {
        decimal,
        grouped: digits.parse().unwrap_or(decimal),
    }
}

/// Whether a mark stands where it may begin decimals as well as separate thousands: `1,234`, but not `0,234` or `1,25`.
pub(super) fn is_like_thousands(text: &str, mark: char) -> bool {
    let unsigned = text.trim_start_matches(['-', '+']);
    unsigned.split_once(mark).is_some_and(|(whole, rest)| {
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        (1..=3).contains(&whole.len())
            && !whole.starts_with('0')
            && rest.len() == 3
            && is_digits(whole)
            && is_digits(rest)
    })
}

/// What a number with thousands separators means: `1.234,5`, `1,234.5`, `1'234.5`, `1.234.567`.
fn grouped(text: &str) -> Option<f64> {
    let is_mark =
        |character: char| matches!(character, '.' | ',' | '\'' | '\u{2019}' | ' ' | '\u{a0}');
    let thousands = text.chars().find(|character| is_mark(*character))?;
    let last = text.rsplit(is_mark).next()?;
    let before_last = text.get(..text.len() - last.len())?;
    let mark = before_last.chars().next_back()?;
    let (whole, decimals) = if mark == thousands {
        (text, "")
    } else {
        (before_last.trim_end_matches(mark), last)
    };
    let mut groups = whole.split(thousands);
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next()?.trim_start_matches(['-', '+']);
    let is_grouped = is_digits(first)
        && first.len() <= 3
        && groups.all(|group| group.len() == 3 && is_digits(group))
        && (decimals.is_empty() || is_digits(decimals));
    if !is_grouped {
        return None;
    }
    format!("{}.{decimals}0", whole.replace(thousands, ""))
        .parse()
        .ok()
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
        for text in ["", "12 nmol/L", "0x10", "1.2.3", "--1", "1_000", "1,2,3"] {
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
    }

    #[test]
    fn thousands_are_never_guessed() {
        for text in ["1.234,5", "1,234.5", "1'234.5", "1 234,5"] {
            for comma in [
                DecimalComma::Accepted,
                DecimalComma::Usual,
                DecimalComma::Refused,
            ] {
                assert_eq!(
                    parse(text, comma),
                    Err(NumberError::Grouped(1234.5)),
                    "{text}"
                );
            }
        }
        assert_eq!(
            parse("1.234.567", DecimalComma::Refused),
            Err(NumberError::Grouped(1_234_567.0))
        );
        let doubtful = Err(NumberError::Doubtful {
            decimal: 1.234,
            grouped: 1234.0,
        });
        assert_eq!(parse("1,234", DecimalComma::Accepted), doubtful);
        assert_eq!(parse("1,234", DecimalComma::Usual), Ok(1.234));
        assert_eq!(parse("1.234", DecimalComma::Usual), doubtful);
        assert_eq!(parse("1.234", DecimalComma::Accepted), Ok(1.234));
        assert_eq!(parse("0,234", DecimalComma::Accepted), Ok(0.234));
        assert_eq!(parse("0.234", DecimalComma::Usual), Ok(0.234));
    }
}
