//! Mixed models beside lme4's answers.

mod limits;
mod lme4;
mod tables;
