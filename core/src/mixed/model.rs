//! A design made ready: nested groups, cross-products, scaled columns.

use super::columns::{FixedColumns, independent_beyond_doubt, root_mean_square_of_sums};
use super::criterion::Objective;
use super::dense::Cholesky;
use super::hierarchy::Hierarchy;
use super::panels::{Columns, Panels, Scaled, Shape, SummedColumn, SummedColumns};
use super::parameters::Layout;
use super::summed::{Summed, SummedFitError};
use super::{Criterion, Design, FitError};

/// The share of a response's sum of squares below which a residual counts as none: it is what rounding leaves of a
/// difference of two such sums.
const NO_RESIDUAL: f64 = 1e-14;

/// A response of which the fixed columns leave less than this share of the sum of squares is modelled by its rest.
const LITTLE: f64 = 1e-6;

/// All that an evaluation needs, computed once from the rows.
pub(super) struct Model {
    pub(super) layout: Layout,
    pub(super) fixed: FixedColumns,
    pub(super) panels: Panels,
    /// Groupings of the levels, from the coarsest.
    pub(super) groupings: Vec<usize>,
    /// Scaled coefficients that were taken from the response beforehand: zeros, unless the fixed columns leave little.
    first: Vec<f64>,
    /// Sum of squares of the response, shifted and weighted.
    response_squares: f64,
    rows: usize,
    log_weights: f64,
}

impl Model {
    /// One pass over the rows, and a few over the columns.
    pub(super) fn of(design: &Design) -> Result<Self, FitError> {
        Self::weighted(
            design,
            design.parts().weights.as_deref(),
            &design.parts().response,
        )
    }

    /// The same with other weights and responses than the design's.
    pub(super) fn weighted(
        design: &Design,
        weights: Option<&[f64]>,
        response: &[f64],
    ) -> Result<Self, FitError> {
        let parts = design.parts();
        let response: std::borrow::Cow<'_, [f64]> = match &parts.offset {
            None => response.into(),
            Some(offset) => response
                .iter()
                .zip(offset)
                .map(|(value, known)| value - known)
                .collect(),
        };
        let hierarchy = Hierarchy::of(design)?;
        let layout = Layout::of(design, &hierarchy.levels);
        let sizes: Vec<usize> = (0..layout.levels.len())
            .map(|level| layout.size(level))
            .collect();
        let root_weights: Option<Vec<f64>> =
            weights.map(|weights| weights.iter().map(|weight| weight.sqrt()).collect());
        let gather = |fixed: &FixedColumns, response: &[f64], shift: f64| {
            let columns = Columns {
                columns: scaled_columns(design, &layout, fixed, response, shift),
                root_weights: root_weights.as_deref(),
            };
            let shape = Shape::new(sizes.clone(), fixed.len() + 1);
            Panels::gather(&hierarchy, shape, &columns)
        };
        let mut fixed = FixedColumns::all(design, &response);
        let few = fixed.len() < response.len();
        let mut panels = few.then(|| gather(&fixed, &response, fixed.response_shift));
        let clear = panels
            .as_ref()
            .is_some_and(|panels| independent_beyond_doubt(&panels.total, fixed.len()));
        if !clear {
            fixed = fixed.independent(design);
            panels = None;
        }
        if fixed.len() >= response.len() {
            return Err(FitError::TooFewRows {
                columns: fixed.len(),
                rows: response.len(),
            });
        }
        let mut panels = panels.unwrap_or_else(|| gather(&fixed, &response, fixed.response_shift));
        let response_squares = panels.total.last().copied().unwrap_or(0.0);
        let mut first = vec![0.0; fixed.len()];
        if let Some((coefficients, rest)) = least_squares(&panels.total, fixed.len())
            && rest < LITTLE * response_squares
        {
            let rest = rest_of(design, &fixed, &response, &coefficients);
            panels = gather(&fixed, &rest, 0.0);
            first = coefficients;
        }
        Ok(Self {
            first,
            response_squares,
            groupings: hierarchy
                .levels
                .iter()
                .map(|level| level.grouping)
                .collect(),
            layout,
            panels,
            rows: response.len(),
            log_weights: weights.map_or(0.0, |weights| {
                weights.iter().map(|weight| weight.ln()).sum()
            }),
            fixed,
        })
    }

    /// A design of which there are the sums of groups, and no row.
    ///
    /// # Errors
    /// [`SummedFitError`] where the rows would have to be looked at again.
    pub(super) fn of_sums(design: &Design, summed: &Summed<'_>) -> Result<Self, SummedFitError> {
        let sums = summed.sums;
        let rows = sums.rows();
        let hierarchy = Hierarchy::of(design)?;
        let layout = Layout::scaled_by(design, &hierarchy.levels, |term, number, _| {
            root_mean_square_of_sums(sums, summed.random_column(term, number))
        });
        let fixed = FixedColumns::of_sums(sums, summed.fixed, summed.response);
        if fixed.len() >= rows {
            let columns = fixed.len();
            return Err(FitError::TooFewRows { columns, rows }.into());
        }
        let random = layout.levels.iter().rev().flat_map(|level| {
            let mut before = None;
            let mut number = 0;
            let each = level.columns.iter().zip(&level.scales);
            each.map(move |((term, _), scale)| {
                number = if before == Some(*term) { number + 1 } else { 0 };
                before = Some(*term);
                (summed.random_column(*term, number), 0.0, *scale)
            })
        });
        let shifts = fixed.shifts.iter().zip(&fixed.scales);
        let of_fixed = summed.fixed.iter().zip(shifts);
        let of_fixed = of_fixed.map(|(column, (shift, scale))| (*column, *shift, *scale));
        let response = (summed.response, fixed.response_shift, 1.0);
        let columns = random.chain(of_fixed).chain([response]);
        let columns = SummedColumns {
            columns: columns
                .map(|(column, shift, scale)| SummedColumn {
                    column,
                    shift,
                    factor: 1.0 / scale,
                })
                .collect(),
            sums,
        };
        let sizes = (0..layout.levels.len()).map(|level| layout.size(level));
        let shape = Shape::new(sizes.collect(), fixed.len() + 1);
        let panels = Panels::gather(&hierarchy, shape, &columns);
        if !independent_beyond_doubt(&panels.total, fixed.len()) {
            return Err(SummedFitError::Dependent);
        }
        let response_squares = panels.total.last().copied().unwrap_or(0.0);
        let left = least_squares(&panels.total, fixed.len()).map_or(0.0, |(_, rest)| rest);
        if left < LITTLE * response_squares {
            return Err(SummedFitError::LittleLeft);
        }
        Ok(Self {
            first: vec![0.0; fixed.len()],
            response_squares,
            groupings: hierarchy
                .levels
                .iter()
                .map(|level| level.grouping)
                .collect(),
            layout,
            panels,
            rows,
            log_weights: 0.0,
            fixed,
        })
    }

    /// Scaled coefficients, with those that were taken from the response beforehand.
    pub(super) fn with_first(&self, scaled: &[f64]) -> Vec<f64> {
        let each = scaled.iter().zip(&self.first);
        each.map(|(scaled, first)| scaled + first).collect()
    }

    /// Whether so small a residual sum of squares is no more than what rounding leaves of the response, or of what the
    /// fixed columns leave of it.
    pub(super) fn is_rounding(&self, squares: f64) -> bool {
        let of_rest = self.panels.total.last().copied().unwrap_or(0.0);
        squares <= NO_RESIDUAL * of_rest
            || squares <= NO_RESIDUAL * NO_RESIDUAL * self.response_squares
    }

    /// n.
    pub(super) const fn rows(&self) -> usize {
        self.rows
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of rows are exact in a double"
    )]
    pub(super) fn objective(&self, criterion: Criterion) -> Objective<'_> {
        Objective {
            panels: &self.panels,
            layout: &self.layout,
            criterion,
            rows: self.rows as f64,
            log_weights: self.log_weights,
            log_scales: 2.0
                * self
                    .fixed
                    .scales
                    .iter()
                    .map(|scale| scale.ln())
                    .sum::<f64>(),
        }
    }
}

