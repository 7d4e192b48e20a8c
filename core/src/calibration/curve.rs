//! The curve itself: response against concentration, and back.

/// The shape of a standard curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CurveModel {
    /// y = D + (A - D) / (1 + (x/C)^B).
    #[default]
    FourParameter,
    /// y = D + (A - D) / (1 + (x/C)^B)^G.
    FiveParameter,
}

impl CurveModel {
    /// How many parameters it has.
    #[must_use]
    pub const fn parameters(self) -> usize {
        match self {
            Self::FourParameter => 4,
            Self::FiveParameter => 5,
        }
    }
}

/// A logistic curve in canonical order: A is the response at zero, D the one that it approaches, whichever is higher.
///
/// ```
/// use diel_core::calibration::Curve;
/// let falling = Curve { zero_response: 2.0, infinite_response: 0.1, midpoint: 3.0, steepness: 1.0, asymmetry: 1.0 };
/// assert!((falling.response(3.0) - 1.05).abs() < 1e-12);
/// assert!((falling.concentration(1.05).unwrap() - 3.0).abs() < 1e-12);
/// assert_eq!(falling.concentration(2.1), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Curve {
    /// A: the response at a concentration of zero.
    pub zero_response: f64,
    /// D: the response that no concentration reaches.
    pub infinite_response: f64,
    /// C, in the unit of the standards; without asymmetry the concentration half way between A and D.
    pub midpoint: f64,
    /// B, above 0.
    pub steepness: f64,
    /// G, above 0; 1 is a curve of four parameters.
    pub asymmetry: f64,
}

/// The parameters that are fitted: A, D, ln C, ln B and, of five, ln G. C, B and G cannot leave their range so.
pub(super) const MOST_PARAMETERS: usize = 5;

impl Curve {
    pub(super) fn from_fitted(parameters: &[f64]) -> Self {
        let at = |position: usize| parameters.get(position).copied().unwrap_or_default();
        Self {
            zero_response: at(0),
            infinite_response: at(1),
            midpoint: at(2).exp(),
            steepness: at(3).exp(),
            asymmetry: at(4).exp(),
        }
    }

    pub(super) fn fitted(&self) -> [f64; MOST_PARAMETERS] {
        [
            self.zero_response,
            self.infinite_response,
            self.midpoint.ln(),
            self.steepness.ln(),
            self.asymmetry.ln(),
        ]
    }

    /// The response at a concentration in the unit of the standards.
    #[must_use]
    pub fn response(&self, concentration: f64) -> f64 {
        let share = share(&self.fitted(), concentration).share;
        self.infinite_response + (self.zero_response - self.infinite_response) * share
    }

    /// The concentration of a response, in the unit of the standards; `None` at the asymptotes and beyond.
    #[must_use]
    pub fn concentration(&self, response: f64) -> Option<f64> {
        let share = self.share_of(response);
        if !(share > 0.0 && share < 1.0) {
            return None;
        }
        // (share^(-1/G) - 1)^(1/B), without cancellation near A.
        let odds = (-share.ln() / self.asymmetry).exp_m1();
        let concentration = self.midpoint * odds.powf(self.steepness.recip());
        (concentration.is_finite() && concentration > 0.0).then_some(concentration)
    }

    /// How far a response lies from D toward A: 1 at a concentration of zero.
    pub(super) fn share_of(&self, response: f64) -> f64 {
        (response - self.infinite_response) / (self.zero_response - self.infinite_response)
    }
}

/// The share of A at a concentration, with its derivatives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    pub(super) share: f64,
    /// By ln x.
    pub(super) by_ln_x: f64,
    /// By ln B.
    by_ln_b: f64,
    /// By ln G.
    by_ln_g: f64,
}

pub(super) fn share(fitted: &[f64; MOST_PARAMETERS], concentration: f64) -> Share {
    let [_, _, ln_c, ln_b, ln_g] = *fitted;
    if concentration <= 0.0 {
        return Share {
            share: 1.0,
            by_ln_x: 0.0,
            by_ln_b: 0.0,
            by_ln_g: 0.0,
        };
    }
    let (b, g) = (ln_b.exp(), ln_g.exp());
    let ln_ratio = concentration.ln() - ln_c;
    let z = b * ln_ratio;
    // ln(1 + e^z) and e^z / (1 + e^z), where e^z may overflow.
    let small = (-z.abs()).exp();
    let ln_sum = z.max(0.0) + small.ln_1p();
    let odds_share = if z > 0.0 { 1.0 } else { small } / (1.0 + small);
    let share = (-g * ln_sum).exp();
    let by_z = -g * share * odds_share;
    Share {
        share,
        by_ln_x: by_z * b,
        by_ln_b: by_z * z,
        by_ln_g: -g * ln_sum * share,
    }
}

/// The derivatives of the response by the fitted parameters.
pub(super) fn gradient(fitted: &[f64; MOST_PARAMETERS], share: Share) -> [f64; MOST_PARAMETERS] {
    let [a, d, ..] = *fitted;
    let span = a - d;
    [
        share.share,
        1.0 - share.share,
        -span * share.by_ln_x,
        span * share.by_ln_b,
        span * share.by_ln_g,
    ]
}
