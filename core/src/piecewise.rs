//! Piecewise-linear curves: straight segments that meet at knots.
//!
//! With knots k1 < k2 and t hours since awakening the curve is a + b1 x1 + b2 x2 + b3 x3 with x1 = min(t, k1),
//! x2 = t - k1 kept within 0 and k2 - k1, and x3 = max(t - k2, 0): a is the level at awakening and each b the slope of
//! its own segment, not a change against the one before. The customary knots are 0.5 and 2 h (Hajat et al. 2010,
//! Psychoneuroendocrinology 35:932-943, doi 10.1016/j.psyneuen.2009.12.009): the awakening response, an early and
//! a late decline.

mod fit;
mod knots;

pub use fit::{PiecewiseError, PiecewiseLine, Segment};
pub use knots::{Knots, KnotsError, basis};
