//! A formula and a table make a design.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::Formula;
use super::coding::{Coding, Variable};
use super::evaluate::{Evaluator, first_level};
use super::expression::Expression;
use super::grouping::{group_name, grouping};
use super::model::Model;
use super::refusal::PrepareError;
use super::selection::{MissingValues, Selection};
use super::value::{Factor, Value, complete};
use crate::frame::Frame;
use crate::mixed::{Design, DesignError, DesignParts, Grouping, Observed, RandomTerm};

/// More columns than any fit here can use.
const MOST_COLUMNS: usize = 1000;
/// 2 GiB of doubles.
const MOST_NUMBERS: usize = 1 << 28;

/// A design, and what was left out on the way to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// What can be fitted.
    pub design: Design,
    /// Rows that miss the value of a variable.
    pub rows_left_out: usize,
    /// The variables that miss values, with how many.
    pub missing: Vec<MissingValues>,
    /// The table's number of each row of the design, from 1; `None` when no row is left out.
    pub rows: Option<Vec<usize>>,
}

/// Makes the design.
pub(super) fn prepare(
    formula: &Formula,
    frame: &Frame,
    weights: Option<&str>,
) -> Result<Prepared, PrepareError> {
    let model = formula.model();
    if model.random.is_empty() {
        return Err(DesignError::NoRandomTerm.into());
    }
    let mut names: BTreeSet<&str> = formula.columns().collect();
    names.extend(weights);
    let selection = Selection::new(frame, &names)?;
    let preparation = Preparation::new(formula, frame, &selection);
    let variables = preparation.variables()?;
    let mut coding = Coding::new(selection.rows(), &variables);
    preparation.check_size(&coding)?;
    let parts = preparation.parts(&mut coding)?;
    let design = Design::new(DesignParts {
        weights: weights
            .map(|column| preparation.weights(column))
            .transpose()?,
        ..parts
    })?;
    Ok(Prepared {
        design,
        rows_left_out: selection.left_out(),
        rows: selection.numbers(),
        missing: selection.missing,
    })
}

/// The parts of a design of any rows, few as they may be: of one person, or none.
pub(super) fn parts_of_any(
    formula: &Formula,
    frame: &Frame,
    allowed: impl Fn(&Expression, &Variable) -> Result<(), PrepareError>,
) -> Result<(DesignParts, usize), PrepareError> {
    let selection = Selection::of_any(frame, &formula.columns().collect())?;
    let preparation = Preparation::new(formula, frame, &selection);
    let variables = variables(
        formula.model(),
        &preparation.evaluator,
        |whole, variable| {
            allowed(whole, &variable)?;
            Ok(selection.of_variable(variable))
        },
    )?;
    preparation.check_uncorrelated(&variables)?;
    let mut coding = Coding::new(selection.rows(), &variables);
    Ok((preparation.parts(&mut coding)?, selection.left_out()))
}

/// Every variable of a fixed or random term, by its text, so that what is the same is made and kept once; of the rows that
/// `cut` leaves.
pub(super) fn variables(
    model: &Model,
    evaluator: &Evaluator<'_>,
    cut: impl Fn(&Expression, Variable) -> Result<Variable, PrepareError>,
) -> Result<HashMap<String, Variable>, PrepareError> {
    let of_random = model.random.iter().map(|part| &part.terms);
    let mut variables = HashMap::new();
    for terms in std::iter::once(&model.fixed).chain(of_random) {
        for term in &terms.terms {
            for (_, expression) in terms.variables_of(*term) {
                if let Entry::Vacant(place) = variables.entry(expression.to_string()) {
                    place.insert(cut(expression, variable(evaluator, expression)?)?);
                }
            }
        }
    }
    Ok(variables)
}

/// A variable on all rows.
fn variable(evaluator: &Evaluator<'_>, expression: &Expression) -> Result<Variable, PrepareError> {
    Ok(match evaluator.value(expression)? {
        Value::Labels(labels) => Variable::Factor(Factor::sorted(&labels, evaluator.is_complete)),
        Value::Factor(found) => Variable::Factor(found),
        Value::Truths(values) => Variable::Factor(Factor::of_truths(&values)),
        Value::Columns(columns) => Variable::Numbers(
            (1..)
                .zip(columns)
                .map(|(number, values)| (number.to_string(), values))
                .collect(),
        ),
        _ => Variable::Numbers(vec![(String::new(), evaluator.numbers(expression)?)]),
    })
}

struct Preparation<'a> {
    formula: &'a Formula,
    evaluator: Evaluator<'a>,
    selection: &'a Selection,
}

impl<'a> Preparation<'a> {
    fn new(formula: &'a Formula, frame: &'a Frame, selection: &'a Selection) -> Self {
        Self {
            formula,
            evaluator: Evaluator {
                frame,
                is_complete: selection.is_complete(),
                scaled_rows: frame.rows(),
            },
            selection,
        }
    }

