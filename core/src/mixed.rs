//! Linear mixed models: y = X beta + Z b + e, with random effects b of grouping factors.
//!
//! A [`Design`] says what is modelled and is checked once; a fit never sees text or files.

mod design;
mod fit;

pub use design::{Column, Design, DesignError, DesignParts, Grouping, Observed, RandomTerm};
pub use fit::{
    Criterion, FitError, FitSettings, FixedEffect, GroupCount, MixedFit, Modes, OptimizerSummary,
    RandomEffect, Residual,
};
