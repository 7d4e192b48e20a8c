//! Models in lme4's notation, and the designs that tables make of them.
//!
//! `log(cortisol) ~ hours * sex + car + (hours | subject) + (1 | subject:day)`: a response, fixed effects, and random
//! terms in parentheses. Terms, contrasts and the names of coefficients follow R; `docs/methods.md` lists what is
//! supported.
//!
//! References: Bates, Maechler, Bolker & Walker 2015, Journal of Statistical Software 67(1), doi:10.18637/jss.v067.i01.

mod call;
mod coding;
mod compare;
mod curve;
mod error;
mod evaluate;
mod expression;
mod function;
mod grouping;
mod mergeable;
mod model;
mod parser;
mod prepare;
mod refusal;
mod selection;
mod terms;
mod token;
mod value;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

pub use curve::{Curve, Held};
pub use error::{FormulaCause, FormulaError};
pub use mergeable::{BeyondLimits, MergeableModel, PersonSums};
pub use prepare::Prepared;
pub use refusal::PrepareError;
pub use selection::MissingValues;

use crate::frame::Frame;
use expression::Expression;
use model::Model;

/// A formula that was understood. Printed, it is in R's spelling, and reads back as the same formula.
///
/// ```
/// use diel_core::formula::Formula;
/// use diel_core::frame::{Frame, FrameColumn, Labels};
///
/// let formula = Formula::parse("log(y)~hours*sex+(1|subject)")?;
/// assert_eq!(formula.to_string(), "log(y) ~ hours * sex + (1 | subject)");
///
/// let mut frame = Frame::new(6);
/// frame.push("y", FrameColumn::numbers(vec![9.0, 4.0, 8.0, 3.0, 7.0, 5.0]))?;
/// frame.push("hours", FrameColumn::numbers(vec![0.0, 9.0, 0.0, 9.0, 0.0, 9.0]))?;
/// frame.push("sex", Labels::from_texts(["m", "m", "f", "f", "f", "f"].map(Some)).into())?;
/// frame.push("subject", Labels::from_texts(["a", "a", "b", "b", "c", "c"].map(Some)).into())?;
/// let design = formula.design(&frame)?.design;
/// let names: Vec<&str> = design.parts().fixed.iter().map(|column| column.name.as_str()).collect();
/// assert_eq!(names, ["(Intercept)", "hours", "sexm", "hours:sexm"]);
/// assert_eq!(*design.parts().fixed[3].values, [0.0, 9.0, 0.0, 0.0, 0.0, 0.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    response: Expression,
    predictor: Expression,
    model: Model,
}

impl Formula {
    /// Reads a formula.
    ///
    /// # Errors
    /// [`FormulaError`] says what is wrong and where. Formulas of more than 10,000 characters, 200 operators within each
    /// other, 128 variables or 500 terms are refused.
    pub fn parse(text: &str) -> Result<Self, FormulaError> {
        let sides = parser::parse(text)?;
        let refused = |cause| FormulaError::whole(text, cause);
        let model = Model::new(&sides.predictor).map_err(refused)?;
        if model.fixed.variables.contains(sides.response.bare()) {
            return Err(refused(FormulaCause::ResponseExplained {
                part: sides.response.to_string(),
            }));
        }
        Ok(Self {
            response: sides.response,
            predictor: sides.predictor,
            model,
        })
    }

    /// The names of all columns that the formula needs, each once, in order of letters.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let mut names = BTreeSet::new();
        self.response.for_each_name(&mut |name| {
            names.insert(name);
        });
        self.predictor.for_each_name(&mut |name| {
            names.insert(name);
        });
        names.into_iter()
    }

    /// The names of columns that only tell groups apart, whose values are codes even where they look like numbers.
    pub fn grouping_columns(&self) -> impl Iterator<Item = &str> {
        let mut groups = BTreeSet::new();
        let mut others = BTreeSet::new();
        self.response.for_each_name(&mut |name| {
            others.insert(name);
        });
        let random = self.model.random.iter();
        let varying = random.clone().flat_map(|part| &part.terms.variables);
        let measured = self.model.fixed.variables.iter();
        for expression in measured.chain(&self.model.offsets).chain(varying) {
            expression.for_each_name(&mut |name| {
                others.insert(name);
            });
        }
        for group in random.flat_map(|part| &part.group) {
            if let Expression::Name(name) = group {
                groups.insert(name.as_str());
            }
        }
        groups
            .into_iter()
            .filter(move |name| !others.contains(name))
    }

    /// The names of the columns that fixed effects, offsets and random slopes are made of, in order of letters.
    fn predictor_columns(&self) -> impl Iterator<Item = &str> {
        let mut names = BTreeSet::new();
        let random = self.model.random.iter();
        let varying = random.flat_map(|part| &part.terms.variables);
        let fixed = self.model.fixed.variables.iter();
        for expression in fixed.chain(&self.model.offsets).chain(varying) {
            expression.for_each_name(&mut |name| {
                names.insert(name);
            });
        }
        names.into_iter()
    }

    /// Whether the formula has a random term.
    #[must_use]
    pub fn is_mixed(&self) -> bool {
        !self.model.random.is_empty()
    }

    /// Applies the formula to a table.
    ///
    /// Rows without a value for every variable are left out and counted. A censored response stays censored.
    ///
    /// # Errors
    /// [`PrepareError`] says which column, row or expression does not fit.
    pub fn design(&self, frame: &Frame) -> Result<Prepared, PrepareError> {
        prepare::prepare(self, frame, None)
    }

    /// The same with prior weights from a column: the residual variance of a row is sigma^2 / weight.
    ///
    /// # Errors
    /// [`PrepareError`], also for a weight that is not more than 0.
    pub fn weighted_design(&self, frame: &Frame, weights: &str) -> Result<Prepared, PrepareError> {
        prepare::prepare(self, frame, Some(weights))
    }

    /// The model along one column, at `points` values from its least to its greatest in the rows of the design that was made
    /// of the table; the others held at what is given, else at their mean or first label.
    ///
    /// # Errors
    /// [`PrepareError`] for a column that the right-hand side does not have, and for a value that no row has where it
    /// needs one, such as an unknown label.
    pub fn curve(
        &self,
        frame: &Frame,
        prepared: &Prepared,
        along: &str,
        points: usize,
        at: &[(String, String)],
    ) -> Result<Curve, PrepareError> {
        curve::curve(self, frame, prepared, along, points, at)
    }

    const fn response(&self) -> &Expression {
        &self.response
    }

    const fn model(&self) -> &Model {
        &self.model
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ~ {}", self.response, self.predictor)
    }
}

impl FromStr for Formula {
    type Err = FormulaError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}
