//! Where the fit of a curve begins: nobody is asked, the standards themselves say it.

use super::curve::{MOST_PARAMETERS, share};

/// Middles that are tried, over the range of the standards and a little beyond.
const MIDPOINTS: u32 = 9;
/// Steepnesses that are tried.
const STEEPNESSES: [f64; 4] = [0.6, 1.0, 1.6, 2.8];

/// The best of a grid of middles and steepnesses, each with the A and D of linear least squares.
///
/// Given C, B and G, the response is linear in A and D, so that only a plane is searched.
pub(super) fn start(
    points: &[(f64, f64)],
    weights: &[f64],
    ln_asymmetry: f64,
) -> Option<[f64; MOST_PARAMETERS]> {
    let ln_x = points.iter().filter(|(x, _)| *x > 0.0).map(|(x, _)| x.ln());
    let (low, high) = ln_x.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), ln_x| {
        (f64::min(low, ln_x), f64::max(high, ln_x))
    });
    let step = (high - low) / f64::from(MIDPOINTS - 3);
    let candidates = (0..MIDPOINTS).flat_map(|position| {
        let ln_c = low + step * (f64::from(position) - 1.0);
        STEEPNESSES.map(|steepness| [0.0, 0.0, ln_c, steepness.ln(), ln_asymmetry])
    });
    let with_square = candidates.filter_map(|candidate| asymptotes(candidate, points, weights));
    with_square
        .min_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, start)| start)
}

/// A and D by weighted least squares on the share of A, and the sum of squares that they leave.
fn asymptotes(
    candidate: [f64; MOST_PARAMETERS],
    points: &[(f64, f64)],
    weights: &[f64],
) -> Option<(f64, [f64; MOST_PARAMETERS])> {
    let (mut w, mut ws, mut wy, mut wss, mut wsy, mut wyy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for ((x, y), weight) in points.iter().zip(weights) {
        let s = share(&candidate, *x).share;
        w += weight;
        ws += weight * s;
        wy += weight * y;
        wss += weight * s * s;
        wsy += weight * s * y;
        wyy += weight * y * y;
    }
    let spread = wss - ws * ws / w;
    let span = (wsy - ws * wy / w) / spread;
    let infinite = (wy - span * ws) / w;
    let left = wyy - wy * wy / w - span * span * spread;
    let [_, _, ln_c, ln_b, ln_g] = candidate;
    (spread > 0.0 && left.is_finite())
        .then_some((left, [infinite + span, infinite, ln_c, ln_b, ln_g]))
}
