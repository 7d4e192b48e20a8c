//! What the functions of a formula compute.

use std::sync::Arc;

use super::evaluate::{Evaluator, Operand};
use super::expression::Expression;
use super::function::{Function, number};
use super::refusal::PrepareError;
use super::value::{Factor, Value};

impl Evaluator<'_> {
    pub(super) fn call(
        &self,
        whole: &Expression,
        function: Function,
        arguments: &[Expression],
    ) -> Result<Value, PrepareError> {
        let Some(first) = arguments.first() else {
            return Err(PrepareError::NotArithmetic {
                part: whole.to_string(),
            });
        };
        let value = self.value(first)?;
        match function {
            Function::AsIs => Ok(value),
            Function::Log => {
                let base = arguments.get(1).and_then(number);
                self.check(&value, whole, "more than 0", |value| value > 0.0)?;
                match base {
                    None => self.rising(value, first, whole, f64::ln),
                    // With a base below 1 a logarithm falls, and "below" would become "above".
                    Some(base) if base > 1.0 => {
                        self.rising(value, first, whole, |value| value.ln() / base.ln())
                    }
                    Some(base) => self.map(value, first, whole, |value| value.ln() / base.ln()),
                }
            }
            Function::Log2 | Function::Log10 => {
                self.check(&value, whole, "more than 0", |value| value > 0.0)?;
                let log = if function == Function::Log2 {
                    f64::log2
                } else {
                    f64::log10
                };
                self.rising(value, first, whole, log)
            }
            Function::Sqrt => {
                self.check(&value, whole, "0 or more", |value| value >= 0.0)?;
                self.rising(value, first, whole, f64::sqrt)
            }
            Function::Exp => self.map(value, first, whole, f64::exp),
            Function::Abs => self.map(value, first, whole, f64::abs),
            Function::Factor | Function::AsFactor => self.factor(value, first).map(Value::Factor),
            Function::Scale => {
                let values = self.numbers(first)?;
                Ok(Value::Numbers(
                    self.finite(scaled(&values, self.scaled_rows), whole)?,
                ))
            }
            Function::Piecewise => {
                let knots: Vec<f64> = arguments.iter().skip(1).filter_map(number).collect();
                Ok(Value::Columns(bent(&self.numbers(first)?, &knots)))
            }
            Function::Pmin => self.extreme(whole, arguments, f64::min),
            Function::Pmax => self.extreme(whole, arguments, f64::max),
            // Offsets are taken out of the summands before anything is evaluated.
            Function::Offset => Err(PrepareError::NotArithmetic {
                part: whole.to_string(),
            }),
        }
    }

    fn factor(&self, value: Value, part: &Expression) -> Result<Factor, PrepareError> {
        match value {
            Value::Labels(labels) => Ok(Factor::sorted(&labels, self.is_complete)),
            Value::Factor(factor) => Ok(factor),
            Value::Truths(values) => {
                Ok(Factor::of_truths(&values).without_unused(self.is_complete))
            }
            value => match self.operand(value, part)? {
                Operand::Each(values) => Ok(Factor::of_numbers(&values, self.is_complete)),
                Operand::All(_) => Err(PrepareError::NotArithmetic {
                    part: part.to_string(),
                }),
            },
        }
    }

    fn extreme(
        &self,
        whole: &Expression,
        arguments: &[Expression],
        choose: fn(f64, f64) -> f64,
    ) -> Result<Value, PrepareError> {
        let operands = arguments
            .iter()
            .map(|argument| self.operand(self.value(argument)?, argument))
            .collect::<Result<Vec<_>, _>>()?;
        let at = |row: usize| {
            let values = operands.iter().map(|operand| operand.at(row));
            // The least or greatest of a missing value and others is missing.
            let choose = |a: f64, b: f64| if b.is_nan() { b } else { choose(a, b) };
            values.reduce(|a, b| if a.is_nan() { a } else { choose(a, b) })
        };
        let values = (0..self.frame.rows())
            .map(|row| at(row).unwrap_or(f64::NAN))
            .collect();
        Ok(Value::Numbers(self.finite(values, whole)?))
    }
}

/// Minus the mean, over the standard deviation, of the first values, those that are not missing: R's `scale`.
fn scaled(values: &[f64], rows: usize) -> Vec<f64> {
    let known = || values.iter().take(rows).filter(|value| !value.is_nan());
    let count = known().count() as f64;
    let mean = known().sum::<f64>() / count;
    let squares: f64 = known().map(|value| (value - mean).powi(2)).sum();
    let sd = (squares / (count - 1.0)).sqrt();
    values.iter().map(|value| (value - mean) / sd).collect()
}

/// The lengths of a value within the stretches between knots: the coefficients are the slopes of the stretches.
fn bent(values: &[f64], knots: &[f64]) -> Vec<Arc<[f64]>> {
    let (Some(&first), Some(&last)) = (knots.first(), knots.last()) else {
        return vec![values.into()];
    };
    let column = |length: &dyn Fn(f64) -> f64| -> Arc<[f64]> {
        let of_value = |value: &f64| {
            if value.is_nan() {
                *value
            } else {
                length(*value)
            }
        };
        values.iter().map(of_value).collect()
    };
    let mut columns = vec![column(&|value| value.min(first))];
    for pair in knots.windows(2) {
        if let [begin, end] = pair {
            columns.push(column(&|value| (value - begin).clamp(0.0, end - begin)));
        }
    }
    columns.push(column(&|value| (value - last).max(0.0)));
    columns
}
