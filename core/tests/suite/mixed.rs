//! Mixed models beside lme4's answers.

mod lme4;
mod tables;
