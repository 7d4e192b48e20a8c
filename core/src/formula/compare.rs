//! Comparisons of columns: 1 where they hold, 0 where they do not, missing where a side is.

use std::sync::Arc;

use super::expression::{Operator, shown};
use super::value::{Factor, Value};
use crate::frame::Labels;

/// `None` where the sides cannot be compared so.
pub(super) fn compare(operator: Operator, left: &Value, right: &Value) -> Option<Value> {
    let truths = match (left, right) {
        (Value::Labels(labels), other) | (other, Value::Labels(labels)) => {
            labelled(operator, labels.codes(), labels.levels(), &text(other)?)?
        }
        (Value::Factor(Factor { codes, levels }), other)
        | (other, Value::Factor(Factor { codes, levels })) => {
            labelled(operator, codes, levels, &text(other)?)?
        }
        (Value::Text(text), other) | (other, Value::Text(text)) => {
            // A text that is a number is compared as one, so that `day == "1"` is what it looks like.
            let number: f64 = text.trim().parse().ok()?;
            if !is_equality(operator) || !number.is_finite() {
                return None;
            }
            return compare(operator, other, &Value::Number(number));
        }
        _ => numbers(operator, left, right)?,
    };
    Some(Value::Truths(truths))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(shown(*number)),
        _ => None,
    }
}

const fn is_equality(operator: Operator) -> bool {
    matches!(operator, Operator::Equal | Operator::Unequal)
}

fn labelled(
    operator: Operator,
    codes: &[u32],
    levels: &[String],
    text: &str,
) -> Option<Arc<[f64]>> {
    if !is_equality(operator) {
        return None;
    }
    let wanted = levels.iter().position(|level| level == text);
    let holds = |code: &u32| {
        if *code == Labels::MISSING {
            f64::NAN
        } else {
            let is_equal = wanted.is_some_and(|wanted| wanted == *code as usize);
            f64::from(u8::from(is_equal == (operator == Operator::Equal)))
        }
    };
    Some(codes.iter().map(holds).collect())
}

fn numbers(operator: Operator, left: &Value, right: &Value) -> Option<Arc<[f64]>> {
    let holds: fn(f64, f64) -> bool = match operator {
        Operator::Equal => |a, b| a == b,
        Operator::Unequal => |a, b| a != b,
        Operator::Less => |a, b| a < b,
        Operator::LessOrEqual => |a, b| a <= b,
        Operator::Greater => |a, b| a > b,
        Operator::GreaterOrEqual => |a, b| a >= b,
        _ => return None,
    };
    let of = |a: f64, b: f64| {
        if a.is_nan() || b.is_nan() {
            f64::NAN
        } else {
            f64::from(u8::from(holds(a, b)))
        }
    };
    match (left, right) {
        (Value::Numbers(left) | Value::Truths(left), Value::Number(right)) => {
            Some(left.iter().map(|left| of(*left, *right)).collect())
        }
        (Value::Number(left), Value::Numbers(right) | Value::Truths(right)) => {
            Some(right.iter().map(|right| of(*left, *right)).collect())
        }
        (
            Value::Numbers(left) | Value::Truths(left),
            Value::Numbers(right) | Value::Truths(right),
        ) => {
            let rows = left.iter().zip(right.iter());
            Some(rows.map(|(left, right)| of(*left, *right)).collect())
        }
        _ => None,
    }
}