    fn variables(&self) -> Result<HashMap<String, Variable>, PrepareError> {
        let model = self.formula.model();
        let variables = variables(model, &self.evaluator, |_, variable| {
            Ok(self.selection.of_variable(variable))
        })?;
        self.check_uncorrelated(&variables)?;
        Ok(variables)
    }

    /// All but the weights.
    fn parts(&self, coding: &mut Coding<'_>) -> Result<DesignParts, PrepareError> {
        let (response, observed) = self.response()?;
        let fixed = coding.columns(&self.formula.model().fixed)?;
        let (groupings, random) = self.random(coding)?;
        Ok(DesignParts {
            response_name: self.formula.response().to_string(),
            response,
            observed,
            fixed,
            offset: self.offset()?,
            weights: None,
            groupings,
            random,
        })
    }

    fn response(&self) -> Result<(Vec<f64>, Option<Vec<Observed>>), PrepareError> {
        let response = self.formula.response();
        match self.evaluator.value(response)? {
            Value::Measured { values, observed } => Ok((
                self.selection.kept(&values).to_vec(),
                Some(self.selection.kept(&observed).to_vec()),
            )),
            value @ (Value::Labels(_) | Value::Factor(_) | Value::Text(_)) => {
                Err(PrepareError::ResponseNotNumeric {
                    response: response.to_string(),
                    value: first_level(&value),
                })
            }
            _ => {
                let values = self.evaluator.numbers(response)?;
                Ok((self.selection.kept(&values).to_vec(), None))
            }
        }
    }

    fn check_uncorrelated(
        &self,
        variables: &HashMap<String, Variable>,
    ) -> Result<(), PrepareError> {
        let parts = self.formula.model().random.iter();
        for part in parts.filter(|part| part.is_uncorrelated) {
            for term in &part.terms.terms {
                for (_, expression) in part.terms.variables_of(*term) {
                    let text = expression.to_string();
                    if let Some(Variable::Factor(_)) = variables.get(&text) {
                        return Err(PrepareError::FactorUncorrelated { factor: text });
                    }
                }
            }
        }
        Ok(())
    }

    /// Refuses what would not fit, before it is made.
    fn check_size(&self, coding: &Coding<'_>) -> Result<(), PrepareError> {
        let model = self.formula.model();
        let rows = self.selection.rows();
        let fixed = coding.count(&model.fixed);
        if fixed == 0 {
            return Err(PrepareError::NoFixedEffect);
        }
        if fixed >= rows {
            let columns = fixed;
            return Err(PrepareError::MoreColumnsThanRows { columns, rows });
        }
        let random = model.random.iter().map(|part| coding.count(&part.terms));
        let columns = random.fold(fixed, usize::saturating_add);
        if columns > MOST_COLUMNS || columns.saturating_mul(rows) > MOST_NUMBERS {
            return Err(PrepareError::TooManyColumns {
                columns,
                rows,
                most: MOST_COLUMNS,
                most_numbers: MOST_NUMBERS,
            });
        }
        Ok(())
    }

    fn random(
        &self,
        coding: &mut Coding<'_>,
    ) -> Result<(Vec<Grouping>, Vec<RandomTerm>), PrepareError> {
        let mut groupings: Vec<Grouping> = Vec::new();
        let mut random = Vec::new();
        for part in &self.formula.model().random {
            let name = group_name(&part.group);
            let known = groupings.iter().position(|known| known.name == name);
            let number = known.unwrap_or(groupings.len());
            if known.is_none() {
                groupings.push(grouping(&part.group, &self.evaluator, self.selection)?);
            }
            random.push(RandomTerm {
                grouping: number,
                columns: coding.columns(&part.terms)?,
            });
        }
        Ok((groupings, random))
    }

    /// The sum of the offsets.
    fn offset(&self) -> Result<Option<Vec<f64>>, PrepareError> {
        let mut sum: Option<Vec<f64>> = None;
        for offset in &self.formula.model().offsets {
            let values = self.evaluator.numbers(offset)?;
            let values = self.selection.kept(&values);
            match &mut sum {
                None => sum = Some(values.to_vec()),
                Some(sum) => {
                    for (sum, value) in sum.iter_mut().zip(&*values) {
                        *sum += value;
                    }
                }
            }
        }
        Ok(sum)
    }

    fn weights(&self, column: &str) -> Result<Vec<f64>, PrepareError> {
        let expression = Expression::Name(column.to_owned());
        let values: Arc<[f64]> = self.evaluator.numbers(&expression)?;
        let mut rows = complete(&values, self.selection.is_complete());
        if let Some((value, row)) = rows.find(|(value, _)| **value <= 0.0) {
            return Err(PrepareError::Weight {
                column: column.to_owned(),
                row: row + 1,
                value: *value,
            });
        }
        Ok(self.selection.kept(&values).to_vec())
    }
}
