//! The cosinor of one day: ln C against hours, a cosine of 24 h, without the awakening response, which is no cosine.

use super::Scratch;
use crate::cosinor::{Confidence, CosinorError, Wave};
use crate::{Absence, Feature, Moment};

/// MESOR and amplitude in ln(nmol/L).
#[derive(Debug, Clone, Copy)]
pub(super) struct DayCosinor {
    pub(super) mesor: f64,
    pub(super) amplitude: f64,
    pub(super) peak_clock_time: Feature,
    pub(super) p: f64,
}

/// Fits what was gathered outside the awakening response. Nearly all days of saliva are refused here, for too few times,
/// before anything is computed.
pub(super) fn of_day(
    awakening: Option<Moment>,
    scratch: &mut Scratch,
) -> Result<DayCosinor, Absence> {
    let Scratch {
        times,
        values,
        cosinor,
    } = scratch;
    let fitted = cosinor.fit(times, values).map_err(|error| match error {
        CosinorError::TooFewTimes { .. } | CosinorError::Saturated { .. } => Absence::FewTimes,
        CosinorError::ShortSpan { .. } => Absence::ShortSpan,
        _ => Absence::IllConditioned,
    })?;
    let wave = fitted.waves.first();
    Ok(DayCosinor {
        mesor: fitted.mesor,
        amplitude: wave.map_or(0.0, Wave::amplitude),
        peak_clock_time: wave
            .ok_or(Absence::AmplitudeCoversZero)
            .and_then(|wave| peak_clock_time(wave, awakening)),
        p: fitted.zero_amplitude_p,
    })
}

/// Hours after local midnight at which the wave is highest. A time is told only where one is told apart from others.
fn peak_clock_time(wave: &Wave, awakening: Option<Moment>) -> Feature {
    let peak = wave
        .acrophase_interval_rad(Confidence::P95)
        .ok()
        .and_then(|_| wave.peak_h())
        .ok_or(Absence::AmplitudeCoversZero)?;
    let awakening = awakening.ok_or(Absence::NoClock)?;
    Ok((awakening.hours_after_midnight() + peak).rem_euclid(24.0))
}
