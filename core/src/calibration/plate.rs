//! One plate, from its wells to its results.

use super::detection::{Detection, detection};
use super::position::{self, PositionEffect};
use super::quantity::{Quantity, Reader};
use super::reading::{Content, PlateWell, Reading, Replicates, gather};
use super::standard_curve::{CurveFitter, StandardCurve};
use super::standards::{self, StandardLevel};
use super::weighting::{Noise, Spread};
use super::{BlankUse, CalibrationError, CalibrationOptions, PlateRemark};

/// The share of A, at the highest standard, above which the other half of the curve is extrapolated.
const EXTRAPOLATED: f64 = 0.5;

/// A plate with its curve and what was read off it. Concentrations are in the unit of the standards.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CalibratedPlate {
    /// The standard curve.
    pub curve: StandardCurve,
    /// The standards, the lowest first.
    pub standards: Vec<StandardLevel>,
    /// LLOQ: the lowest standard that gives back its concentration. Less is `Below` it.
    pub lowest: f64,
    /// ULOQ: the highest such standard. More is `Above` it.
    pub highest: f64,
    /// The mean response of the blanks, where there are any.
    pub blank_response: Option<f64>,
    /// Whether that was taken off all responses; the responses here are then without it.
    pub blank_subtracted: bool,
    /// The limit of detection, where wells of concentration zero show it.
    pub detection: Option<Detection>,
    /// The samples, in the order of the wells given.
    pub samples: Vec<Quantity>,
    /// The controls, in the order of the wells given.
    pub controls: Vec<Quantity>,
    /// Whether places on the plate differ.
    pub position_effects: Vec<PositionEffect>,
    /// What a person should look at.
    pub remarks: Vec<PlateRemark>,
}

impl CalibratedPlate {
    /// One result a sample, in the order of the wells: of several dilutions the one whose concentration is known best, else the
    /// first.
    #[must_use]
    pub fn reported(&self) -> Vec<&Quantity> {
        let mut reported: Vec<&Quantity> = Vec::new();
        for sample in &self.samples {
            match reported.iter_mut().find(|taken| taken.name == sample.name) {
                Some(taken) if sample.relative_error() < taken.relative_error() => *taken = sample,
                Some(_) => {}
                None => reported.push(sample),
            }
        }
        reported
    }
}

/// Calibrates plates, and keeps its memory from one to the next.
#[derive(Debug, Default)]
pub struct Calibrator {
    fitter: CurveFitter,
    points: Vec<(f64, f64)>,
}

/// Fits the standard curve of a plate and reads its samples and controls off it.
///
/// # Errors
/// Standards that cannot carry the curve, each with its cause: see [`CalibrationError`].
///
/// ```
/// use diel_core::calibration::{CalibrationOptions, PlateWell, Reading, calibrate};
/// use diel_core::plate::{Nominal, WellRole};
/// // Run 1 of the DNase assay in R's datasets.
/// let levels = [0.048_828_12, 0.195_312_5, 0.390_625, 0.781_25, 1.5625, 3.125, 6.25, 12.5];
/// let density = [[0.017, 0.018], [0.121, 0.124], [0.206, 0.215], [0.377, 0.374], [0.614, 0.609], [1.019, 1.001],
///     [1.334, 1.364], [1.730, 1.710]];
/// let mut wells = Vec::new();
/// for (row, (level, pair)) in levels.into_iter().zip(density).enumerate() {
///     for (column, density) in pair.into_iter().enumerate() {
///         wells.push(PlateWell {
///             well: diel_core::plate::Well::new(row as u32 + 1, column as u32 + 1)?,
///             role: WellRole::Standard { nominal: Nominal::new(level)? },
///             reading: Reading::Response(density),
///         });
///     }
/// }
/// let plate = calibrate(&wells, &CalibrationOptions::default())?;
/// assert_eq!(plate.highest, 12.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn calibrate(
    wells: &[PlateWell],
    options: &CalibrationOptions,
) -> Result<CalibratedPlate, CalibrationError> {
    Calibrator::default().calibrate(wells, options)
}

