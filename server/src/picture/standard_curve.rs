//! The standard curve of a plate: standards and samples on the response against a logarithmic axis of concentration.

use super::markup::Markup;
use super::number;
use super::palette;
use super::scale::{LinearScale, LogScale};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 520.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 736.0;
const TOP: f64 = 84.0;
const BOTTOM: f64 = 420.0;
const MARK: f64 = 4.6;

/// Everything that the picture of a standard curve shows.
#[derive(Debug, Clone, PartialEq)]
pub struct StandardCurvePicture {
    /// What stands above it, such as the plate's name.
    pub title: String,
    /// The unit of the standards.
    pub unit: String,
    /// What the responses are called, such as `optical density`.
    pub response: String,
    /// The curve, by rising concentration.
    pub curve: Vec<ResponsePoint>,
    /// The wells of the standards. Those of concentration zero lie on the left edge.
    pub standards: Vec<StandardMark>,
    /// The samples within the curve, at their mean response.
    pub samples: Vec<SampleMark>,
    /// The lowest and the highest standard that the curve measures between.
    pub range: (f64, f64),
}

/// A point of the curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResponsePoint {
    /// In the unit of the standards.
    pub concentration: f64,
    /// The response.
    pub response: f64,
}

/// A standard.
#[derive(Debug, Clone, PartialEq)]
pub struct StandardMark {
    /// Where it should lie.
    pub at: ResponsePoint,
    /// Whether it gives back its own concentration.
    pub accepted: bool,
    /// What a reader should know of it.
    pub note: String,
}

/// A sample read off the curve.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleMark {
    /// What was read, without dilution.
    pub at: ResponsePoint,
    /// What a reader should know of it.
    pub note: String,
}

/// Draws the picture as SVG text, with its message in words as `<title>` and `<desc>`. Numbers that are not finite are not
/// drawn.
#[must_use]
pub fn standard_curve_svg(picture: &StandardCurvePicture) -> String {
    let mut svg = Markup::document(WIDTH, HEIGHT, &picture.title, &words(picture));
    svg.style(palette::STYLE);
    svg.rectangle("paper", 0.0, 0.0, WIDTH, HEIGHT);
    svg.text("heading", 24.0, 34.0, &picture.title);
    svg.text("verdict", 24.0, 58.0, &summary(picture));
    let axes = Axes::around(picture);
    axes.draw(&mut svg, picture);
    svg.polyline(
        "person-curve",
        picture.curve.iter().map(|point| axes.place(*point)),
    );
    for sample in picture.samples.iter().filter(|sample| is_finite(sample.at)) {
        let (x, y) = axes.place(sample.at);
        svg.group("sample", &sample.note, |svg| {
            svg.line("whisker", (x, y - 6.0), (x, y + 6.0))
        });
    }
    for standard in picture
        .standards
        .iter()
        .filter(|standard| is_finite(standard.at))
    {
        let place = axes.place(standard.at);
        svg.group("standard", &standard.note, |svg| {
            mark(svg, place, standard.accepted)
        });
    }
    legend(&mut svg);
    svg.finish()
}

/// Accepted standards and others differ by shape, not by colour alone.
fn mark(svg: &mut Markup, (x, y): (f64, f64), accepted: bool) {
    if accepted {
        svg.circle("used", (x, y), MARK);
    } else {
        svg.rectangle("left-out", x - MARK, y - MARK, 2.0 * MARK, 2.0 * MARK);
    }
}

fn legend(svg: &mut Markup) {
    let y = BOTTOM + 72.0;
    mark(svg, (LEFT + 6.0, y), true);
    svg.text(
        "muted",
        LEFT + 18.0,
        y + 4.0,
        "standard within its recovery",
    );
    mark(svg, (LEFT + 236.0, y), false);
    svg.text(
        "muted",
        LEFT + 248.0,
        y + 4.0,
        "standard beyond it, or zero",
    );
    svg.line("whisker", (LEFT + 466.0, y - 6.0), (LEFT + 466.0, y + 6.0));
    svg.text("muted", LEFT + 476.0, y + 4.0, "sample");
}

struct Axes {
    concentration: LogScale,
    response: LinearScale,
    lowest: f64,
}

