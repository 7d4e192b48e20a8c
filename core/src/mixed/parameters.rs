//! How theta fills the relative Cholesky factors of the levels.
#![expect(
    clippy::indexing_slicing,
    reason = "rows and columns of a factor are below its size, which is made here"
)]

use super::columns::root_mean_square;
use super::hierarchy::Level;
use super::{Column, Design};

/// The place of one element of theta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) level: usize,
    pub(super) row: usize,
    pub(super) column: usize,
}

/// The random columns of one level, all its terms together.
#[derive(Debug, Clone)]
pub(super) struct LevelColumns {
    /// Columns with the index of the term each belongs to.
    pub(super) columns: Vec<(usize, Column)>,
    /// What each column was divided by: its root mean square.
    pub(super) scales: Vec<f64>,
}

/// The layout of theta: lower triangles of the terms, by column, as lme4 orders them within a term.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) levels: Vec<LevelColumns>,
    pub(super) places: Vec<Place>,
}

/// Row-major square matrices, one a level.
pub(super) type Factors = Vec<Vec<f64>>;

impl Layout {
    pub(super) fn of(design: &Design, hierarchy: &[Level]) -> Self {
        Self::scaled_by(design, hierarchy, |_, _, column| {
            root_mean_square(&column.values)
        })
    }

    /// The same with a scale for each column of a term, given the numbers of both.
    pub(super) fn scaled_by(
        design: &Design,
        hierarchy: &[Level],
        scale: impl Fn(usize, usize, &Column) -> f64,
    ) -> Self {
        let terms = &design.parts().random;
        let mut places = Vec::new();
        let levels = hierarchy
            .iter()
            .enumerate()
            .map(|(level, of)| {
                let mut columns: Vec<(usize, Column)> = Vec::new();
                let mut scales = Vec::new();
                for (index, term) in terms.iter().enumerate() {
                    if term.grouping != of.grouping {
                        continue;
                    }
                    let (first, end) = (columns.len(), columns.len() + term.columns.len());
                    for column in first..end {
                        places.extend((column..end).map(|row| Place { level, row, column }));
                    }
                    columns.extend(term.columns.iter().map(|column| (index, column.clone())));
                    let numbered = term.columns.iter().enumerate();
                    scales.extend(numbered.map(|(number, column)| scale(index, number, column)));
                }
                LevelColumns { columns, scales }
            })
            .collect();
        Self { levels, places }
    }

    /// Random columns of a level.
    pub(super) fn size(&self, level: usize) -> usize {
        self.levels[level].columns.len()
    }

    /// The element of theta of the first column of a term, and that column's scale.
    pub(super) fn first_of_term(&self, term: usize) -> (usize, f64) {
        let first = self.levels.iter().enumerate().find_map(|(level, columns)| {
            let row = columns.columns.iter().position(|(of, _)| *of == term)?;
            let element = self
                .places
                .iter()
                .position(|place| (place.level, place.row, place.column) == (level, row, row))?;
            Some((element, columns.scales[row]))
        });
        first.unwrap_or((0, 1.0))
    }

    /// The identity: all random effects as variable as the residual, in scaled columns.
    pub(super) fn start(&self) -> Vec<f64> {
        self.places
            .iter()
            .map(|place| f64::from(u8::from(place.row == place.column)))
            .collect()
    }

    /// Lower triangular factors.
    pub(super) fn factors(&self, theta: &[f64]) -> Factors {
        let mut factors: Factors = (0..self.levels.len())
            .map(|level| vec![0.0; self.size(level) * self.size(level)])
            .collect();
        for (place, value) in self.places.iter().zip(theta) {
            factors[place.level][place.row * self.size(place.level) + place.column] = *value;
        }
        factors
    }

    /// theta in the units of the design: the scaled factor's rows divided by the scales of their columns.
    pub(super) fn unscaled(&self, theta: &[f64]) -> Vec<f64> {
        let scaled = self.places.iter().zip(theta);
        scaled
            .map(|(place, value)| value / self.levels[place.level].scales[place.row])
            .collect()
    }

    /// The inverse of [`Layout::unscaled`]; nothing when the length differs.
    pub(super) fn scaled(&self, theta: &[f64]) -> Option<Vec<f64>> {
        let each = self.places.iter().zip(theta);
        (theta.len() == self.places.len()).then(|| {
            each.map(|(place, value)| value * self.levels[place.level].scales[place.row])
                .collect()
        })
    }

    /// The same factors with no negative diagonal: a column's sign means nothing.
    pub(super) fn with_positive_diagonal(&self, theta: &mut [f64]) {
        for index in 0..theta.len() {
            let Place { level, row, column } = self.places[index];
            if row != column || theta[index] >= 0.0 {
                continue;
            }
            for (place, value) in self.places.iter().zip(theta.iter_mut()) {
                if place.level == level && place.column == column {
                    *value = -*value;
                }
            }
        }
    }
}

/// F Fᵀ of a row-major square matrix.
pub(super) fn times_own_transpose(factor: &[f64], size: usize) -> Vec<f64> {
    let mut product = vec![0.0; size * size];
    for row in 0..size {
        for column in 0..size {
            product[row * size + column] = (0..size)
                .map(|inner| factor[row * size + inner] * factor[column * size + inner])
                .sum();
        }
    }
    product
}
