//! Arithmetic of expressions on the columns of a table.

use std::sync::Arc;

use super::compare::compare;
use super::expression::{Expression, Operator, Sign};
use super::refusal::PrepareError;
use super::value::{Value, complete};
use crate::frame::{Frame, FrameColumn};
use crate::mixed::Observed;
use crate::nearest;

/// As many columns as an error lists.
const LISTED: usize = 30;

/// Evaluates expressions on all rows of a table. Rows that miss a value of any variable of the model are computed where
/// they can be, as R does, but never refused.
pub(super) struct Evaluator<'a> {
    pub(super) frame: &'a Frame,
    pub(super) is_complete: &'a [bool],
    /// As many rows, from the first, give `scale` its mean and standard deviation.
    pub(super) scaled_rows: usize,
}

impl Evaluator<'_> {
    pub(super) fn value(&self, expression: &Expression) -> Result<Value, PrepareError> {
        match expression {
            Expression::Number(number) => Ok(Value::Number(*number)),
            Expression::Text(text) => Ok(Value::Text(text.clone())),
            Expression::Name(name) => self.column(name),
            Expression::Parenthesised(inner) => self.value(inner),
            Expression::Signed { sign, operand } => {
                let value = self.value(operand)?;
                if *sign == Sign::Plus {
                    return Ok(value);
                }
                self.map(value, operand, expression, |value| -value)
            }
            Expression::Binary {
                operator,
                left,
                right,
            } if operator.is_comparison() => {
                let (of_left, of_right) = (self.value(left)?, self.value(right)?);
                let of_left = self.exact(of_left, left)?;
                let of_right = self.exact(of_right, right)?;
                compare(*operator, &of_left, &of_right).ok_or_else(|| PrepareError::Comparison {
                    part: expression.to_string(),
                })
            }
            Expression::Binary {
                operator,
                left,
                right,
            } => self.arithmetic(expression, *operator, left, right),
            Expression::Call {
                function,
                arguments,
            } => self.call(expression, *function, arguments),
        }
    }

    /// The numbers of an expression, one a row.
    pub(super) fn numbers(&self, expression: &Expression) -> Result<Arc<[f64]>, PrepareError> {
        let value = self.value(expression)?;
        match self.operand(value, expression)? {
            Operand::All(number) => Ok(vec![number; self.frame.rows()].into()),
            Operand::Each(values) => Ok(values),
        }
    }

    fn column(&self, name: &str) -> Result<Value, PrepareError> {
        match self.frame.column(name) {
            Some(FrameColumn::Numbers(values)) => Ok(Value::Numbers(Arc::clone(values))),
            Some(FrameColumn::Labels(labels)) => Ok(Value::Labels(labels.clone())),
            Some(FrameColumn::Concentrations(concentrations)) => {
                let values = Arc::clone(concentrations.values());
                let observed = Arc::clone(concentrations.observed());
                let is_exact = complete(&observed, self.is_complete)
                    .all(|(observed, _)| *observed == Observed::Exactly);
                Ok(if is_exact {
                    Value::Numbers(values)
                } else {
                    Value::Measured { values, observed }
                })
            }
            None => Err(unknown_column(self.frame, name)),
        }
    }

    fn arithmetic(
        &self,
        whole: &Expression,
        operator: Operator,
        left: &Expression,
        right: &Expression,
    ) -> Result<Value, PrepareError> {
        let compute: fn(f64, f64) -> f64 = match operator {
            Operator::Plus => |a, b| a + b,
            Operator::Minus => |a, b| a - b,
            Operator::Times => |a, b| a * b,
            Operator::Over => |a, b| a / b,
            // R has NaN^0 = 1, which would make a missing value known.
            Operator::Power => |a, b| if a.is_nan() { a } else { a.powf(b) },
            _ => {
                return Err(PrepareError::NotArithmetic {
                    part: whole.to_string(),
                });
            }
        };
        let (of_left, of_right) = (self.value(left)?, self.value(right)?);
        match (&of_left, &of_right) {
            (Value::Measured { .. }, Value::Number(scale))
                if *scale > 0.0 && matches!(operator, Operator::Times | Operator::Over) =>
            {
                return self.rising(of_left, left, whole, |value| compute(value, *scale));
            }
            (Value::Number(scale), Value::Measured { .. })
                if *scale > 0.0 && operator == Operator::Times =>
            {
                return self.rising(of_right, right, whole, |value| compute(*scale, value));
            }
            _ => {}
        }
        let (of_left, of_right) = (self.operand(of_left, left)?, self.operand(of_right, right)?);
        if let (Operand::All(left), Operand::All(right)) = (&of_left, &of_right) {
            let value = compute(*left, *right);
            return if value.is_finite() {
                Ok(Value::Number(value))
            } else {
                let part = whole.to_string();
                Err(PrepareError::NotFinite {
                    part,
                    row: 1,
                    value,
                })
            };
        }
        let values = (0..self.frame.rows())
            .map(|row| compute(of_left.at(row), of_right.at(row)))
            .collect();
        Ok(Value::Numbers(self.finite(values, whole)?))
    }

    /// A function that never falls, under which a limit stays a limit.
    pub(super) fn rising(
        &self,
        value: Value,
        part: &Expression,
        whole: &Expression,
        compute: impl Fn(f64) -> f64,
    ) -> Result<Value, PrepareError> {
        if let Value::Measured { values, observed } = &value {
            let values = values.iter().map(|value| compute(*value)).collect();
            return Ok(Value::Measured {
                values: self.finite(values, whole)?,
                observed: Arc::clone(observed),
            });
        }
        self.map(value, part, whole, compute)
    }

    pub(super) fn map(
        &self,
        value: Value,
        part: &Expression,
        whole: &Expression,
        compute: impl Fn(f64) -> f64,
    ) -> Result<Value, PrepareError> {
        match self.operand(value, part)? {
            Operand::All(number) => Ok(Value::Number(compute(number))),
            Operand::Each(values) => {
                let values = values.iter().map(|value| compute(*value)).collect();
                Ok(Value::Numbers(self.finite(values, whole)?))
            }
        }
    }

    /// Refuses the first complete row that breaks a rule.
    pub(super) fn check(
        &self,
        value: &Value,
        whole: &Expression,
        rule: &'static str,
        holds: impl Fn(f64) -> bool,
    ) -> Result<(), PrepareError> {
        let single;
        let (values, is_complete): (&[f64], &[bool]) = match value {
            Value::Numbers(values) | Value::Truths(values) | Value::Measured { values, .. } => {
                (values, self.is_complete)
            }
            Value::Number(number) => {
                single = [*number];
                (&single, &[true])
            }
            _ => return Ok(()),
        };
        let mut rows = complete(values, is_complete);
        match rows.find(|(value, _)| !holds(**value)) {
            None => Ok(()),
            Some((value, row)) => Err(PrepareError::Domain {
                part: whole.to_string(),
                row: row + 1,
                value: *value,
                rule,
            }),
        }
    }

    /// Refuses the first complete row that is not finite; in other rows such a value is missing.
    pub(super) fn finite(
        &self,
        mut values: Vec<f64>,
        whole: &Expression,
    ) -> Result<Arc<[f64]>, PrepareError> {
        for (row, (value, is_complete)) in values.iter_mut().zip(self.is_complete).enumerate() {
            if value.is_finite() {
                continue;
            }
            if *is_complete {
                return Err(PrepareError::NotFinite {
                    part: whole.to_string(),
                    row: row + 1,
                    value: *value,
                });
            }
            *value = f64::NAN;
        }
        Ok(values.into())
    }

    pub(super) fn operand(&self, value: Value, part: &Expression) -> Result<Operand, PrepareError> {
        match self.exact(value, part)? {
            Value::Number(number) => Ok(Operand::All(number)),
            Value::Numbers(values) | Value::Truths(values) => Ok(Operand::Each(values)),
            Value::Text(_) => Err(PrepareError::TextAlone {
                part: part.to_string(),
            }),
            Value::Columns(_) => Err(PrepareError::SeveralColumns {
                part: part.to_string(),
            }),
            value => Err(PrepareError::LabelAsNumber {
                part: part.to_string(),
                value: first_level(&value),
            }),
        }
    }

    /// Passes everything but censored values.
    fn exact(&self, value: Value, part: &Expression) -> Result<Value, PrepareError> {
        let Value::Measured { values, observed } = &value else {
            return Ok(value);
        };
        let mut rows = complete(observed, self.is_complete);
        let row = rows.find(|(observed, _)| **observed != Observed::Exactly);
        let row = row.map_or(0, |(_, row)| row);
        Err(PrepareError::Censored {
            part: part.to_string(),
            row: row + 1,
            limit: values.get(row).copied().unwrap_or(f64::NAN),
        })
    }
}