impl Axes {
    fn around(picture: &StandardCurvePicture) -> Self {
        let points = || {
            let standards = picture.standards.iter().map(|standard| standard.at);
            let samples = picture.samples.iter().map(|sample| sample.at);
            let all = picture
                .curve
                .iter()
                .copied()
                .chain(standards)
                .chain(samples);
            all.filter(|point| is_finite(*point))
        };
        let positive = points()
            .map(|point| point.concentration)
            .filter(|x| *x > 0.0);
        let (low, high) = positive.fold((f64::INFINITY, 0.0), |(low, high), x| {
            (f64::min(low, x), f64::max(high, x))
        });
        let (low, high) = if high > 0.0 {
            (low, high)
        } else {
            (0.1, 100.0)
        };
        let responses = points().map(|point| point.response);
        let (least, most) = responses.fold((0.0, 0.0), |(least, most), y| {
            (f64::min(least, y), f64::max(most, y))
        });
        Self {
            concentration: LogScale::covering((low, high), (LEFT, RIGHT)),
            response: LinearScale::new((least, most * 1.05), (BOTTOM, TOP)),
            lowest: low,
        }
    }

    fn place(&self, point: ResponsePoint) -> (f64, f64) {
        let concentration = point.concentration.max(self.lowest);
        (
            self.concentration.place(concentration),
            self.response.place(point.response),
        )
    }

    fn draw(&self, svg: &mut Markup, picture: &StandardCurvePicture) {
        let (low, high) = picture.range;
        let (from, to) = (
            self.concentration.place(low),
            self.concentration.place(high),
        );
        svg.rectangle("reference-band", from, TOP, to - from, BOTTOM - TOP);
        for tick in self.response.ticks(6.0) {
            let y = self.response.place(tick);
            svg.line("grid", (LEFT, y), (RIGHT, y));
            svg.text("muted at-end", LEFT - 8.0, y + 4.0, &number::tick(tick));
        }
        for tick in self.concentration.ticks() {
            let x = self.concentration.place(tick);
            svg.line("axis", (x, BOTTOM), (x, BOTTOM + 5.0));
            svg.text("muted centred", x, BOTTOM + 20.0, &number::tick(tick));
        }
        svg.line("axis", (LEFT, BOTTOM), (RIGHT, BOTTOM));
        svg.line("axis", (LEFT, TOP), (LEFT, BOTTOM));
        let title = format!("concentration, {} (log scale)", picture.unit);
        svg.text("axis-title", (LEFT + RIGHT) / 2.0, BOTTOM + 44.0, &title);
        svg.upright_text("axis-title", 28.0, (TOP + BOTTOM) / 2.0, &picture.response);
    }
}

fn is_finite(point: ResponsePoint) -> bool {
    point.concentration.is_finite() && point.response.is_finite()
}

fn summary(picture: &StandardCurvePicture) -> String {
    let (low, high) = picture.range;
    format!(
        "measures from {} to {} {} (shaded)",
        number::concentration(low),
        number::concentration(high),
        picture.unit
    )
}

fn words(picture: &StandardCurvePicture) -> String {
    let accepted = picture
        .standards
        .iter()
        .filter(|standard| standard.accepted);
    format!(
        "The {} of the standards against their concentration, and the curve through them: it {}. {} of {} wells of standards \
         lie at standards within their recovery; {} samples lie within the curve.",
        picture.response,
        summary(picture),
        accepted.count(),
        picture.standards.len(),
        picture.samples.len()
    )
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use resvg::usvg::roxmltree::Document;

    use super::*;

    fn point(concentration: f64, response: f64) -> ResponsePoint {
        ResponsePoint {
            concentration,
            response,
        }
    }

    #[test]
    fn each_well_is_a_mark_and_the_message_stands_in_words() {
        let standard = |x, y, accepted| StandardMark {
            at: point(x, y),
            accepted,
            note: "B1 & <b>".to_owned(),
        };
        let picture = StandardCurvePicture {
            title: "Plate 7".to_owned(),
            unit: "nmol/L".to_owned(),
            response: "optical density".to_owned(),
            curve: vec![point(0.3, 2.0), point(5.0, 1.0), point(80.0, 0.2)],
            standards: vec![
                standard(0.0, 2.1, false),
                standard(1.0, 1.8, true),
                standard(f64::NAN, 1.0, true),
            ],
            samples: vec![SampleMark {
                at: point(4.0, 1.1),
                note: "S1".to_owned(),
            }],
            range: (0.33, 82.0),
        };
        let text = standard_curve_svg(&picture);
        let document = Document::parse(&text).unwrap();
        let of_class = |class: &str| {
            let nodes = document.descendants();
            nodes
                .filter(|node| node.attribute("class") == Some(class))
                .count()
        };
        assert_eq!((of_class("standard"), of_class("sample")), (2, 1));
        assert!(text.contains("2 of 3 wells of standards"), "{text}");
        assert!(text.contains("0.33 to 82"), "{text}");
        assert!(crate::picture::png(&text, 760).is_ok());
    }
}
