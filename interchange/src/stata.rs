//! Datasets of Stata: format 118, which Stata 14 and later, pandas and R's haven read.
//!
//! Layout after `help dta` of Stata 14: <https://www.stata.com/help.cgi?dta>.

mod layout;

use std::collections::HashSet;
use std::fmt;

/// The longest name, characters.
const LONGEST_NAME: usize = 32;
/// The longest label of a variable or the dataset, characters.
const LONGEST_LABEL: usize = 80;
/// The largest double that is no missing value is just below 2^1023.
const FIRST_MISSING: f64 = f64::from_bits(0x7fe0_0000_0000_0000);

/// Why a number is missing: `.`, or one of `.a` to `.z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing(u8);

impl Missing {
    /// `.`, no reason known.
    pub const SYSTEM: Self = Self(0);

    /// One of the 26 that have a letter, 0 for `.a`; nothing beyond `.z`.
    #[must_use]
    pub fn extended(position: usize) -> Option<Self> {
        let number = u8::try_from(position).ok()?.checked_add(1)?;
        (number <= 26).then_some(Self(number))
    }

    /// As a double: 2^1023, and 2^-12 of it more for each letter.
    const fn bits(self) -> u64 {
        0x7fe0_0000_0000_0000 + ((self.0 as u64) << 40)
    }

    /// As a long, which is what labels of values are bound to.
    const fn long(self) -> i32 {
        0x7fff_ffe5 + self.0 as i32
    }
}

/// The values of a variable, one a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// UTF-8 of any length.
    Text(Vec<String>),
    /// Doubles in full precision.
    Numbers(Vec<Result<f64, Missing>>),
    /// Days since 1960-01-01, shown as dates (`%td`).
    Days(Vec<Result<i32, Missing>>),
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Numbers(values) => values.len(),
            Self::Days(values) => values.len(),
        }
    }
}

/// A variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Up to 32 ASCII letters, digits and `_`, no digit first.
    pub name: String,
    /// Up to 80 characters.
    pub label: String,
    /// The unit, kept as the characteristic `unit`; empty for none.
    pub unit: String,
    /// What it holds.
    pub values: Values,
    /// Whether its missing values carry the labels of [`Dataset::missing`].
    pub has_reasons: bool,
}

/// What Stata would not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StataError {
    /// A name outside the rule.
    #[error(
        "variable {name}: is no name of 1 to 32 ASCII letters, digits and _ that begins with no digit"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// One name twice.
    #[error("variable {name}: stands twice")]
    NameTwice {
        /// The name.
        name: String,
    },
    /// More variables than can be numbered.
    #[error("{count} variables: a dataset has at most 32,767")]
    TooMany {
        /// How many.
        count: usize,
    },
    /// A label that would be cut.
    #[error("label {label}: has more than 80 characters")]
    Label {
        /// The label.
        label: String,
    },
    /// Columns of unequal length.
    #[error("variable {name}: has {rows} rows where the first has {expected}")]
    Rows {
        /// The variable.
        name: String,
        /// Its rows.
        rows: usize,
        /// Those of the first.
        expected: usize,
    },
    /// A double that means something else in Stata.
    #[error(
        "variable {name}, row {row}: {value} is outside the numbers of Stata, below 2^1023 in size"
    )]
    Number {
        /// The variable.
        name: String,
        /// The row, from 1.
        row: usize,
        /// The value.
        value: String,
    },
    /// A text that would end early.
    #[error("variable {name}, row {row}: the text holds the character U+0000")]
    Text {
        /// The variable.
        name: String,
        /// The row, from 1.
        row: usize,
    },
}

/// Variables of equal length under names that Stata takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    label: String,
    note: String,
    variables: Vec<Variable>,
    missing: Vec<(Missing, String)>,
    rows: usize,
}

impl Dataset {
    /// A dataset with a label, a note, and what its missing values mean.
    ///
    /// # Errors
    /// The first variable, label or value that Stata would not take as it stands: nothing is cut or renamed.
    pub fn new(
        label: impl Into<String>,
        note: impl Into<String>,
        variables: Vec<Variable>,
        missing: Vec<(Missing, String)>,
    ) -> Result<Self, StataError> {
        let label = label.into();
        check_label(&label)?;
        if variables.len() > 32_767 {
            let count = variables.len();
            return Err(StataError::TooMany { count });
        }
        let rows = variables.first().map_or(0, |first| first.values.len());
        let mut names = HashSet::new();
        for variable in &variables {
            check(variable, rows)?;
            if !names.insert(variable.name.as_str()) {
                let name = variable.name.clone();
                return Err(StataError::NameTwice { name });
            }
        }
        Ok(Self {
            label,
            note: note.into(),
            variables,
            missing,
            rows,
        })
    }

