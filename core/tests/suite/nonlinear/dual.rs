//! A number with its derivatives: the models of the certificates are written once and differentiated exactly.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// A value and its derivative with respect to each of up to nine parameters.
#[derive(Clone, Copy)]
pub(super) struct Dual {
    pub(super) value: f64,
    pub(super) slope: [f64; 9],
}

impl Dual {
    pub(super) fn parameter(parameters: &[f64], at: usize) -> Self {
        let mut slope = [0.0; 9];
        slope[at] = 1.0;
        Self {
            value: parameters[at],
            slope,
        }
    }

    fn through(self, value: f64, derivative: f64) -> Self {
        Self {
            value,
            slope: self.slope.map(|slope| derivative * slope),
        }
    }

    pub(super) fn exp(self) -> Self {
        self.through(self.value.exp(), self.value.exp())
    }

    pub(super) fn sin(self) -> Self {
        self.through(self.value.sin(), self.value.cos())
    }

    pub(super) fn cos(self) -> Self {
        self.through(self.value.cos(), -self.value.sin())
    }

    pub(super) fn atan(self) -> Self {
        self.through(self.value.atan(), 1.0 / (1.0 + self.value * self.value))
    }

    pub(super) fn ln(self) -> Self {
        self.through(self.value.ln(), 1.0 / self.value)
    }

    pub(super) fn powf(self, power: f64) -> Self {
        self.through(self.value.powf(power), power * self.value.powf(power - 1.0))
    }

    pub(super) fn pow(self, power: Self) -> Self {
        (self.ln() * power).exp()
    }
}

fn sum_of(one: Dual, times: f64, other: Dual, other_times: f64) -> [f64; 9] {
    std::array::from_fn(|at| times * one.slope[at] + other_times * other.slope[at])
}

impl From<f64> for Dual {
    fn from(value: f64) -> Self {
        Self {
            value,
            slope: [0.0; 9],
        }
    }
}

impl Add for Dual {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            value: self.value + other.value,
            slope: std::array::from_fn(|at| self.slope[at] + other.slope[at]),
        }
    }
}

impl Neg for Dual {
    type Output = Self;
    fn neg(self) -> Self {
        self.through(-self.value, -1.0)
    }
}

impl Sub for Dual {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Dual {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self {
            value: self.value * other.value,
            slope: sum_of(self, other.value, other, self.value),
        }
    }
}

impl Div for Dual {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let ratio = self.value / other.value;
        Self {
            value: ratio,
            slope: sum_of(self, other.value.recip(), other, -ratio / other.value),
        }
    }
}

macro_rules! with_numbers {
    ($($operation:ident $method:ident),+) => {$(
        impl $operation<f64> for Dual {
            type Output = Self;
            fn $method(self, other: f64) -> Self { self.$method(Self::from(other)) }
        }
        impl $operation<Dual> for f64 {
            type Output = Dual;
            fn $method(self, other: Dual) -> Dual { Dual::from(self).$method(other) }
        }
    )+};
}
with_numbers!(Add add, Sub sub, Mul mul, Div div);
