//! The right panel: the posterior of the slope, the threshold, and the probability beyond it.

use super::markup::Markup;
use super::scale::LinearScale;
use super::{PosteriorSlope, number};

const LEFT: f64 = 640.0;
const RIGHT: f64 = 896.0;
const CENTRE: f64 = (LEFT + RIGHT) / 2.0;
const TOP: f64 = 108.0;
const BOTTOM: f64 = 408.0;
/// The density's highest point keeps clear of the threshold's label.
const SUMMIT: f64 = TOP + 44.0;
/// Points of the density's outline: smooth at eight times the size.
const OUTLINE: u32 = 160;

/// Draws the panel, or says that there is no posterior.
pub(super) fn draw(svg: &mut Markup, posterior: Option<&PosteriorSlope>) {
    svg.text("panel-title", LEFT, TOP - 18.0, "Posterior of the slope");
    match posterior.filter(|posterior| is_drawable(posterior)) {
        Some(posterior) => draw_posterior(svg, posterior),
        None => svg.text(
            "muted centred",
            CENTRE,
            (TOP + BOTTOM) / 2.0,
            "no posterior: not judged",
        ),
    }
}

fn draw_posterior(svg: &mut Markup, posterior: &PosteriorSlope) {
    let (mean, sd, threshold) = (
        posterior.slope_ln_per_h,
        posterior.sd_ln_per_h,
        posterior.threshold_ln_per_h,
    );
    let low = (mean - 3.6 * sd).min(threshold - 0.6 * sd);
    let high = (mean + 3.6 * sd).max(threshold + 0.6 * sd);
    let slope = LinearScale::new((low, high), (LEFT, RIGHT));
    let density = |x: f64| BOTTOM - (BOTTOM - SUMMIT) * (-0.5 * ((x - mean) / sd).powi(2)).exp();
    let outline = |from: f64, to: f64| {
        (0..=OUTLINE).map(move |index| {
            let x = from + (to - from) * f64::from(index) / f64::from(OUTLINE);
            (slope.place(x), density(x))
        })
    };
    let under = |from: f64, to: f64| {
        outline(from, to).chain([(slope.place(to), BOTTOM), (slope.place(from), BOTTOM)])
    };

    svg.polygon("density", under(low, high));
    svg.polygon("probability", under(threshold, high));
    svg.polyline("density-line", outline(low, high));
    draw_axis(svg, &slope);
    svg.line(
        "interval",
        (slope.place(posterior.lower_ln_per_h), BOTTOM),
        (slope.place(posterior.upper_ln_per_h), BOTTOM),
    );
    draw_threshold(svg, &slope, threshold);
    draw_numbers(svg, posterior);
}

fn draw_axis(svg: &mut Markup, slope: &LinearScale) {
    svg.line("axis", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    let ticks = slope.ticks(5.0);
    let decimals = ticks.iter().map(|tick| {
        number::tick(*tick)
            .chars()
            .skip_while(|sign| *sign != '.')
            .skip(1)
            .count()
    });
    let decimals = decimals.max().unwrap_or(0);
    for tick in ticks {
        let x = slope.place(tick);
        svg.line("axis", (x, BOTTOM), (x, BOTTOM + 5.0));
        svg.text(
            "muted centred",
            x,
            BOTTOM + 20.0,
            &number::fixed(tick, decimals),
        );
    }
    svg.text(
        "axis-title",
        CENTRE,
        BOTTOM + 42.0,
        "slope, ln(nmol/L) per hour",
    );
    svg.text("note", LEFT, BOTTOM + 60.0, "\u{2190} steeper");
    svg.text("note at-end", RIGHT, BOTTOM + 60.0, "flatter \u{2192}");
}

fn draw_threshold(svg: &mut Markup, slope: &LinearScale, threshold: f64) {
    let x = slope.place(threshold);
    svg.line("threshold", (x, TOP + 18.0), (x, BOTTOM));
    // The label stays inside the panel when the threshold lies near an edge.
    let label_x = x.clamp(LEFT + 62.0, RIGHT - 62.0);
    svg.text(
        "threshold-text",
        label_x,
        TOP + 10.0,
        &format!("threshold {}", number::fixed(threshold, 3)),
    );
}

fn draw_numbers(svg: &mut Markup, posterior: &PosteriorSlope) {
    let slope = format!(
        "slope {} (95 %: {} to {})",
        number::fixed(posterior.slope_ln_per_h, 3),
        number::fixed(posterior.lower_ln_per_h, 3),
        number::fixed(posterior.upper_ln_per_h, 3),
    );
    let probability = format!(
        "P(flatter than threshold) {}",
        number::probability(posterior.probability_flat)
    );
    svg.text("", LEFT, BOTTOM + 84.0, &slope);
    svg.text("strong", LEFT, BOTTOM + 104.0, &probability);
}

fn is_drawable(posterior: &PosteriorSlope) -> bool {
    let numbers = [
        posterior.slope_ln_per_h,
        posterior.lower_ln_per_h,
        posterior.upper_ln_per_h,
        posterior.threshold_ln_per_h,
        posterior.probability_flat,
    ];
    numbers.into_iter().all(f64::is_finite)
        && posterior.sd_ln_per_h.is_finite()
        && posterior.sd_ln_per_h > 0.0
}
