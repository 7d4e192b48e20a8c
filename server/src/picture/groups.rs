//! Slopes by group: one histogram a group, below each other on one scale.

use super::markup::{Markup, View};
use super::number;
use super::scale::LinearScale;

const LEFT: f64 = 150.0;
const RIGHT: f64 = 700.0;
const TOP: f64 = 8.0;
const ROW: f64 = 74.0;
/// Height of the highest bar of a row.
const SUMMIT: f64 = 56.0;

/// The slopes of one group, counted in bins of one width.
#[derive(Debug, Clone)]
pub(crate) struct GroupSlopes<'a> {
    /// What the group is called.
    pub(crate) label: String,
    /// The count of each bin.
    pub(crate) counts: &'a [u64],
    /// The median, ln(nmol/L) per hour.
    pub(crate) median_ln_per_h: Option<f64>,
}

/// Draws the histograms of groups whose bins begin at `from` and are `width` wide, in ln(nmol/L) per hour. Each group
/// has a height of its own: shapes are compared, and the counts stand beside them.
pub(crate) fn slopes_by_group(groups: &[GroupSlopes<'_>], from: f64, width: f64) -> String {
    let bins = groups
        .iter()
        .map(|group| group.counts.len())
        .max()
        .unwrap_or(0);
    let bottom = TOP + ROW * groups.len() as f64;
    let view = View {
        x: 0.0,
        y: 0.0,
        width: RIGHT + 16.0,
        height: bottom + 48.0,
    };
    let mut svg = Markup::inline("slopes", view, &words(groups));
    let slope = LinearScale::new((from, from + width * bins as f64), (LEFT, RIGHT));
    for tick in slope.ticks(8.0) {
        let x = slope.place(tick);
        svg.line("grid", (x, TOP), (x, bottom));
        svg.text("muted centred", x, bottom + 18.0, &number::fixed(tick, 2));
    }
    for (row, group) in groups.iter().enumerate() {
        let base = TOP + ROW * (row + 1) as f64 - 8.0;
        let highest = group.counts.iter().copied().max().unwrap_or(0).max(1) as f64;
        for (bin, count) in group
            .counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
        {
            let (begin, end) = (from + width * bin as f64, from + width * (bin + 1) as f64);
            let height = SUMMIT * *count as f64 / highest;
            let (x, right) = (slope.place(begin), slope.place(end));
            let tooltip = format!(
                "{}: {count} from {} to {}",
                group.label,
                number::fixed(begin, 2),
                number::fixed(end, 2)
            );
            svg.group("bin", &tooltip, |svg| {
                svg.rectangle("histogram", x + 0.5, base - height, right - x - 1.0, height);
            });
        }
        svg.line("axis", (LEFT, base), (RIGHT, base));
        if let Some(median) = group.median_ln_per_h {
            let x = slope.place(median);
            svg.line("median", (x, base - SUMMIT), (x, base));
        }
        let count: u64 = group.counts.iter().sum();
        svg.text(
            "strong at-end",
            LEFT - 12.0,
            base - 22.0,
            &shortened(&group.label),
        );
        svg.text(
            "muted at-end",
            LEFT - 12.0,
            base - 6.0,
            &format!("{count} slopes"),
        );
    }
    svg.text(
        "axis-title",
        (LEFT + RIGHT) / 2.0,
        bottom + 40.0,
        "posterior slope, ln(nmol/L) per hour; flatter to the right",
    );
    svg.finish()
}

fn shortened(label: &str) -> String {
    const MOST: usize = 18;
    if label.chars().count() <= MOST {
        return label.to_owned();
    }
    let mut short: String = label.chars().take(MOST - 1).collect();
    short.push('\u{2026}');
    short
}

fn words(groups: &[GroupSlopes<'_>]) -> String {
    let mut text = "Distribution of posterior slopes by group.".to_owned();
    for group in groups {
        let count: u64 = group.counts.iter().sum();
        text.push_str(&format!(" {}: {count} slopes", group.label));
        if let Some(median) = group.median_ln_per_h {
            text.push_str(&format!(
                ", median {} ln(nmol/L) per hour",
                number::fixed(median, 3)
            ));
        }
        text.push('.');
    }
    text
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use resvg::usvg::roxmltree::Document;

    use super::*;

    #[test]
    fn each_bin_with_slopes_is_a_bar_and_the_message_stands_in_words() {
        let groups = [GroupSlopes {
            label: "<controls>".to_owned(),
            counts: &[0, 3, 1, 0],
            median_ln_per_h: Some(-0.07),
        }];
        let text = slopes_by_group(&groups, -0.1, 0.02);
        let document = Document::parse(&text).unwrap();
        let bars = document
            .descendants()
            .filter(|node| node.attribute("class") == Some("histogram"));
        assert_eq!(bars.count(), 2);
        let words = document
            .descendants()
            .find(|node| node.has_tag_name("desc"))
            .unwrap();
        assert_eq!(
            words.text(),
            Some(
                "Distribution of posterior slopes by group. <controls>: 4 slopes, median \u{2212}0.070 ln(nmol/L) per \
                 hour."
            )
        );
    }
}
