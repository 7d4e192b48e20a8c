//! The left panel: samples, the person's curve and the reference, on a logarithmic axis.

use super::markup::Markup;
use super::scale::{LinearScale, LogScale};
use super::{CurvePoint, DayCurve, PersonPicture, SampleKind, SamplePoint, number};

const LEFT: f64 = 76.0;
const RIGHT: f64 = 570.0;
const TOP: f64 = 108.0;
const BOTTOM: f64 = 408.0;
const MARK: f64 = 4.6;

/// Where numbers lie in the panel.
struct Axes {
    hours: LinearScale,
    level: LogScale,
    unit_per_nmol: f64,
}

/// Draws the panel.
pub(super) fn draw(svg: &mut Markup, picture: &PersonPicture) {
    let axes = Axes::around(picture);
    svg.text("panel-title", 24.0, TOP - 18.0, "Samples and curve");
    axes.draw_grid(svg, picture.unit.ucum());
    band(svg, &axes, "reference-band", &picture.reference_band);
    middle(svg, &axes, "reference-middle", &picture.reference_band);
    band(svg, &axes, "person-band", &picture.fitted);
    for day in &picture.days {
        // A line through a limit would draw a concentration that nobody measured.
        let measured = day
            .samples
            .iter()
            .filter(|sample| sample.used && sample.kind == SampleKind::Exact);
        svg.polyline("day", measured.map(|sample| axes.place(sample)));
    }
    middle(svg, &axes, "person-curve", &picture.fitted);
    for day in &picture.days {
        for sample in day.samples.iter().filter(|sample| is_drawable(sample)) {
            let tooltip = tooltip(day, sample, picture.unit.ucum(), axes.unit_per_nmol);
            svg.group("sample", &tooltip, |svg| {
                mark(svg, axes.place(sample), sample.kind, sample.used)
            });
        }
    }
}

impl Axes {
    fn around(picture: &PersonPicture) -> Self {
        let unit_per_nmol = picture.unit.from_nmol_per_l(1.0);
        let samples = || {
            picture
                .days
                .iter()
                .flat_map(|day| &day.samples)
                .filter(|sample| is_drawable(sample))
        };
        let curves = || {
            picture
                .fitted
                .iter()
                .chain(&picture.reference_band)
                .filter(|point| is_finite(point))
        };

        let hours = samples()
            .map(|sample| sample.hours)
            .chain(curves().map(|point| point.hours));
        let (first, last) = hours.fold((-0.5, 16.0), |(low, high): (f64, f64), h| {
            (low.min(h), high.max(h))
        });

        let levels = samples()
            .map(|sample| sample.nmol_per_l)
            .filter(|level| *level > 0.0)
            .chain(curves().flat_map(|point| [point.lower_ln.exp(), point.upper_ln.exp()]));
        let (low, high) = levels.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), l| {
            (low.min(l), high.max(l))
        });
        let (low, high) = if high > 0.0 { (low, high) } else { (0.5, 50.0) };

        Self {
            hours: LinearScale::new((first - 0.3, last + 0.3), (LEFT, RIGHT)),
            level: LogScale::covering((low * unit_per_nmol, high * unit_per_nmol), (BOTTOM, TOP)),
            unit_per_nmol,
        }
    }

    fn place(&self, sample: &SamplePoint) -> (f64, f64) {
        (
            self.hours.place(sample.hours),
            self.level.place(sample.nmol_per_l * self.unit_per_nmol),
        )
    }

    fn place_ln(&self, hours: f64, ln_nmol_per_l: f64) -> (f64, f64) {
        (
            self.hours.place(hours),
            self.level.place_ln(ln_nmol_per_l + self.unit_per_nmol.ln()),
        )
    }

    fn draw_grid(&self, svg: &mut Markup, unit: &str) {
        for tick in self.level.ticks() {
            let y = self.level.place(tick);
            svg.line("grid", (LEFT, y), (RIGHT, y));
            svg.text("muted at-end", LEFT - 8.0, y + 4.0, &number::tick(tick));
        }
        let span_h = self.hours.ticks_every(1.0).len();
        let step_h = if span_h > 30 { 6.0 } else { 2.0 };
        for tick in self.hours.ticks_every(step_h) {
            let x = self.hours.place(tick);
            svg.line("axis", (x, BOTTOM), (x, BOTTOM + 5.0));
            svg.text("muted centred", x, BOTTOM + 20.0, &number::tick(tick));
        }
        svg.line("axis", (LEFT, BOTTOM), (RIGHT, BOTTOM));
        svg.line("axis", (LEFT, TOP), (LEFT, BOTTOM));
        svg.text(
            "axis-title",
            (LEFT + RIGHT) / 2.0,
            BOTTOM + 42.0,
            "hours since awakening",
        );
        let title = format!("salivary cortisol, {unit} (log scale)");
        svg.upright_text("axis-title", 28.0, (TOP + BOTTOM) / 2.0, &title);
    }
}

/// Draws the mark of one kind of sample: kinds differ by shape, use by fill.
pub(super) fn mark(svg: &mut Markup, (x, y): (f64, f64), kind: SampleKind, used: bool) {
    let class = match (used, kind) {
        (false, _) => "left-out",
        (true, SampleKind::Exact) => "used",
        (true, _) => "censored",
    };
    match kind {
        SampleKind::Exact => svg.circle(class, (x, y), MARK),
        SampleKind::Below => svg.polygon(class, triangle(x, y, 1.0)),
        SampleKind::Above => svg.polygon(class, triangle(x, y, -1.0)),
    }
}

fn triangle(x: f64, y: f64, down: f64) -> [(f64, f64); 3] {
    let (half, height) = (MARK * 1.2, MARK * 1.1 * down);
    [
        (x - half, y - height),
        (x + half, y - height),
        (x, y + height),
    ]
}

fn band(svg: &mut Markup, axes: &Axes, class: &str, curve: &[CurvePoint]) {
    let finite = || curve.iter().filter(|point| is_finite(point));
    let upper = finite().map(|point| axes.place_ln(point.hours, point.upper_ln));
    let lower = finite()
        .rev()
        .map(|point| axes.place_ln(point.hours, point.lower_ln));
    svg.polygon(class, upper.chain(lower));
}

fn middle(svg: &mut Markup, axes: &Axes, class: &str, curve: &[CurvePoint]) {
    let finite = curve.iter().filter(|point| is_finite(point));
    svg.polyline(
        class,
        finite.map(|point| axes.place_ln(point.hours, point.middle_ln)),
    );
}

fn tooltip(day: &DayCurve, sample: &SamplePoint, unit: &str, unit_per_nmol: f64) -> String {
    let sign = match sample.kind {
        SampleKind::Exact => "",
        SampleKind::Below => "below ",
        SampleKind::Above => "above ",
    };
    let level = number::concentration(sample.nmol_per_l * unit_per_nmol);
    let hours = number::fixed(sample.hours, 2);
    let used = if sample.used {
        "used in the slope"
    } else {
        "left out of the slope"
    };
    let note = if sample.note.is_empty() {
        String::new()
    } else {
        format!(" ({})", sample.note)
    };
    format!(
        "{}, {hours} h: {sign}{level} {unit}, {used}{note}",
        day.label
    )
}

fn is_drawable(sample: &SamplePoint) -> bool {
    sample.hours.is_finite() && sample.nmol_per_l.is_finite()
}

fn is_finite(point: &CurvePoint) -> bool {
    [point.hours, point.middle_ln, point.lower_ln, point.upper_ln]
        .into_iter()
        .all(f64::is_finite)
}
