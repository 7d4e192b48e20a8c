//! From numbers to places: a linear scale, a logarithmic one, and the ticks of both.

/// A linear map of an interval of numbers onto an interval of user units.
#[derive(Debug, Clone, Copy)]
pub(super) struct LinearScale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl LinearScale {
    /// Maps `low` to `from` and `high` to `to`. An empty interval is widened by one.
    pub(super) fn new((low, high): (f64, f64), (from, to): (f64, f64)) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        Self {
            low,
            high,
            from,
            to,
        }
    }

    /// The place of a number; numbers outside lie on the edge.
    pub(super) fn place(&self, value: f64) -> f64 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.from + share * (self.to - self.from)
    }

    /// Round numbers inside the interval, about `count` of them.
    pub(super) fn ticks(&self, count: f64) -> Vec<f64> {
        let step = round_step((self.high - self.low) / count);
        multiples(self.low, self.high, step)
    }

    /// Multiples of `step` inside the interval.
    pub(super) fn ticks_every(&self, step: f64) -> Vec<f64> {
        multiples(self.low, self.high, step)
    }
}

/// A logarithmic map of an interval of positive numbers onto an interval of user units.
#[derive(Debug, Clone, Copy)]
pub(super) struct LogScale {
    ln: LinearScale,
    low: f64,
    high: f64,
}

impl LogScale {
    /// Covers the interval, widened to the next of 1, 2, 5 times a power of ten on both sides.
    pub(super) fn covering((low, high): (f64, f64), place: (f64, f64)) -> Self {
        // A picture of concentrations beyond these has lost its unit; the points then lie on the edge.
        let low = round_down(low.clamp(1e-3, 1e5));
        let high = round_up(high.clamp(low * 2.0, 1e6));
        Self {
            ln: LinearScale::new((low.ln(), high.ln()), place),
            low,
            high,
        }
    }

    /// The place of a number's logarithm.
    pub(super) fn place_ln(&self, ln_value: f64) -> f64 {
        self.ln.place(ln_value)
    }

    /// The place of a number; zero lies on the lower edge, where a logarithm would never be.
    pub(super) fn place(&self, value: f64) -> f64 {
        self.ln.place(value.max(self.low).ln())
    }

    /// 1, 2 and 5 times the powers of ten inside the interval.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let slack = 1.0 + 1e-9;
        decades()
            .flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| digit * decade))
            .filter(|tick| *tick * slack >= self.low && *tick <= self.high * slack)
            .collect()
    }
}

fn decades() -> impl DoubleEndedIterator<Item = f64> {
    (-4..=7).map(|power| 10f64.powi(power))
}

fn round_down(value: f64) -> f64 {
    decades()
        .rev()
        .flat_map(|decade| [5.0, 2.0, 1.0].map(|digit| digit * decade))
        .find(|candidate| *candidate <= value * (1.0 + 1e-9))
        .unwrap_or(value)
}

fn round_up(value: f64) -> f64 {
    decades()
        .flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| digit * decade))
        .find(|candidate| *candidate >= value * (1.0 - 1e-9))
        .unwrap_or(value)
}

fn round_step(raw: f64) -> f64 {
    let decade = 10f64.powf(raw.log10().floor());
    let share = raw / decade;
    let digit = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|digit| share <= digit * 1.000_001)
        .unwrap_or(10.0);
    digit * decade
}

fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    if !(step.is_finite() && step > 0.0) {
        return Vec::new();
    }
    let slack = step * 1e-6;
    let first = ((low - slack) / step).ceil();
    // No axis has room for more labels than this, and no input may make the list long.
    (0..40)
        .map(|index| (first + f64::from(index)) * step)
        .take_while(|tick| *tick <= high + slack)
        .collect()
}
