//! The rows of one tree of groups together, for likelihoods that cross-products do not sum up.
//!
//! Random effects are whitened: b = Λ u with u standard normal. A row's effect on its linear predictor is z̃ᵀ u with
//! z̃ = Λᵀ z in the places of the row's own groups and zero elsewhere.
#![expect(
    clippy::indexing_slicing,
    reason = "rows and groups were checked by the design; other indices are made here"
)]

use super::columns::FixedColumns;
use super::hierarchy::RowsByGroup;
use super::parameters::{Factors, Layout};
use super::{Design, FitError};

/// Whitened effects that one tree may have: matrices of this size are dense.
pub(super) const MOST_EFFECTS: usize = 512;

/// One tree: its rows, and where each row's groups stand among its effects.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    pub(super) rows: Vec<u32>,
    /// Rows x levels: where the effects of the row's group begin.
    pub(super) offsets: Vec<u32>,
    /// How many effects.
    pub(super) size: usize,
    /// Group of each level and where its effects begin.
    pub(super) groups: Vec<(usize, u32, usize)>,
}

/// All trees of a design, with its columns as they are fitted.
pub(super) struct Units<'a> {
    pub(super) units: Vec<Unit>,
    pub(super) layout: &'a Layout,
    fixed: &'a FixedColumns,
    design: &'a Design,
}

impl<'a> Units<'a> {
    /// Collects the rows of each group of the coarsest level.
    ///
    /// # Errors
    /// [`FitError::TooManyEffects`] for a tree too large for dense matrices.
    pub(super) fn of(
        design: &'a Design,
        layout: &'a Layout,
        fixed: &'a FixedColumns,
        groupings: &[usize],
    ) -> Result<Self, FitError> {
        let of = |grouping: usize| &design.parts().groupings[grouping];
        let coarsest = of(groupings[0]);
        let rows = RowsByGroup::of(&coarsest.codes, coarsest.levels.len());
        let mut units = Vec::with_capacity(coarsest.levels.len());
        for (name, group) in coarsest.levels.iter().zip(0_u32..) {
            let unit = unit(design, layout, groupings, group, &rows);
            if unit.size > MOST_EFFECTS {
                return Err(FitError::TooManyEffects {
                    group: name.clone(),
                    effects: unit.size,
                    most: MOST_EFFECTS,
                });
            }
            if !unit.rows.is_empty() {
                units.push(unit);
            }
        }
        Ok(Self {
            units,
            layout,
            fixed,
            design,
        })
    }

    /// The scaled fixed columns of a row.
    pub(super) fn fixed_row(&self, row: usize, into: &mut [f64]) {
        let fixed = &self.design.parts().fixed;
        for (index, cell) in into.iter_mut().enumerate() {
            let value = fixed[self.fixed.kept[index]].values[row];
            *cell = (value - self.fixed.shifts[index]) / self.fixed.scales[index];
        }
    }

    /// The scaled random columns of a row, level by level.
    pub(super) fn random_row(&self, row: usize, into: &mut [f64]) {
        let columns = self
            .layout
            .levels
            .iter()
            .flat_map(|level| level.columns.iter().zip(&level.scales));
        for (cell, ((_, column), scale)) in into.iter_mut().zip(columns) {
            *cell = column.values[row] / scale;
        }
    }

    /// z̃ of a row: Λᵀ z at the places of its groups.
    pub(super) fn whitened(&self, offsets: &[u32], z: &[f64], factors: &Factors, into: &mut [f64]) {
        into.fill(0.0);
        let mut first = 0;
        for (level, factor) in factors.iter().enumerate() {
            let q = self.layout.size(level);
            let begin = offsets[level] as usize;
            for column in 0..q {
                into[begin + column] = (column..q)
                    .map(|row| factor[row * q + column] * z[first + row])
                    .sum();
            }
            first += q;
        }
    }

    /// Response less offset and the response's shift.
    pub(super) fn response(&self, row: usize) -> f64 {
        let parts = self.design.parts();
        let offset = parts.offset.as_ref().map_or(0.0, |offset| offset[row]);
        parts.response[row] - offset - self.fixed.response_shift
    }

    pub(super) fn weight(&self, row: usize) -> f64 {
        self.design
            .parts()
            .weights
            .as_ref()
            .map_or(1.0, |weights| weights[row])
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "codes and offsets fit into 32 bits as rows do"
)]
fn unit(
    design: &Design,
    layout: &Layout,
    groupings: &[usize],
    group: u32,
    rows: &RowsByGroup,
) -> Unit {
    let places = rows.of_group(group);
    let rows: Vec<u32> = (0..places.len())
        .filter_map(|index| rows.row(places, index))
        .map(|row| row as u32)
        .collect();
    let mut size = 0;
    let mut groups: Vec<(usize, u32, usize)> = Vec::new();
    let mut offsets = vec![0; rows.len() * groupings.len()];
    for (level, &grouping) in groupings.iter().enumerate() {
        let codes = &design.parts().groupings[grouping].codes;
        let first = groups.len();
        for (index, &row) in rows.iter().enumerate() {
            let code = codes[row as usize];
            // Rows of a group mostly follow one another, so that the last is the first to ask.
            let known = groups[first..]
                .iter()
                .rev()
                .find(|(_, known, _)| *known == code);
            let begin = known.map_or(size, |(_, _, begin)| *begin);
            if known.is_none() {
                groups.push((level, code, begin));
                size += layout.size(level);
            }
            offsets[index * groupings.len() + level] = begin as u32;
        }
    }
    Unit {
        rows,
        offsets,
        size,
        groups,
    }
}