/// Random columns from the finest level to the coarsest, fixed ones, the response.
fn scaled_columns<'a>(
    design: &'a Design,
    layout: &'a Layout,
    fixed: &FixedColumns,
    response: &'a [f64],
    shift: f64,
) -> Vec<Scaled<'a>> {
    let random = layout.levels.iter().rev().flat_map(|level| {
        let scaled = level.columns.iter().zip(&level.scales);
        scaled.map(|((_, column), scale)| Scaled {
            values: &column.values,
            shift: 0.0,
            factor: 1.0 / scale,
        })
    });
    let response = Scaled {
        values: response,
        shift,
        factor: 1.0,
    };
    random
        .chain(fixed.scaled(design))
        .chain([response])
        .collect()
}

/// Coefficients of the p columns by least squares, and the sum of squares that they leave; `None` when the cross-products do not
/// tell. `total` is the upper triangle, by rows, of the columns and the response.
fn least_squares(total: &[f64], p: usize) -> Option<(Vec<f64>, f64)> {
    let (mut products, mut coefficients) = (vec![0.0; p * p], vec![0.0; p]);
    let mut cells = total.iter();
    for row in 0..p {
        for column in row..p {
            *products.get_mut(column * p + row)? = *cells.next()?;
        }
        *coefficients.get_mut(row)? = *cells.next()?;
    }
    let squares = cells.next()?;
    let cholesky = Cholesky::of(&products, p)?;
    cholesky.forward(&mut coefficients);
    let explained: f64 = coefficients.iter().map(|value| value * value).sum();
    cholesky.backward(&mut coefficients);
    Some((coefficients, squares - explained))
}

/// The response, shifted, without the part of these scaled coefficients.
fn rest_of(
    design: &Design,
    fixed: &FixedColumns,
    response: &[f64],
    coefficients: &[f64],
) -> Vec<f64> {
    let mut rest: Vec<f64> = response
        .iter()
        .map(|value| value - fixed.response_shift)
        .collect();
    for (column, coefficient) in fixed.scaled(design).iter().zip(coefficients) {
        for (rest, value) in rest.iter_mut().zip(column.values) {
            *rest -= coefficient * ((value - column.shift) * column.factor);
        }
    }
    rest
}
