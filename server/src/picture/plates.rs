//! Plates over time: a share of each, and a line a laboratory.

use super::markup::{Markup, View};
use super::number;
use super::scale::LinearScale;

const LEFT: f64 = 60.0;
const RIGHT: f64 = 700.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 176.0;
/// Laboratories that are told apart by their marks.
const MARKS: usize = 4;

/// One plate.
#[derive(Debug, Clone)]
pub(crate) struct PlatePoint {
    /// Days since 1970.
    pub(crate) day: f64,
    /// The share, percent.
    pub(crate) percent: f64,
    /// What a reader should know of it.
    pub(crate) note: String,
}

/// The plates of one laboratory, in order of time.
#[derive(Debug, Clone)]
pub(crate) struct PlateSeries {
    /// The laboratory.
    pub(crate) lab: String,
    /// Its plates.
    pub(crate) plates: Vec<PlatePoint>,
}

/// Draws a share of each plate over time. `id` is unique in the page; `what` names the share.
pub(crate) fn plates_over_time(id: &str, what: &str, series: &[PlateSeries]) -> String {
    let points = || series.iter().flat_map(|series| &series.plates);
    let view = View {
        x: 0.0,
        y: 0.0,
        width: RIGHT + 16.0,
        height: BOTTOM + 52.0 + 20.0 * series.len().min(MARKS + 1) as f64,
    };
    let mut svg = Markup::inline(id, view, &words(what, series));
    let days = points().map(|plate| plate.day);
    let (first, last) = days.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), day| {
        (f64::min(low, day), f64::max(high, day))
    });
    let highest = points().map(|plate| plate.percent).fold(5.0, f64::max);
    let time = LinearScale::new((first - 0.5, last + 0.5), (LEFT, RIGHT));
    let level = LinearScale::new((0.0, highest * 1.1), (BOTTOM, TOP));
    for tick in level.ticks(4.0) {
        let y = level.place(tick);
        svg.line("grid", (LEFT, y), (RIGHT, y));
        svg.text(
            "muted at-end",
            LEFT - 8.0,
            y + 4.0,
            &format!("{} %", number::tick(tick)),
        );
    }
    svg.line("axis", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    if first.is_finite() {
        svg.text("muted", LEFT, BOTTOM + 20.0, &date(first));
        if last > first {
            svg.text("muted at-end", RIGHT, BOTTOM + 20.0, &date(last));
        }
    }
    for (number, series) in series.iter().enumerate() {
        let place = |plate: &PlatePoint| (time.place(plate.day), level.place(plate.percent));
        svg.polyline("day", series.plates.iter().map(place));
        for plate in &series.plates {
            let tooltip = format!(
                "{}: {} %, {}",
                series.lab,
                number::fixed(plate.percent, 1),
                plate.note
            );
            svg.group("plate", &tooltip, |svg| mark(svg, number, place(plate)));
        }
        if number <= MARKS {
            let y = BOTTOM + 44.0 + 20.0 * number as f64;
            mark(&mut svg, number, (LEFT + 6.0, y));
            let label = if number < MARKS {
                series.lab.as_str()
            } else {
                "other laboratories"
            };
            svg.text("muted", LEFT + 20.0, y + 4.0, label);
        }
    }
    svg.finish()
}

/// Laboratories differ by shape and fill, never by colour alone.
fn mark(svg: &mut Markup, series: usize, (x, y): (f64, f64)) {
    match series {
        0 => svg.circle("used", (x, y), 4.6),
        1 => svg.circle("left-out", (x, y), 4.6),
        2 => svg.polygon(
            "used",
            [(x - 5.0, y + 4.0), (x + 5.0, y + 4.0), (x, y - 5.0)],
        ),
        3 => svg.polygon(
            "left-out",
            [(x - 5.0, y + 4.0), (x + 5.0, y + 4.0), (x, y - 5.0)],
        ),
        _ => svg.rectangle("used", x - 3.5, y - 3.5, 7.0, 7.0),
    }
}

fn date(days_since_1970: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float beyond the range becomes its nearest end"
    )]
    let days = days_since_1970.floor() as i64;
    jiff::civil::date(1970, 1, 1)
        .checked_add(jiff::SignedDuration::from_hours(days.saturating_mul(24)))
        .map_or_else(|_| String::new(), |date| date.to_string())
}

fn words(what: &str, series: &[PlateSeries]) -> String {
    let mut text = format!("{what}, by plate over time.");
    for series in series {
        let percents = || series.plates.iter().map(|plate| plate.percent);
        text.push_str(&format!(
            " {}: {} plates, {} to {} %.",
            series.lab,
            series.plates.len(),
            number::fixed(percents().fold(f64::INFINITY, f64::min), 1),
            number::fixed(percents().fold(f64::NEG_INFINITY, f64::max), 1),
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use resvg::usvg::roxmltree::Document;

    use super::*;

    #[test]
    fn each_plate_is_a_mark_and_the_message_stands_in_words() {
        let plate = |day: f64, percent: f64| PlatePoint {
            day,
            percent,
            note: "plate 7".to_owned(),
        };
        let series = [PlateSeries {
            lab: "Lab A".to_owned(),
            plates: vec![plate(20_000.0, 2.5), plate(20_010.0, 20.0)],
        }];
        let text = plates_over_time("below", "Results below a limit", &series);
        let document = Document::parse(&text).unwrap();
        let plates = document
            .descendants()
            .filter(|node| node.attribute("class") == Some("plate"));
        assert_eq!(plates.count(), 2);
        assert!(text.contains(
            "Results below a limit, by plate over time. Lab A: 2 plates, 2.5 to 20.0 %."
        ));
        // 20,000 days after 1970-01-01.
        assert!(text.contains(">2024-10-04<"), "{text}");
    }
}