impl Calibrator {
    /// As [`calibrate`].
    ///
    /// # Errors
    /// As [`calibrate`].
    pub fn calibrate(
        &mut self,
        wells: &[PlateWell],
        options: &CalibrationOptions,
    ) -> Result<CalibratedPlate, CalibrationError> {
        check_finite(wells)?;
        let mut groups = gather(wells, options.blanks == BlankUse::ZeroStandard);
        let blank_response = blank(&groups);
        let blank_subtracted = options.blanks == BlankUse::Subtracted && blank_response.is_some();
        if let Some(blank) = blank_response.filter(|_| blank_subtracted) {
            subtract(&mut groups, blank);
        }
        let noise = noise(&groups, options);
        let curve = self.fit(&groups, noise, options)?;
        let standards = standards::recoveries(&groups, &curve, &options.acceptance);
        let range = standards::range(&standards)?;
        let reader = Reader {
            curve: &curve,
            range,
            well_noise: well_noise(&groups, &curve),
            confidence: options.confidence,
        };
        let (mut samples, mut controls) = (Vec::new(), Vec::new());
        for group in &groups {
            match &group.content {
                Content::Sample(id, dilution) => samples.push(reader.read(group, id, *dilution)),
                Content::Control(name) => {
                    controls.push(reader.read(group, name, crate::plate::Dilution::default()));
                }
                Content::Standard(_) | Content::Blank => {}
            }
        }
        let position_effects = position::effects(&groups, noise);
        Ok(CalibratedPlate {
            remarks: remarks(&curve, &standards, &position_effects, options.remark_level),
            detection: detection(&groups, &curve, options.detection_sds),
            lowest: range.0,
            highest: range.1,
            curve,
            standards,
            blank_response,
            blank_subtracted,
            samples,
            controls,
            position_effects,
        })
    }

    fn fit(
        &mut self,
        groups: &[Replicates],
        noise: Noise,
        options: &CalibrationOptions,
    ) -> Result<StandardCurve, CalibrationError> {
        let levels = standards::levels(groups);
        standards::check(&levels, options.model.parameters(), noise)?;
        self.points.clear();
        for group in groups {
            if let Content::Standard(nominal) = &group.content {
                let points = group
                    .responses()
                    .map(|(_, response)| (nominal.get(), response));
                self.points.extend(points);
            }
        }
        let spreads: Vec<Spread> = levels.iter().map(|level| level.spread).collect();
        self.fitter
            .fit(&self.points, options.model, noise, &spreads)
    }
}

fn check_finite(wells: &[PlateWell]) -> Result<(), CalibrationError> {
    let is_bad = |well: &&PlateWell| matches!(well.reading, Reading::Response(y) if !y.is_finite());
    wells.iter().find(is_bad).map_or(Ok(()), |well| {
        Err(CalibrationError::NotFinite { well: well.well })
    })
}

fn blank(groups: &[Replicates]) -> Option<f64> {
    let blanks = groups
        .iter()
        .find(|group| group.content == Content::Blank)?;
    Some(blanks.spread()?.mean)
}

fn subtract(groups: &mut [Replicates], blank: f64) {
    for (_, reading) in groups.iter_mut().flat_map(|group| &mut group.wells) {
        if let Reading::Response(response) = reading {
            *response -= blank;
        }
    }
}

/// The noise as all replicates of the plate show it.
fn noise(groups: &[Replicates], options: &CalibrationOptions) -> Noise {
    let responses = groups.iter().flat_map(Replicates::responses);
    let largest = responses.map(|(_, y)| y).fold(0.0, f64::max);
    let spreads = || groups.iter().filter_map(Replicates::spread);
    // A response near nothing shows the reader's noise and not how noise grows.
    let telling: Vec<Spread> = spreads()
        .filter(|spread| spread.df > 0 && spread.mean > 0.0)
        .collect();
    Noise::new(options.weighting, &telling, largest)
}

/// sigma^2 of a well and its degrees of freedom: the standards about the curve and all other replicates about their means.
fn well_noise(groups: &[Replicates], curve: &StandardCurve) -> (f64, f64) {
    let others = groups
        .iter()
        .filter(|group| !matches!(group.content, Content::Standard(_)));
    let spreads: Vec<Spread> = others.filter_map(Replicates::spread).collect();
    let (square, df) = curve.noise.pooled(&spreads);
    let df = (df + curve.df) as f64;
    ((square + curve.residual_square) / df, df)
}

fn remarks(
    curve: &StandardCurve,
    standards: &[StandardLevel],
    effects: &[PositionEffect],
    level: f64,
) -> Vec<PlateRemark> {
    let lacks = curve.lack_of_fit.is_some_and(|test| test.p < level);
    let highest = standards
        .iter()
        .rev()
        .find_map(|standard| standard.mean_response);
    let share = highest.map_or(0.0, |response| curve.curve.share_of(response));
    let of_curve = [
        (lacks, PlateRemark::LackOfFit),
        (share > EXTRAPOLATED, PlateRemark::AsymptoteExtrapolated),
        (!curve.weights_settled, PlateRemark::WeightsUnsettled),
    ];
    let of_curve = of_curve
        .into_iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, remark)| remark);
    let of_places = effects.iter().filter(|effect| effect.p < level);
    standards::remarks(standards)
        .chain(of_curve)
        .chain(of_places.map(|effect| effect.trend.remark()))
        .collect()
}
