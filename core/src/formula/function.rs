//! The functions that a formula may call.

use super::error::FormulaCause;
use super::expression::{Expression, Sign};
use crate::nearest;

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Log,
    Log2,
    Log10,
    Exp,
    Sqrt,
    Abs,
    Pmin,
    Pmax,
    Scale,
    Factor,
    AsFactor,
    Piecewise,
    AsIs,
    Offset,
}

impl Function {
    const ALL: [Self; 14] = [
        Self::Log,
        Self::Log2,
        Self::Log10,
        Self::Exp,
        Self::Sqrt,
        Self::Abs,
        Self::Pmin,
        Self::Pmax,
        Self::Scale,
        Self::Factor,
        Self::AsFactor,
        Self::Piecewise,
        Self::AsIs,
        Self::Offset,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Log2 => "log2",
            Self::Log10 => "log10",
            Self::Exp => "exp",
            Self::Sqrt => "sqrt",
            Self::Abs => "abs",
            Self::Pmin => "pmin",
            Self::Pmax => "pmax",
            Self::Scale => "scale",
            Self::Factor => "factor",
            Self::AsFactor => "as.factor",
            Self::Piecewise => "piecewise",
            Self::AsIs => "I",
            Self::Offset => "offset",
        }
    }

    pub(super) fn find(name: &str) -> Result<Self, FormulaCause> {
        if let Some(function) = Self::ALL.into_iter().find(|one| one.name() == name) {
            return Ok(function);
        }
        let known = Self::ALL.map(Self::name);
        Err(match instead_of(name) {
            Some(instead) => FormulaCause::LeftOut {
                name: name.to_owned(),
                instead,
            },
            None => FormulaCause::Function {
                name: name.chars().take(64).collect(),
                nearest: nearest(name, known).unwrap_or_default(),
                known: known.join(", "),
            },
        })
    }

    /// Checks the arguments as far as the formula alone tells.
    pub(super) fn check(self, arguments: &[Expression]) -> Result<(), FormulaCause> {
        let (is_right, rule) = match self {
            Self::Log => (
                matches!(arguments.len(), 1 | 2)
                    && arguments.get(1).is_none_or(|base| {
                        number(base).is_some_and(|base| base > 0.0 && base != 1.0)
                    }),
                "a value, and a base as a number more than 0 other than 1 if it is not e",
            ),
            Self::Pmin | Self::Pmax => (arguments.len() > 1, "two or more values"),
            Self::Piecewise => (
                has_rising_knots(arguments.get(1..).unwrap_or_default()),
                "a value and one or more rising numbers, as in piecewise(hours, 0.5, 2)",
            ),
            _ => (arguments.len() == 1, "one value"),
        };
        if is_right {
            Ok(())
        } else {
            Err(FormulaCause::Arguments {
                function: self.name(),
                rule,
            })
        }
    }
}

fn has_rising_knots(arguments: &[Expression]) -> bool {
    let knots: Option<Vec<f64>> = arguments.iter().map(number).collect();
    knots.is_some_and(|knots| {
        !knots.is_empty() && knots.is_sorted_by(|earlier, later| earlier < later)
    })
}

/// The number that an argument is, with its sign.
pub(super) fn number(argument: &Expression) -> Option<f64> {
    match argument {
        Expression::Number(number) => Some(*number),
        Expression::Parenthesised(inner) => number(inner),
        Expression::Signed { sign, operand } => {
            let number = number(operand)?;
            Some(if *sign == Sign::Minus {
                -number
            } else {
                number
            })
        }
        _ => None,
    }
}

/// What to write in place of functions that lme4's users know and that are left out.
fn instead_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "poly" => {
            "write the powers, as in hours + I(hours^2); the fit is the same, the coefficients are of raw powers"
        }
        "ns" | "bs" | "rcs" => "piecewise(hours, 0.5, 2) makes a line that bends at the knots",
        "s" | "te" | "ti" => {
            "smooth terms are of another kind of model; piecewise(hours, 0.5, 2) makes a line that bends"
        }
        "ifelse" | "cut" => "a comparison makes a column of 0 and 1, as in I(hours > 2)",
        "relevel" | "ordered" | "C" => {
            "the first level in order of bytes is the baseline; name the levels so that it is the one wanted"
        }
        "interaction" => "write a:b",
        "cbind" => "one response at a time is modelled",
        "as.numeric" | "as.integer" => "write the column; a column of numbers is one",
        "log1p" => "write log(x + 1)",
        "sin" | "cos" => "make the column in the file",
        _ => return None,
    })
}