/// A number for all rows or one for each.
pub(super) enum Operand {
    All(f64),
    Each(Arc<[f64]>),
}

impl Operand {
    pub(super) fn at(&self, row: usize) -> f64 {
        match self {
            Self::All(number) => *number,
            Self::Each(values) => values.get(row).copied().unwrap_or(f64::NAN),
        }
    }
}

pub(super) fn unknown_column(frame: &Frame, name: &str) -> PrepareError {
    let mut columns: Vec<String> = frame
        .names()
        .take(LISTED)
        .map(|column| format!("`{column}`"))
        .collect();
    let more = frame.names().count().saturating_sub(LISTED);
    if more > 0 {
        columns.push(format!("and {more} more"));
    }
    PrepareError::UnknownColumn {
        name: name.to_owned(),
        nearest: nearest(name, frame.names()).unwrap_or_default().to_owned(),
        columns: columns.join(", "),
    }
}

/// A value that shows that a column is one of labels: the first that is no number.
pub(super) fn first_level(value: &Value) -> String {
    let levels = match value {
        Value::Labels(labels) => labels.levels(),
        Value::Factor(factor) => &factor.levels,
        _ => &[],
    };
    let no_number = levels
        .iter()
        .find(|level| level.trim().parse::<f64>().is_err());
    let level = no_number.or_else(|| levels.first());
    level.cloned().unwrap_or_default()
}
