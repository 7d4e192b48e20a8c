//! The Levey-Jennings chart of one control: its z-scores run by run between the lines of 1, 2 and 3 SD.

use super::markup::{Markup, View};
use super::scale::LinearScale;
use super::{number, palette};

const WIDTH: f64 = 920.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 836.0;
const TOP: f64 = 84.0;
const BOTTOM: f64 = 340.0;
/// Readings further out lie on the edge, and their text says where they are.
const EDGE_SD: f64 = 4.5;
/// Labels of runs that fit below the axis.
const MOST_LABELS: usize = 8;
/// The chart alone, for inside a page.
const INLINE: View = View {
    x: 0.0,
    y: TOP - 24.0,
    width: WIDTH,
    height: HEIGHT - TOP + 24.0,
};

/// Everything that the chart of one control shows.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlChart {
    /// What stands above the chart, such as the study's display name.
    pub title: String,
    /// The control: material, level and lot.
    pub control: String,
    /// Mean and SD of the target in nmol/L, where one target holds for all runs; the axis then shows nmol/L too.
    pub target_nmol_per_l: Option<(f64, f64)>,
    /// The readings, oldest first.
    pub readings: Vec<ControlReading>,
}

/// One reading of the control.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlReading {
    /// The run's date or label.
    pub run: String,
    /// How many SD it lies above the mean.
    pub z: f64,
    /// Codes of the rules that it breaks, such as `1_3s`; none for one in control.
    pub rules: Vec<String>,
    /// Whether one of them rejects the run, and not only warns.
    pub rejected: bool,
}

/// Draws the chart as SVG text that a browser can open. Numbers that are not finite are not drawn.
#[must_use]
pub fn control_chart_svg(chart: &ControlChart) -> String {
    let mut svg = Markup::document(WIDTH, HEIGHT, &title(chart), &description(chart));
    svg.style(palette::STYLE);
    svg.rectangle("paper", 0.0, 0.0, WIDTH, HEIGHT);
    svg.text("heading", 24.0, 34.0, &title(chart));
    svg.text("verdict", 24.0, 58.0, &summary(chart));
    draw(&mut svg, chart);
    svg.finish()
}

/// Draws the chart for inside a page, which gives it its size and style. `id` is unique in the page.
#[must_use]
pub fn control_chart_inline(id: &str, chart: &ControlChart) -> String {
    let mut svg = Markup::inline(id, INLINE, &description(chart));
    draw(&mut svg, chart);
    svg.finish()
}

fn draw(svg: &mut Markup, chart: &ControlChart) {
    let level = LinearScale::new((-EDGE_SD, EDGE_SD), (BOTTOM, TOP));
    let last = chart.readings.len().saturating_sub(1) as f64;
    let time = LinearScale::new((-0.5, last + 0.5), (LEFT, RIGHT));
    lines(svg, &level, chart.target_nmol_per_l);
    labels(svg, &time, chart);
    let places = || {
        let readings = chart.readings.iter().enumerate();
        readings
            .filter(|(_, reading)| reading.z.is_finite())
            .map(|(position, reading)| {
                let place = (time.place(position as f64), level.place(reading.z));
                (reading, place)
            })
    };
    svg.polyline("day", places().map(|(_, place)| place));
    for (reading, place) in places() {
        svg.group("reading", &words(reading), |svg| mark(svg, reading, place));
    }
    legend(svg);
}

/// The mean and the limits, each named on the left in SD and on the right in nmol/L.
fn lines(svg: &mut Markup, level: &LinearScale, target: Option<(f64, f64)>) {
    for sd in -3..=3_i32 {
        let y = level.place(f64::from(sd));
        let class = match sd.abs() {
            0 => "axis",
            1 => "grid",
            2 => "reference-middle",
            _ => "threshold",
        };
        svg.line(class, (LEFT, y), (RIGHT, y));
        svg.text("muted at-end", LEFT - 8.0, y + 4.0, &limit(sd));
        if let Some((mean, spread)) = target {
            let nmol_per_l = mean + f64::from(sd) * spread;
            svg.text("muted", RIGHT + 8.0, y + 4.0, &number::fixed(nmol_per_l, 2));
        }
    }
    if target.is_some() {
        svg.text("note", RIGHT + 8.0, TOP - 4.0, "nmol/L");
    }
}

