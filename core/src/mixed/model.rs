//! A design made ready: nested groups, cross-products, scaled columns.

use super::columns::{FixedColumns, independent_beyond_doubt};
use super::criterion::Objective;
use super::hierarchy::Hierarchy;
use super::panels::{Columns, Panels, Scaled, Shape};
use super::parameters::Layout;
use super::{Criterion, Design, FitError};

/// All that an evaluation needs, computed once from the rows.
pub(super) struct Model {
    pub(super) layout: Layout,
    pub(super) fixed: FixedColumns,
    pub(super) panels: Panels,
    /// Groupings of the levels, from the coarsest.
    pub(super) groupings: Vec<usize>,
    rows: f64,
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
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of rows are exact in a double"
    )]
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
        let gather = |fixed: &FixedColumns| {
            let columns = Columns {
                columns: scaled_columns(design, &layout, fixed, &response),
                root_weights: root_weights.as_deref(),
            };
            let shape = Shape::new(sizes.clone(), fixed.len() + 1);
            Panels::gather(&hierarchy, shape, &columns)
        };
        let mut fixed = FixedColumns::all(design, &response);
        let few = fixed.len() < response.len();
        let mut panels = few.then(|| gather(&fixed));
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
        let panels = panels.unwrap_or_else(|| gather(&fixed));
        Ok(Self {
            groupings: hierarchy
                .levels
                .iter()
                .map(|level| level.grouping)
                .collect(),
            layout,
            panels,
            rows: response.len() as f64,
            log_weights: weights.map_or(0.0, |weights| {
                weights.iter().map(|weight| weight.ln()).sum()
            }),
            fixed,
        })
    }

    pub(super) fn objective(&self, criterion: Criterion) -> Objective<'_> {
        Objective {
            panels: &self.panels,
            layout: &self.layout,
            criterion,
            rows: self.rows,
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
        shift: fixed.response_shift,
        factor: 1.0,
    };
    random
        .chain(fixed.scaled(design))
        .chain([response])
        .collect()
}
