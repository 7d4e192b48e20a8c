//! Eight numbers of eight independent groups, computed side by side.
//!
//! Groups of one shape are laid side by side so that the compiler makes vector instructions of plain loops. An
//! operation on lanes is the same operation on each, in the same order: results do not depend on the processor.

use std::ops::{Add, AddAssign, Mul, Sub, SubAssign};

/// How many groups lie side by side.
pub(super) const LANES: usize = 8;

/// Runs a kernel with the widest vector instructions of this processor. Everything it calls must be inlined into it.
/// Nothing is fused or reordered: the digits are those of any other processor.
pub(super) fn wide<R>(kernel: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(kernel)
}

/// One number for each of eight groups.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub(super) struct Lanes(pub(super) [f64; LANES]);

impl Lanes {
    pub(super) const ZERO: Self = Self([0.0; LANES]);
    pub(super) const ONE: Self = Self([1.0; LANES]);

    #[inline(always)]
    pub(super) const fn splat(value: f64) -> Self {
        Self([value; LANES])
    }

    #[inline(always)]
    pub(super) fn reciprocal(self) -> Self {
        Self(self.0.map(|lane| 1.0 / lane))
    }

    /// The largest lane.
    #[inline(always)]
    pub(super) fn max(self) -> f64 {
        self.0.into_iter().fold(f64::NEG_INFINITY, f64::max)
    }

    /// The sum over the lanes, in their order.
    pub(super) fn sum(self) -> f64 {
        self.0.into_iter().sum()
    }
}

impl Add for Lanes {
    type Output = Self;
    #[inline(always)]
    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl Sub for Lanes {
    type Output = Self;
    #[inline(always)]
    fn sub(mut self, other: Self) -> Self {
        self -= other;
        self
    }
}

impl Mul for Lanes {
    type Output = Self;
    #[inline(always)]
    fn mul(mut self, other: Self) -> Self {
        for (lane, factor) in self.0.iter_mut().zip(other.0) {
            *lane *= factor;
        }
        self
    }
}

impl Mul<f64> for Lanes {
    type Output = Self;
    #[inline(always)]
    fn mul(mut self, factor: f64) -> Self {
        for lane in &mut self.0 {
            *lane *= factor;
        }
        self
    }
}

impl AddAssign for Lanes {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        for (lane, term) in self.0.iter_mut().zip(other.0) {
            *lane += term;
        }
    }
}

impl SubAssign for Lanes {
    #[inline(always)]
    fn sub_assign(&mut self, other: Self) {
        for (lane, term) in self.0.iter_mut().zip(other.0) {
            *lane -= term;
        }
    }
}
