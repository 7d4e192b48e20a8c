//! Linear mixed models: y = X beta + Z b + e, with random effects b of nested grouping factors.
//!
//! A [`Design`] says what is modelled and is checked once; a fit never sees text or files.

mod approximate;
mod columns;
mod comparison;
mod criterion;
mod cross_products;
mod dense;
mod design;
mod diagnostics;
mod elimination;
mod estimate;
mod fit;
mod hierarchy;
mod lanes;
mod model;
mod modes;
mod optimizer;
mod panels;
mod parameters;
mod posteriors;
mod profile;
mod quasi_newton;
mod satterthwaite;
mod sites;
mod student;
mod summed;
mod units;

pub use comparison::{ComparisonError, LikelihoodRatio, Prediction, likelihood_ratio};
pub use design::{Column, Design, DesignError, DesignParts, Grouping, Observed, RandomTerm};
pub use fit::{
    Criterion, FitError, FitSettings, FixedEffect, GroupCount, MixedFit, Modes, OptimizerSummary,
    RandomEffect, Residual,
};

pub use cross_products::{CrossProducts, CrossProductsError};
pub use diagnostics::{RowDiagnostics, diagnostics};
pub use estimate::fit;
pub use modes::conditional_modes;
pub use profile::{ProfileInterval, profile_intervals};
pub use summed::{SummedFitError, SummedModel, SummedTerm};