    /// The file. The same dataset makes the same bytes: it holds no time.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        layout::bytes(self)
    }
}

fn check(variable: &Variable, expected: usize) -> Result<(), StataError> {
    let name = || variable.name.clone();
    let is_named = variable.name.len() <= LONGEST_NAME
        && variable
            .name
            .starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && variable
            .name
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || one == '_');
    if !is_named {
        return Err(StataError::Name { name: name() });
    }
    check_label(&variable.label)?;
    let rows = variable.values.len();
    if rows != expected {
        let name = name();
        return Err(StataError::Rows {
            name,
            rows,
            expected,
        });
    }
    match &variable.values {
        Values::Text(values) => match (1..).zip(values).find(|(_, text)| text.contains('\0')) {
            Some((row, _)) => Err(StataError::Text { name: name(), row }),
            None => Ok(()),
        },
        Values::Numbers(values) => {
            let outside = |value: &Result<f64, Missing>| value.is_ok_and(|value| !is_number(value));
            match (1..).zip(values).find(|(_, value)| outside(value)) {
                Some((row, value)) => Err(StataError::Number {
                    name: name(),
                    row,
                    value: value.map_or_else(|_| String::new(), |value| value.to_string()),
                }),
                None => Ok(()),
            }
        }
        Values::Days(_) => Ok(()),
    }
}

fn is_number(value: f64) -> bool {
    value.is_finite() && value.abs() < FIRST_MISSING
}

fn check_label(label: &str) -> Result<(), StataError> {
    if label.chars().count() > LONGEST_LABEL || label.contains('\0') {
        let label = label.to_owned();
        return Err(StataError::Label { label });
    }
    Ok(())
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(".")?;
        match self.0.checked_sub(1) {
            Some(letter) => write!(f, "{}", char::from(b'a' + letter)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(name: &str, values: Vec<Result<f64, Missing>>) -> Variable {
        Variable {
            name: name.to_owned(),
            label: String::new(),
            unit: String::new(),
            values: Values::Numbers(values),
            has_reasons: false,
        }
    }

    fn refusal(variables: Vec<Variable>) -> Option<String> {
        let refused = Dataset::new("", "", variables, Vec::new()).err();
        refused.map(|error| error.to_string())
    }

    #[test]
    fn missing_values_are_the_numbers_that_stata_keeps_for_them() {
        // From `help dta`, "Missing values": . is 7fe0000000000000 and 2147483621, .a 7fe0010000000000, .z 7fe01a0000000000.
        let a = Missing::extended(0);
        assert_eq!(Missing::SYSTEM.bits(), 0x7fe0_0000_0000_0000);
        assert_eq!(Missing::SYSTEM.long(), 2_147_483_621);
        assert_eq!(a.map(Missing::bits), Some(0x7fe0_0100_0000_0000));
        assert_eq!(
            Missing::extended(25).map(Missing::bits),
            Some(0x7fe0_1a00_0000_0000)
        );
        assert_eq!(Missing::extended(25).map(Missing::long), Some(i32::MAX));
        assert_eq!(Missing::extended(26), None);
        assert_eq!(a.map(|a| a.to_string()).as_deref(), Some(".a"));
        assert_eq!(Missing::SYSTEM.bits(), FIRST_MISSING.to_bits());
        assert_eq!(FIRST_MISSING.log2().to_bits(), 1023_f64.to_bits());
    }

    #[test]
    fn what_stata_would_not_take_is_refused() {
        assert_eq!(
            refusal(vec![number("slope_ln_per_h", vec![Ok(-0.1)])]),
            None
        );
        for (name, is_good) in [("a b", false), ("1a", false), ("", false), ("_a1", true)] {
            assert_eq!(
                refusal(vec![number(name, Vec::new())]).is_none(),
                is_good,
                "{name}"
            );
        }
        assert!(refusal(vec![number(&"n".repeat(33), Vec::new())]).is_some());
        let twice = vec![number("a", Vec::new()), number("a", Vec::new())];
        assert_eq!(refusal(twice).as_deref(), Some("variable a: stands twice"));
        let unequal = vec![number("a", vec![Ok(1.0)]), number("b", Vec::new())];
        assert_eq!(
            refusal(unequal).as_deref(),
            Some("variable b: has 0 rows where the first has 1")
        );
        for value in [f64::NAN, f64::INFINITY, FIRST_MISSING] {
            assert!(
                refusal(vec![number("a", vec![Ok(1.0), Ok(value)])]).is_some(),
                "{value}"
            );
        }
    }
}
