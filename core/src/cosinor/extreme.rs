//! Where the whole fitted curve is highest and lowest. With one harmonic that is the acrophase and half a period
//! from it; with several it has no closed form.

use super::Cosinor;

/// Steps of the search a period of the finest wave, and halvings after it: 24 h / 64 / 1.618^60 is below a nanosecond.
const STEPS_PER_WAVE: u32 = 64;
const SECTIONS: u32 = 60;

/// The golden section, (sqrt 5 - 1) / 2.
const GOLDEN: f64 = 0.618_033_988_749_894_8;

/// A turning point of the fitted curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extreme {
    /// Hours after time 0, in [0, period).
    pub hours: f64,
    /// The curve there, in the unit of the values.
    pub value: f64,
}

impl Cosinor {
    /// Where the fitted curve of all harmonics is highest; `None` when it is flat.
    #[must_use]
    pub fn highest(&self) -> Option<Extreme> {
        self.extreme(1.0)
    }

    /// Where the fitted curve of all harmonics is lowest; `None` when it is flat.
    #[must_use]
    pub fn lowest(&self) -> Option<Extreme> {
        self.extreme(-1.0)
    }

    fn extreme(&self, sign: f64) -> Option<Extreme> {
        let (longest, finest) = (self.waves.first()?, self.waves.last()?);
        if self.waves.iter().all(|wave| wave.amplitude() == 0.0) {
            return None;
        }
        let period_h = longest.period_h();
        let step = finest.period_h() / f64::from(STEPS_PER_WAVE);
        let height = |hours: f64| sign * self.value_at(hours);
        let mut best = 0.0;
        let mut hours = 0.0;
        while hours < period_h {
            if height(hours) > height(best) {
                best = hours;
            }
            hours += step;
        }
        let (mut lower, mut upper) = (best - step, best + step);
        for _ in 0..SECTIONS {
            let width = GOLDEN * (upper - lower);
            let (left, right) = (upper - width, lower + width);
            if height(left) < height(right) {
                lower = left;
            } else {
                upper = right;
            }
        }
        let hours = (0.5 * (lower + upper)).rem_euclid(period_h);
        Some(Extreme {
            hours: if hours < period_h { hours } else { 0.0 },
            value: self.value_at(hours),
        })
    }
}
