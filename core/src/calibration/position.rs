//! Whether a well's place on the plate shows in what is read there.

use super::PlateRemark;
use super::reading::Replicates;
use super::weighting::Noise;
use crate::plate::{PlateSize, Well};
use crate::tails::student_two_sided;

/// A way in which a plate can be uneven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    /// The rim against the inside.
    Edge,
    /// From one row to the next.
    Row,
    /// From one column to the next.
    Column,
}

impl Trend {
    /// Every trend that is looked for.
    pub const ALL: [Self; 3] = [Self::Edge, Self::Row, Self::Column];

    fn of(self, well: Well, size: PlateSize) -> f64 {
        match self {
            Self::Edge => f64::from(u8::from(size.is_edge(well))),
            Self::Row => f64::from(well.row()),
            Self::Column => f64::from(well.column()),
        }
    }

    pub(super) const fn remark(self) -> PlateRemark {
        match self {
            Self::Edge => PlateRemark::EdgeEffect,
            Self::Row => PlateRemark::RowTrend,
            Self::Column => PlateRemark::ColumnTrend,
        }
    }
}

/// How replicates differ by their place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PositionEffect {
    /// In which way.
    pub trend: Trend,
    /// The difference of the rim from the inside, or of one row or column from the one before, in percent of the response.
    pub percent: f64,
    /// Its standard error.
    pub standard_error_percent: f64,
    /// Residual degrees of freedom: replicates less contents, less one.
    pub df: usize,
    /// The probability of at least this difference, either way, when places do not matter.
    pub p: f64,
}

/// Fewer degrees of freedom say nothing of a plate.
const LEAST_DF: usize = 4;

/// Compares replicates with each other only, so that what was pipetted where cannot be taken for a trend: of each content the
/// relative deviations from its mean are regressed on the place's deviations from its mean place, weighted by the noise.
/// A trend that no replicates can show is left out.
pub(super) fn effects(groups: &[Replicates], noise: Noise) -> Vec<PositionEffect> {
    let wells = groups
        .iter()
        .flat_map(|group| group.wells.iter().map(|(well, _)| *well));
    let size = PlateSize::smallest_with(wells);
    let effects = Trend::ALL
        .into_iter()
        .map(|trend| effect(groups, noise, trend, size));
    effects.flatten().collect()
}

fn effect(
    groups: &[Replicates],
    noise: Noise,
    trend: Trend,
    size: PlateSize,
) -> Option<PositionEffect> {
    let (mut xx, mut xy, mut yy, mut df) = (0.0, 0.0, 0.0, 0);
    for group in groups {
        let Some(spread) = group.spread().filter(|s| s.df > 0 && s.mean > noise.floor) else {
            continue;
        };
        let count = (spread.df + 1) as f64;
        let place = |well| trend.of(well, size);
        let mean_place = group.responses().map(|(well, _)| place(well)).sum::<f64>() / count;
        let weight = spread.mean * spread.mean / noise.variance(spread.mean);
        for (well, response) in group.responses() {
            let x = place(well) - mean_place;
            let y = response / spread.mean - 1.0;
            xx += weight * x * x;
            xy += weight * x * y;
            yy += weight * y * y;
        }
        df += spread.df;
    }
    let df = df.checked_sub(1).filter(|df| *df >= LEAST_DF && xx > 0.0)?;
    let share = xy / xx;
    let variance = ((yy - share * xy) / df as f64).max(0.0);
    let standard_error = (variance / xx).sqrt();
    Some(PositionEffect {
        trend,
        percent: 100.0 * share,
        standard_error_percent: 100.0 * standard_error,
        df,
        p: student_two_sided(share / standard_error, df as f64),
    })
}
