//! Why a text is not a formula, and where.

use std::fmt;

use thiserror::Error;

/// A formula that cannot be read. Its text shows the formula with a caret under the place, where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct FormulaError {
    formula: String,
    /// Characters before the place.
    place: Option<usize>,
    cause: FormulaCause,
}

/// As much of a formula as an error repeats, in characters.
const LONGEST_QUOTE: usize = 400;

impl FormulaError {
    pub(super) fn at(formula: &str, byte: usize, cause: FormulaCause) -> Self {
        let before = formula.get(..byte).unwrap_or(formula);
        Self {
            formula: formula.to_owned(),
            place: Some(before.chars().count()),
            cause,
        }
    }

    pub(super) fn whole(formula: &str, cause: FormulaCause) -> Self {
        Self {
            formula: formula.to_owned(),
            place: None,
            cause,
        }
    }

    /// What is wrong.
    #[must_use]
    pub const fn cause(&self) -> &FormulaCause {
        &self.cause
    }

    /// The position of the character at fault, from 1; `None` where the formula as a whole is at fault.
    #[must_use]
    pub fn position(&self) -> Option<usize> {
        self.place.map(|place| place + 1)
    }
}

impl fmt::Display for FormulaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(place) = self.place else {
            return write!(f, "{}", self.cause);
        };
        write!(f, "character {}: {}", place + 1, self.cause)?;
        if self.formula.chars().nth(LONGEST_QUOTE).is_none() {
            // One line, so that the caret stands under its place.
            let blank = |character: char| {
                if character.is_control() {
                    ' '
                } else {
                    character
                }
            };
            let line: String = self.formula.chars().map(blank).collect();
            write!(f, "\n  {line}\n  {:place$}^", "")?;
        }
        Ok(())
    }
}

/// What is wrong with a formula.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FormulaCause {
    /// More text than any model needs.
    #[error("the formula has more than {most} characters")]
    TooLong {
        /// The most accepted.
        most: usize,
    },
    /// Parentheses or operators within operators without end.
    #[error("operators and parentheses stand more than {most} deep in each other")]
    TooDeep {
        /// The most accepted.
        most: usize,
    },
    /// Interactions multiply.
    #[error("the formula makes more than {most} terms")]
    TooManyTerms {
        /// The most accepted.
        most: usize,
    },
    /// More than fit into a term.
    #[error("the formula has more than {most} variables")]
    TooManyVariables {
        /// The most accepted.
        most: usize,
    },
    /// A character that no formula has.
    #[error("`{character}` has no meaning in a formula")]
    Character {
        /// The character.
        character: char,
    },
    /// A quote or backtick that is not closed.
    #[error("the {quote} is not closed")]
    Unclosed {
        /// The mark.
        quote: char,
    },
    /// Not a finite number.
    #[error("`{text}` is not a number")]
    Number {
        /// What stands there.
        text: String,
    },
    /// Something else is needed here.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What may stand here.
        expected: &'static str,
        /// What stands here.
        found: String,
    },
    /// No response before the tilde.
    #[error(
        "the formula has no response; write it before `~`, as in log(cortisol) ~ hours + (hours | subject)"
    )]
    NoResponse,
    /// A function that is not known.
    #[error("there is no function `{name}`; did you mean `{nearest}`? Known are {known}")]
    Function {
        /// What stands there.
        name: String,
        /// The known name most like it.
        nearest: &'static str,
        /// All names.
        known: String,
    },
    /// A function of R that is left out.
    #[error("`{name}` is not supported; {instead}")]
    LeftOut {
        /// The function.
        name: String,
        /// What to write.
        instead: &'static str,
    },
    /// Too few, too many, or the wrong kind of arguments.
    #[error("{function} takes {rule}")]
    Arguments {
        /// The function.
        function: &'static str,
        /// What it takes.
        rule: &'static str,
    },
    /// `.` for all other columns.
    #[error("`.` for all other columns is not supported; name the columns")]
    Dot,
    /// A number, text or operator that makes no term.
    #[error("`{part}` is not a term; {hint}")]
    Term {
        /// What stands there.
        part: String,
        /// What to write.
        hint: &'static str,
    },
    /// A random term that is not a summand.
    #[error(
        "the random term `{part}` must stand in parentheses and be added, as in ~ hours + (hours | subject)"
    )]
    RandomPlace {
        /// What stands there.
        part: String,
    },
    /// Nothing varies between the levels.
    #[error(
        "the random term `{part}` has nothing that varies; write (1 | subject) for an intercept"
    )]
    RandomEmpty {
        /// What stands there.
        part: String,
    },
    /// Not a grouping factor.
    #[error("`{part}` is not a grouping factor; write a column, subject:day or subject/day")]
    Group {
        /// What stands there.
        part: String,
    },
    /// An offset within a product or a random term.
    #[error("the offset `{part}` must be added to the fixed effects, as in ~ hours + offset(x)")]
    OffsetPlace {
        /// What stands there.
        part: String,
    },
    /// The response explains itself.
    #[error(
        "the response `{part}` is also on the right-hand side; a response cannot explain itself"
    )]
    ResponseExplained {
        /// The response.
        part: String,
    },
}
