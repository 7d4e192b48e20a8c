//! The syntax tree of a formula. Printed, it is what R's `deparse` makes of it, and reads back as the same tree.

use std::fmt;

use super::function::Function;
use super::token::is_of_name;

/// A side of a formula, or a part of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    Number(f64),
    Text(String),
    Name(String),
    Call {
        function: Function,
        arguments: Vec<Expression>,
    },
    Signed {
        sign: Sign,
        operand: Box<Expression>,
    },
    Binary {
        operator: Operator,
        left: Box<Expression>,
        right: Box<Expression>,
    },
    /// Parentheses are kept: they are part of the names of columns.
    Parenthesised(Box<Expression>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Plus,
    Minus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Bar,
    DoubleBar,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Plus,
    Minus,
    Times,
    Over,
    In,
    Colon,
    Power,
}

impl Operator {
    pub(super) const ALL: [Self; 15] = [
        Self::Bar,
        Self::DoubleBar,
        Self::Equal,
        Self::Unequal,
        Self::Less,
        Self::LessOrEqual,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Plus,
        Self::Minus,
        Self::Times,
        Self::Over,
        Self::In,
        Self::Colon,
        Self::Power,
    ];

    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Bar => "|",
            Self::DoubleBar => "||",
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Times => "*",
            Self::Over => "/",
            Self::In => "%in%",
            Self::Colon => ":",
            Self::Power => "^",
        }
    }

    /// How strongly it binds; R's order. A sign before an operand binds at [`SIGN_BINDS`].
    pub(super) const fn binds(self) -> u8 {
        match self {
            Self::Bar | Self::DoubleBar => 1,
            Self::Equal
            | Self::Unequal
            | Self::Less
            | Self::LessOrEqual
            | Self::Greater
            | Self::GreaterOrEqual => 2,
            Self::Plus | Self::Minus => 3,
            Self::Times | Self::Over => 4,
            Self::In => 5,
            Self::Colon => 6,
            Self::Power => 8,
        }
    }

    pub(super) const fn is_comparison(self) -> bool {
        self.binds() == 2
    }

    /// R sets these close to their operands.
    const fn is_close(self) -> bool {
        matches!(self, Self::Over | Self::Colon | Self::Power)
    }
}

/// A sign binds more than `:` and less than `^`, as in R: `-x^2` is -(x^2).
pub(super) const SIGN_BINDS: u8 = 7;

impl Expression {
    /// The expression within any parentheses around it.
    pub(super) fn bare(&self) -> &Self {
        match self {
            Self::Parenthesised(inner) => inner.bare(),
            _ => self,
        }
    }

    /// The first call of a function in it.
    pub(super) fn call_of(&self, wanted: Function) -> Option<&Self> {
        match self {
            Self::Name(_) | Self::Number(_) | Self::Text(_) => None,
            Self::Call { function, .. } if *function == wanted => Some(self),
            Self::Call { arguments, .. } => {
                let mut each = arguments.iter();
                each.find_map(|argument| argument.call_of(wanted))
            }
            Self::Signed { operand, .. } => operand.call_of(wanted),
            Self::Parenthesised(inner) => inner.call_of(wanted),
            Self::Binary { left, right, .. } => {
                left.call_of(wanted).or_else(|| right.call_of(wanted))
            }
        }
    }

    /// Calls `visit` with the name of every column.
    pub(super) fn for_each_name<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        match self {
            Self::Name(name) => visit(name),
            Self::Number(_) | Self::Text(_) => {}
            Self::Call { arguments, .. } => {
                for argument in arguments {
                    argument.for_each_name(visit);
                }
            }
            Self::Signed { operand, .. } => operand.for_each_name(visit),
            Self::Parenthesised(inner) => inner.for_each_name(visit),
            Self::Binary { left, right, .. } => {
                left.for_each_name(visit);
                right.for_each_name(visit);
            }
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => f.write_str(&shown(*number)),
            Self::Text(text) => {
                let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
                write!(f, "\"{escaped}\"")
            }
            Self::Name(name) if is_syntactic(name) => f.write_str(name),
            Self::Name(name) => write!(f, "`{name}`"),
            Self::Call {
                function,
                arguments,
            } => {
                write!(f, "{}(", function.name())?;
                for (position, argument) in arguments.iter().enumerate() {
                    let separator = if position == 0 { "" } else { ", " };
                    write!(f, "{separator}{argument}")?;
                }
                f.write_str(")")
            }
            Self::Signed { sign, operand } => {
                let sign = if *sign == Sign::Minus { "-" } else { "+" };
                write!(f, "{sign}{operand}")
            }
            Self::Binary {
                operator,
                left,
                right,
            } if operator.is_close() => write!(f, "{left}{}{right}", operator.text()),
            Self::Binary {
                operator,
                left,
                right,
            } => write!(f, "{left} {} {right}", operator.text()),
            Self::Parenthesised(inner) => write!(f, "({inner})"),
        }
    }
}

fn is_syntactic(name: &str) -> bool {
    let mut characters = name.chars();
    let first = characters.next().unwrap_or('0');
    let second = characters.next().unwrap_or('a');
    let begins =
        first.is_alphabetic() || first == '_' || (first == '.' && !second.is_ascii_digit());
    begins && name != "." && name.chars().all(is_of_name)
}

/// A number as R writes it: the shorter of fixed and scientific notation, fixed when equal.
pub(crate) fn shown(number: f64) -> String {
    let fixed = format!("{number}");
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    let scientific = format!("{digits}e{sign}{exponent:0>2}");
    if fixed.len() <= scientific.len() {
        fixed
    } else {
        scientific
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_are_written_as_r_writes_them() {
        // R 4.2: sapply(c(2, .5, 1e5, 123456, 1e-4, .001, 1e15), deparse)
        let numbers = [2.0, 0.5, 1e5, 123_456.0, 1e-4, 0.001, 1e15];
        let shown = numbers.map(super::shown);
        assert_eq!(
            shown,
            ["2", "0.5", "1e+05", "123456", "1e-04", "0.001", "1e+15"]
        );
    }
}
