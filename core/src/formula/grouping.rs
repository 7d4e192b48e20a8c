//! Grouping factors: which level each complete row belongs to.

use std::collections::HashMap;
use std::sync::Arc;

use super::evaluate::Evaluator;
use super::expression::{Expression, shown};
use super::refusal::PrepareError;
use super::selection::Selection;
use super::value::{Factor, Value};
use crate::frame::Labels;
use crate::mixed::Grouping;

/// The grouping factor of one column, or of the combinations of several that occur. Levels are in order of first
/// appearance, combinations joined by `:`.
pub(super) fn grouping(
    group: &[Expression],
    evaluator: &Evaluator<'_>,
    selection: &Selection,
) -> Result<Grouping, PrepareError> {
    let mut joined: Option<Grouping> = None;
    for part in group {
        let next = of_column(part, evaluator, selection)?;
        joined = Some(match joined {
            None => next,
            Some(before) => combined(&before, &next),
        });
    }
    Ok(joined.unwrap_or(Grouping {
        name: String::new(),
        codes: Arc::default(),
        levels: Arc::default(),
    }))
}

/// A grouping factor's name: the columns as they are called, joined by `:`.
pub(super) fn group_name(group: &[Expression]) -> String {
    let names: Vec<String> = group
        .iter()
        .map(|part| match part {
            Expression::Name(name) => name.clone(),
            part => part.to_string(),
        })
        .collect();
    names.join(":")
}

fn of_column(
    part: &Expression,
    evaluator: &Evaluator<'_>,
    selection: &Selection,
) -> Result<Grouping, PrepareError> {
    let (codes, levels) = match evaluator.value(part)? {
        Value::Labels(labels) => appearing(&selection.kept(labels.codes()), |code| {
            labels.levels().get(*code as usize).cloned()
        }),
        Value::Factor(Factor { codes, levels }) => appearing(&selection.kept(&codes), |code| {
            levels.get(*code as usize).cloned()
        }),
        Value::Truths(values) => appearing(&keys(&selection.kept(&values)), |bits| {
            let is_true = f64::from_bits(*bits) == 1.0;
            Some(if is_true { "TRUE" } else { "FALSE" }.to_owned())
        }),
        Value::Numbers(values) => appearing(&keys(&selection.kept(&values)), |bits| {
            Some(shown(f64::from_bits(*bits)))
        }),
        // A grouping by amounts that are limits means nothing; whatever else a column is, is above.
        _ => {
            return Err(PrepareError::NotArithmetic {
                part: part.to_string(),
            });
        }
    };
    Ok(Grouping {
        name: group_name(std::slice::from_ref(part)),
        codes,
        levels,
    })
}

fn keys(values: &[f64]) -> Vec<u64> {
    // Minus zero is zero.
    values.iter().map(|value| (value + 0.0).to_bits()).collect()
}

fn combined(left: &Grouping, right: &Grouping) -> Grouping {
    let pairs: Vec<(u32, u32)> = left
        .codes
        .iter()
        .copied()
        .zip(right.codes.iter().copied())
        .collect();
    let (codes, levels) = appearing(&pairs, |(outer, inner)| {
        let outer = left.levels.get(*outer as usize)?;
        let inner = right.levels.get(*inner as usize)?;
        Some(format!("{outer}:{inner}"))
    });
    Grouping {
        name: format!("{}:{}", left.name, right.name),
        codes,
        levels,
    }
}

/// Codes of keys in order of first appearance, and the names of those that appear.
fn appearing<K: Copy + Eq + std::hash::Hash>(
    keys: &[K],
    name: impl Fn(&K) -> Option<String>,
) -> (Arc<[u32]>, Arc<[String]>) {
    let mut numbers: HashMap<K, u32> = HashMap::new();
    let mut levels = Vec::new();
    let mut last: Option<(K, u32)> = None;
    let mut codes = Vec::with_capacity(keys.len());
    for key in keys {
        // Tables are mostly sorted: the next row is mostly of the same level.
        let code = match last {
            Some((before, code)) if before == *key => code,
            _ => *numbers.entry(*key).or_insert_with(|| {
                levels.push(name(key).unwrap_or_default());
                u32::try_from(levels.len() - 1).unwrap_or(Labels::MISSING)
            }),
        };
        last = Some((*key, code));
        codes.push(code);
    }
    (codes.into(), levels.into())
}
