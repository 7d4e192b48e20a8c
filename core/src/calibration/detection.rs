//! The limit of detection, from wells that hold nothing.

use super::reading::{Content, Replicates};
use super::standard_curve::StandardCurve;

/// The limit of detection of a plate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// Wells of concentration zero with a response.
    pub wells: usize,
    /// Their mean response.
    pub mean_response: f64,
    /// The standard deviation of their responses.
    pub response_sd: f64,
    /// The response so many standard deviations from the mean, toward the curve.
    pub limit_response: f64,
    /// Its concentration, in the unit of the standards; absent where the curve does not reach it.
    pub concentration: Option<f64>,
}

/// From the zero standards; where there are none and the curve rises, from the blanks, whose response is then that of zero.
/// Where it falls, a blank lies at the other end. `None` for fewer than two wells.
pub(super) fn detection(
    groups: &[Replicates],
    curve: &StandardCurve,
    sds: f64,
) -> Option<Detection> {
    let is_rising = curve.curve.infinite_response > curve.curve.zero_response;
    let is_zero = |group: &&Replicates| matches!(&group.content, Content::Standard(nominal) if nominal.get() == 0.0);
    let is_blank = |group: &&Replicates| is_rising && group.content == Content::Blank;
    let zero = groups
        .iter()
        .find(is_zero)
        .or_else(|| groups.iter().find(is_blank))?;
    let spread = zero.spread().filter(|spread| spread.df > 0)?;
    let response_sd = (spread.square / spread.df as f64).sqrt();
    let toward = if is_rising { sds } else { -sds };
    let limit_response = spread.mean + toward * response_sd;
    Some(Detection {
        wells: spread.df + 1,
        mean_response: spread.mean,
        response_sd,
        limit_response,
        concentration: curve.curve.concentration(limit_response),
    })
}
