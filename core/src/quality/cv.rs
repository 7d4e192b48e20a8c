//! Coefficients of variation: of replicates, within a run, between runs.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use crate::NmolPerL;
use crate::coded::coded;

coded! {
    /// Why a coefficient of variation is absent. It is a number or one of these, never 0 for want of a second reading.
    CvAbsence, "cv_absence" {
        NoReading = "no_reading": "There is no reading.",
        OneReading = "one_reading": "One reading has no spread; a CV needs at least two.",
        MeanZero = "mean_zero": "The mean is 0, to which no spread can be related.",
    }
}

/// The spread of the replicates of one specimen or control.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReplicateCv {
    /// Standard deviation over mean, in percent.
    pub percent: f64,
    /// How many readings it rests on, at least two.
    pub readings: usize,
}

/// A coefficient of variation with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CvEstimate {
    /// The CV, in percent.
    pub percent: f64,
    /// How many sets of replicates, or runs, it rests on.
    pub n: usize,
    /// Degrees of freedom.
    pub df: usize,
    /// The lower end of the 95 % interval, in percent.
    pub lower_percent: f64,
    /// The upper end, in percent; infinite where two readings say next to nothing.
    pub upper_percent: f64,
}

/// The CV within a run, as both formulas give it. They differ: the mean of CVs lies below the pooled CV, for duplicates
/// by a fifth (sqrt(2/pi) = 0.798). A figure without the name of its formula is not comparable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntraAssayCv {
    /// Pooled: the root of the mean square of the replicates' CVs, weighted by degrees of freedom.
    pub pooled: CvEstimate,
    /// The plain mean of the replicates' CVs, as most papers report it, in percent.
    pub mean_percent: f64,
}

/// The CV of the replicates of one specimen: SD (n - 1) over mean.
///
/// # Errors
/// Fewer than two readings, or a mean of 0.
///
/// ```
/// use diel_core::{NmolPerL, quality::{CvAbsence, replicate_cv}};
/// let read = |number| NmolPerL::new(number).unwrap();
/// // |4 - 6| / sqrt(2) / 5 = 28.284 %
/// assert!((replicate_cv(&[read(4.0), read(6.0)]).unwrap().percent - 28.284).abs() < 1e-3);
/// assert_eq!(replicate_cv(&[read(4.0)]), Err(CvAbsence::OneReading));
/// ```
pub fn replicate_cv(readings: &[NmolPerL]) -> Result<ReplicateCv, CvAbsence> {
    Ok(ReplicateCv {
        percent: 100.0 * relative_spread(readings)?,
        readings: readings.len(),
    })
}

/// The CV within a run from the replicates of its specimens or controls. The interval is that of a variance on the
/// pooled degrees of freedom.
///
/// # Errors
/// No replicates.
///
/// # References
/// Pooling duplicates by the root mean square: Bland JM, Altman DG 1996 (BMJ 313:106), method of squares.
pub fn intra_assay_cv(replicates: &[ReplicateCv]) -> Result<IntraAssayCv, CvAbsence> {
    let (mut df, mut squares, mut sum) = (0_usize, 0.0, 0.0);
    for replicate in replicates {
        let own = replicate.readings.saturating_sub(1);
        df += own;
        squares += own as f64 * replicate.percent * replicate.percent;
        sum += replicate.percent;
    }
    if df == 0 {
        return Err(CvAbsence::NoReading);
    }
    let percent = (squares / df as f64).sqrt();
    let end = |probability| percent * (df as f64 / chi_squared(probability, df)).sqrt();
    Ok(IntraAssayCv {
        pooled: CvEstimate {
            percent,
            n: replicates.len(),
            df,
            lower_percent: end(0.975),
            upper_percent: end(0.025),
        },
        mean_percent: sum / replicates.len() as f64,
    })
}

/// The CV between runs, from the mean of one control in each run.
///
/// # Errors
/// Fewer than two runs, or a mean of 0.
///
/// # References
/// The interval: Vangel MG 1996 (Am Stat 50:21-26), the modified McKay interval.
pub fn inter_assay_cv(run_means: &[NmolPerL]) -> Result<CvEstimate, CvAbsence> {
    let ratio = relative_spread(run_means)?;
    let (n, df) = (run_means.len(), run_means.len() - 1);
    let end = |probability| {
        let quantile = chi_squared(probability, df);
        let under = ((quantile + 2.0) / n as f64 - 1.0) * ratio * ratio + quantile / df as f64;
        if under > 0.0 {
            100.0 * ratio / under.sqrt()
        } else {
            f64::INFINITY
        }
    };
    Ok(CvEstimate {
        percent: 100.0 * ratio,
        n,
        df,
        lower_percent: end(0.975),
        upper_percent: end(0.025),
    })
}

/// SD (n - 1) over mean.
fn relative_spread(readings: &[NmolPerL]) -> Result<f64, CvAbsence> {
    match readings.len() {
        0 => return Err(CvAbsence::NoReading),
        1 => return Err(CvAbsence::OneReading),
        _ => {}
    }
    let count = readings.len() as f64;
    let mean = readings.iter().map(|reading| reading.get()).sum::<f64>() / count;
    if mean == 0.0 {
        return Err(CvAbsence::MeanZero);
    }
    let squares = readings
        .iter()
        .map(|reading| (reading.get() - mean).powi(2))
        .sum::<f64>();
    Ok((squares / (count - 1.0)).sqrt() / mean)
}

/// The quantile of the chi-squared distribution.
fn chi_squared(probability: f64, df: usize) -> f64 {
    // One degree of freedom and more always make a distribution.
    ChiSquared::new(df as f64).map_or(f64::NAN, |distribution| {
        distribution.inverse_cdf(probability)
    })
}