fn limit(sd: i32) -> String {
    match sd {
        0 => "mean".to_owned(),
        1.. => format!("+{sd} SD"),
        _ => format!("{} SD", number::tick(f64::from(sd))),
    }
}

/// Names of runs below the axis, as many as fit.
fn labels(svg: &mut Markup, time: &LinearScale, chart: &ControlChart) {
    let step = chart.readings.len().div_ceil(MOST_LABELS).max(1);
    for (position, reading) in chart.readings.iter().enumerate().step_by(step) {
        let x = time.place(position as f64);
        svg.text("note centred", x, BOTTOM + 18.0, &reading.run);
    }
    svg.text(
        "axis-title muted",
        0.5 * (LEFT + RIGHT),
        BOTTOM + 38.0,
        "runs, oldest first",
    );
}

/// In control, warned and rejected differ by shape; the rules stand beside the mark, away from the mean.
fn mark(svg: &mut Markup, reading: &ControlReading, (x, y): (f64, f64)) {
    let out = if reading.z < 0.0 { 1.0 } else { -1.0 };
    if reading.rules.is_empty() {
        svg.circle("used", (x, y), 4.2);
    } else if reading.rejected {
        svg.polygon(
            "broken",
            [
                (x - 6.0, y - 5.0 * out),
                (x + 6.0, y - 5.0 * out),
                (x, y + 6.0 * out),
            ],
        );
    } else {
        svg.circle("censored", (x, y), 4.6);
    }
    if !reading.rules.is_empty() {
        let text = reading.rules.join(" ");
        svg.text("threshold-text", x, y + 4.0 + 16.0 * out, &text);
    }
}

fn legend(svg: &mut Markup) {
    let y = BOTTOM + 60.0;
    svg.circle("used", (LEFT + 6.0, y), 4.2);
    svg.text("muted", LEFT + 18.0, y + 4.0, "breaks no rule");
    svg.circle("censored", (LEFT + 146.0, y), 4.6);
    svg.text(
        "muted",
        LEFT + 158.0,
        y + 4.0,
        "breaks a rule that only warns",
    );
    let x = LEFT + 390.0;
    svg.polygon(
        "broken",
        [(x - 6.0, y + 5.0), (x + 6.0, y + 5.0), (x, y - 6.0)],
    );
    svg.text(
        "muted",
        x + 14.0,
        y + 4.0,
        "breaks a rule that asks for a look at the run",
    );
}

fn title(chart: &ControlChart) -> String {
    format!("{}: control {}", chart.title, chart.control)
}

fn summary(chart: &ControlChart) -> String {
    let rejected = chart.readings.iter().filter(|reading| reading.rejected);
    match (rejected.count(), chart.readings.len()) {
        (0, 1) => "1 run, breaks no rule that asks for a look".to_owned(),
        (0, runs) => format!("{runs} runs, none breaks a rule that asks for a look"),
        (1, runs) => format!("{runs} runs, 1 breaks a rule that asks for a look"),
        (rejected, runs) => format!("{runs} runs, {rejected} break a rule that asks for a look"),
    }
}

fn description(chart: &ControlChart) -> String {
    let mut text = format!(
        "Levey-Jennings chart of control {}. {}.",
        chart.control,
        summary(chart)
    );
    if let Some((mean, sd)) = chart.target_nmol_per_l {
        let (mean, sd) = (number::concentration(mean), number::concentration(sd));
        text.push_str(&format!(" Mean {mean} nmol/L, SD {sd} nmol/L."));
    }
    for reading in chart.readings.iter().filter(|one| !one.rules.is_empty()) {
        text.push_str(&format!(" {}.", words(reading)));
    }
    text
}

fn words(reading: &ControlReading) -> String {
    let z = number::fixed(reading.z, 2);
    let rules = if reading.rules.is_empty() {
        "breaks no rule".to_owned()
    } else {
        format!("breaks {}", reading.rules.join(", "))
    };
    format!("{}: {z} SD, {rules}", reading.run)
}

#[cfg(test)]
mod tests;
