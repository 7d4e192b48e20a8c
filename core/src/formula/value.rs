//! What an expression is worth on a table.

use std::collections::HashMap;
use std::sync::Arc;

use super::expression::shown;
use crate::frame::Labels;
use crate::mixed::Observed;

/// One value a row, or one for all rows. Missing numbers are NaN.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Number(f64),
    Text(String),
    Numbers(Arc<[f64]>),
    /// Of a comparison: 0 or 1. As a variable of a term it is a factor of FALSE and TRUE.
    Truths(Arc<[f64]>),
    /// Several columns of one variable.
    Columns(Vec<Arc<[f64]>>),
    Labels(Labels),
    Factor(Factor),
    /// Numbers of which some are limits.
    Measured {
        values: Arc<[f64]>,
        observed: Arc<[Observed]>,
    },
}

/// A factor whose levels are in the order of coding: the first is the baseline.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Factor {
    /// Indices into the levels, or [`Labels::MISSING`].
    pub(super) codes: Arc<[u32]>,
    pub(super) levels: Arc<[String]>,
}

impl Factor {
    /// Labels whose levels are in order of bytes, without those that occur in no complete row.
    pub(super) fn sorted(labels: &Labels, is_complete: &[bool]) -> Self {
        let mut order: Vec<(&String, u32)> = labels.levels().iter().zip(0..).collect();
        order.sort_unstable();
        let mut ranks = vec![Labels::MISSING; order.len()];
        for ((_, number), rank) in order.iter().zip(0..) {
            if let Some(slot) = ranks.get_mut(*number as usize) {
                *slot = rank;
            }
        }
        let all = Self {
            codes: recoded(labels.codes(), &ranks),
            levels: order.into_iter().map(|(level, _)| level.clone()).collect(),
        };
        all.without_unused(is_complete)
    }

    /// Numbers as levels, in order of size, named as R writes numbers.
    pub(super) fn of_numbers(values: &[f64], is_complete: &[bool]) -> Self {
        // Minus zero is zero.
        let key = |value: f64| (value + 0.0).to_bits();
        let mut ranks: HashMap<u64, u32> = HashMap::new();
        let mut levels: Vec<f64> = Vec::new();
        for (value, _) in complete(values, is_complete) {
            ranks.entry(key(*value)).or_insert_with(|| {
                levels.push(*value + 0.0);
                Labels::MISSING
            });
        }
        levels.sort_unstable_by(f64::total_cmp);
        for (level, rank) in levels.iter().zip(0_u32..) {
            ranks.insert(key(*level), rank);
        }
        let code = |value: &f64| {
            let rank = ranks.get(&key(*value)).copied();
            rank.unwrap_or(Labels::MISSING)
        };
        Self {
            codes: values.iter().map(code).collect(),
            levels: levels.into_iter().map(shown).collect(),
        }
    }

    /// FALSE and TRUE, both whether they occur or not.
    pub(super) fn of_truths(values: &[f64]) -> Self {
        let code = |value: &f64| {
            if value.is_nan() {
                Labels::MISSING
            } else {
                u32::from(*value == 1.0)
            }
        };
        Self {
            codes: values.iter().map(code).collect(),
            levels: ["FALSE", "TRUE"].map(str::to_owned).into(),
        }
    }

    /// The same without levels that occur in no complete row.
    pub(super) fn without_unused(&self, is_complete: &[bool]) -> Self {
        let mut is_used = vec![false; self.levels.len()];
        for (code, _) in complete(&self.codes, is_complete) {
            if let Some(used) = is_used.get_mut(*code as usize) {
                *used = true;
            }
        }
        let mut ranks = Vec::with_capacity(is_used.len());
        let mut levels = Vec::new();
        for (level, is_used) in self.levels.iter().zip(is_used) {
            let rank = u32::try_from(levels.len()).unwrap_or(Labels::MISSING);
            ranks.push(if is_used { rank } else { Labels::MISSING });
            if is_used {
                levels.push(level.clone());
            }
        }
        Self {
            codes: recoded(&self.codes, &ranks),
            levels: levels.into(),
        }
    }
}

fn recoded(codes: &[u32], ranks: &[u32]) -> Arc<[u32]> {
    let rank = |code: &u32| {
        let rank = ranks.get(*code as usize).copied();
        rank.unwrap_or(Labels::MISSING)
    };
    codes.iter().map(rank).collect()
}

/// The values of the complete rows, with the numbers of the rows, from 0.
pub(super) fn complete<'a, T>(
    values: &'a [T],
    is_complete: &'a [bool],
) -> impl Iterator<Item = (&'a T, usize)> {
    let rows = values.iter().zip(is_complete).zip(0..);
    rows.filter_map(|((value, is_complete), row)| is_complete.then_some((value, row)))
}
