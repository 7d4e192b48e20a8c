//! The picture of one person: the days' samples, the curve that the posterior draws through them, and the
//! posterior of the slope beside the threshold it is judged against.
//!
//! Pure functions: numbers in, SVG text or PNG bytes out. The picture shows exactly what was computed, and each
//! sample says in its tooltip why it was left out. It is evidence for a reviewer: a flag is a reason to look again.

mod curve_panel;
mod groups;
mod legend;
mod levey_jennings;
mod markup;
pub(crate) mod number;
mod palette;
pub(crate) mod person;
mod plates;
mod posterior_panel;
mod raster;
mod scale;
mod standard_curve;
mod strip;
mod words;

use diel_core::{Unit, Verdict};

pub use levey_jennings::{ControlChart, ControlReading, control_chart_inline, control_chart_svg};
pub use person::Caption;
pub use raster::{MAX_WIDTH_PX, PictureError, png};

pub(crate) use groups::{GroupSlopes, slopes_by_group};
use markup::{Markup, View};
pub(crate) use plates::{PlatePoint, PlateSeries, plates_over_time};
pub use standard_curve::{
    ResponsePoint, SampleMark, StandardCurvePicture, StandardMark, standard_curve_svg,
};
pub(crate) use strip::{Strip, share_bar};

/// Everything that the picture of one person shows.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonPicture {
    /// What stands above the picture, such as the study's display name.
    pub title: String,
    /// The participant's pseudonymous code.
    pub participant: String,
    /// The sampling days, in order.
    pub days: Vec<DayCurve>,
    /// The person's curve with its 95 % band; empty when there is no posterior.
    pub fitted: Vec<CurvePoint>,
    /// The 10th, 50th and 90th percentile of persons in the reference.
    pub reference_band: Vec<CurvePoint>,
    /// The posterior of the slope, when there is one.
    pub posterior: Option<PosteriorSlope>,
    /// What the policy says.
    pub verdict: Verdict,
    /// The unit that the axis shows. Inputs are in nmol/L all the same.
    pub unit: Unit,
    /// Whether the data were simulated. The picture then says so where nobody can miss it.
    pub simulated: bool,
}

/// The samples of one sampling day.
#[derive(Debug, Clone, PartialEq)]
pub struct DayCurve {
    /// The day's date or label.
    pub label: String,
    /// Its samples in order of time.
    pub samples: Vec<SamplePoint>,
}

/// One sample that has a concentration or a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct SamplePoint {
    /// Hours since awakening.
    pub hours: f64,
    /// The concentration, or the limit of a censored one, in nmol/L.
    pub nmol_per_l: f64,
    /// What the number is.
    pub kind: SampleKind,
    /// Whether the slope rests on it.
    pub used: bool,
    /// What a reader should know of it, such as the tube's label and why it was left out.
    pub note: String,
}

/// What the number of a sample is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleKind {
    /// A concentration.
    Exact,
    /// A limit that the concentration lies below.
    Below,
    /// A limit that the concentration lies above.
    Above,
}

/// One point of a curve with its band, in ln(nmol/L).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvePoint {
    /// Hours since awakening.
    pub hours: f64,
    /// The middle of the band, ln(nmol/L).
    pub middle_ln: f64,
    /// The lower edge, ln(nmol/L).
    pub lower_ln: f64,
    /// The upper edge, ln(nmol/L).
    pub upper_ln: f64,
}

/// The posterior of a person's slope, in ln(nmol/L) per hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PosteriorSlope {
    /// Its mean.
    pub slope_ln_per_h: f64,
    /// Its standard deviation.
    pub sd_ln_per_h: f64,
    /// The lower end of the central 95 % interval.
    pub lower_ln_per_h: f64,
    /// The upper end.
    pub upper_ln_per_h: f64,
    /// The threshold that the policy judges by.
    pub threshold_ln_per_h: f64,
    /// The probability that the true slope is flatter than the threshold.
    pub probability_flat: f64,
}

/// Width of the picture in SVG user units.
const WIDTH: f64 = 920.0;
/// Height of the picture in SVG user units.
const HEIGHT: f64 = 540.0;

/// Draws the picture as SVG text that a page can hold inline or a browser can open.
///
/// The text is well-formed whatever the labels hold, follows the reader's light or dark scheme, and carries the
/// whole message once more as `<title>` and `<desc>` for those who cannot see it. Numbers that are not finite are
/// not drawn.
///
/// # Units
///
/// Concentrations come in nmol/L and are shown in [`PersonPicture::unit`]; slopes are ln(nmol/L) per hour.
pub fn profile_svg(picture: &PersonPicture) -> String {
    let mut svg = Markup::document(
        WIDTH,
        HEIGHT,
        &words::title(picture),
        &words::description(picture),
    );
    svg.style(palette::STYLE);
    svg.rectangle("paper", 0.0, 0.0, WIDTH, HEIGHT);
    heading(&mut svg, picture);
    curve_panel::draw(&mut svg, picture);
    posterior_panel::draw(&mut svg, picture.posterior.as_ref());
    legend::draw(&mut svg, picture);
    svg.finish()
}

/// A part of the picture that stands alone in a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Panel {
    /// Samples, the person's curve and the reference, with the legend.
    Curve,
    /// The posterior of the slope beside the threshold.
    Posterior,
}

/// Where the panels lie in the whole picture, without their titles.
const CURVE_VIEW: View = View {
    x: 14.0,
    y: 98.0,
    width: 566.0,
    height: 440.0,
};
const POSTERIOR_VIEW: View = View {
    x: 622.0,
    y: 98.0,
    width: 292.0,
    height: 424.0,
};

/// Draws one panel as SVG text for inside a page, which gives it its size and its [`style`]. The marks are those of
/// [`profile_svg`]; each panel carries its message in words.
#[must_use]
pub fn panel_svg(picture: &PersonPicture, panel: Panel) -> String {
    match panel {
        Panel::Curve => {
            let mut svg = Markup::inline("curve", CURVE_VIEW, &words::samples(picture));
            curve_panel::draw(&mut svg, picture);
            legend::draw(&mut svg, picture);
            svg.finish()
        }
        Panel::Posterior => {
            let mut svg = Markup::inline("posterior", POSTERIOR_VIEW, &words::posterior(picture));
            posterior_panel::draw(&mut svg, picture.posterior.as_ref());
            svg.finish()
        }
    }
}

/// The style sheet of everything that is drawn, for light and dark readers.
#[must_use]
pub const fn style() -> &'static str {
    palette::STYLE
}

fn heading(svg: &mut Markup, picture: &PersonPicture) {
    svg.text("heading", 24.0, 34.0, &words::title(picture));
    svg.text("verdict", 24.0, 58.0, &words::verdict(picture));
    if picture.simulated {
        svg.rectangle("badge", WIDTH - 156.0, 16.0, 132.0, 26.0);
        svg.text("badge-text", WIDTH - 90.0, 34.0, "simulated data");
    }
}

#[cfg(test)]
mod tests;
