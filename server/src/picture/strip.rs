//! Intervals beside a threshold, one a row of a table, all on one scale; and shares as bars.

use super::markup::Markup;
use super::scale::LinearScale;

const WIDTH: f64 = 150.0;
const HEIGHT: f64 = 18.0;
const MIDDLE: f64 = HEIGHT / 2.0;
const BAR_WIDTH: f64 = 72.0;
const BAR_HEIGHT: f64 = 10.0;

/// The scale that the rows of a table share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Strip(LinearScale);

impl Strip {
    /// A scale that covers all finite values.
    pub(crate) fn covering(values: impl IntoIterator<Item = f64>) -> Self {
        let finite = values.into_iter().filter(|value| value.is_finite());
        let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (f64::min(low, value), f64::max(high, value))
        });
        let (low, high) = if low <= high {
            (low, high)
        } else {
            (-1.0, 1.0)
        };
        Self(LinearScale::new((low, high), (6.0, WIDTH - 6.0)))
    }

    /// A point with its interval, and the threshold.
    pub(crate) fn interval(&self, lower: f64, middle: f64, upper: f64, threshold: f64) -> String {
        let mut svg = Markup::ornament(WIDTH, HEIGHT);
        let x = |value: f64| self.0.place(value);
        if threshold.is_finite() {
            svg.line(
                "threshold",
                (x(threshold), 1.0),
                (x(threshold), HEIGHT - 1.0),
            );
        }
        if lower.is_finite() && upper.is_finite() {
            svg.line("whisker", (x(lower), MIDDLE), (x(upper), MIDDLE));
        }
        if middle.is_finite() {
            svg.circle("used", (x(middle), MIDDLE), 4.0);
        }
        svg.finish()
    }
}

/// A share from 0 to 1 as a bar.
pub(crate) fn share_bar(share: f64) -> String {
    let mut svg = Markup::ornament(BAR_WIDTH, BAR_HEIGHT);
    svg.rectangle("bar-ground", 0.0, 0.0, BAR_WIDTH, BAR_HEIGHT);
    let share = if share.is_finite() {
        share.clamp(0.0, 1.0)
    } else {
        0.0
    };
    svg.rectangle("bar", 0.0, 0.0, BAR_WIDTH * share, BAR_HEIGHT);
    svg.finish()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use resvg::usvg::roxmltree::Document;

    use super::*;

    #[test]
    fn a_point_lies_in_its_interval_and_numbers_that_are_none_are_not_drawn() {
        let strip = Strip::covering([-0.2, 0.0, f64::NAN]);
        let text = strip.interval(-0.2, -0.1, 0.0, -0.05);
        let document = Document::parse(&text).unwrap();
        let circle = document
            .descendants()
            .find(|node| node.has_tag_name("circle"))
            .unwrap();
        assert_eq!(circle.attribute("cx"), Some("75"));
        let empty = strip.interval(f64::NAN, f64::NAN, f64::NAN, f64::NAN);
        assert!(
            !empty.contains("NaN") && !empty.contains("<line"),
            "{empty}"
        );
    }
}
