//! What may be decided about a curve, as options.

use std::str::FromStr;

use clap::{Args, ValueEnum};
use diel_core::calibration::{Acceptance, BlankUse, CalibrationOptions, CurveModel, Weighting};
use diel_core::cosinor::Confidence;

/// Shapes of curves.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Model {
    /// Four parameters: y = D + (A - D) / (1 + (x/C)^B).
    #[default]
    #[value(name = "4pl")]
    Four,
    /// Five: the denominator to the power of an asymmetry G.
    #[value(name = "5pl")]
    Five,
}

/// Weights of responses.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Weight {
    /// As the replicates of the plate show that their variance grows.
    #[default]
    Estimated,
    /// All alike.
    None,
    /// The variance grows with the response.
    #[value(name = "1/y")]
    Response,
    /// The standard deviation does.
    #[value(name = "1/y^2")]
    ResponseSquared,
}

/// What becomes of blanks.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Blanks {
    /// Their mean is taken off every response.
    #[default]
    Subtract,
    /// They are standards of concentration 0.
    Zero,
    /// They are shown and used for nothing.
    Aside,
}

/// A range of recoveries, `80-120`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Recovery {
    low_percent: f64,
    high_percent: f64,
}

impl FromStr for Recovery {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const RULE: &str =
            "write the least and the greatest percentage that are accepted, such as 80-120";
        let (low, high) = text.split_once('-').ok_or(RULE)?;
        let percent = |text: &str| text.trim().parse::<f64>().map_err(|_| RULE);
        let (low_percent, high_percent) = (percent(low)?, percent(high)?);
        if (0.0..=100.0).contains(&low_percent) && (100.0..=1000.0).contains(&high_percent) {
            Ok(Self {
                low_percent,
                high_percent,
            })
        } else {
            Err("a recovery range reaches from 0-100 % to 100-1000 %, such as 80-120")
        }
    }
}

/// How the curve is fitted and judged.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "The curve")]
pub(super) struct CurveOptions {
    /// The shape of the curve.
    #[arg(long, value_enum, default_value_t)]
    model: Model,

    /// Which responses count for how much.
    #[arg(long = "weight", value_enum, default_value_t)]
    weight: Weight,

    /// What becomes of blank wells.
    #[arg(long, value_enum, default_value_t)]
    blanks: Blanks,

    /// Which recovery of a standard is accepted, percent.
    #[arg(long, value_name = "LOW-HIGH", default_value = "80-120")]
    recovery: Recovery,

    /// Which recovery of the lowest standard is accepted, percent.
    #[arg(long, value_name = "LOW-HIGH", default_value = "75-125")]
    lowest_recovery: Recovery,

    /// The limit of detection lies this many standard deviations from the response at zero.
    #[arg(long, value_name = "K", default_value_t = 3.0)]
    detection_sds: f64,

    /// The confidence of the intervals of samples.
    #[arg(long, value_name = "C", default_value_t = 0.95)]
    confidence: f64,
}

impl CurveOptions {
    pub(super) fn calibration(&self) -> anyhow::Result<CalibrationOptions> {
        anyhow::ensure!(
            (0.0..=10.0).contains(&self.detection_sds),
            "--detection-sds {}: from 0 to 10 standard deviations are understood",
            self.detection_sds
        );
        Ok(CalibrationOptions {
            model: match self.model {
                Model::Four => CurveModel::FourParameter,
                Model::Five => CurveModel::FiveParameter,
            },
            weighting: match self.weight {
                Weight::Estimated => Weighting::Estimated,
                Weight::None => Weighting::None,
                Weight::Response => Weighting::Response,
                Weight::ResponseSquared => Weighting::ResponseSquared,
            },
            blanks: match self.blanks {
                Blanks::Subtract => BlankUse::Subtracted,
                Blanks::Zero => BlankUse::ZeroStandard,
                Blanks::Aside => BlankUse::Aside,
            },
            acceptance: Acceptance {
                low_percent: self.recovery.low_percent,
                high_percent: self.recovery.high_percent,
                lowest_low_percent: self.lowest_recovery.low_percent,
                lowest_high_percent: self.lowest_recovery.high_percent,
            },
            detection_sds: self.detection_sds,
            confidence: Confidence::new(self.confidence)?,
            ..CalibrationOptions::default()
        })
    }
}
