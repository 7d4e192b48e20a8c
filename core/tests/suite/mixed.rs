//! Mixed models beside lme4's answers.

mod inference;
mod limits;
mod lme4;
mod odd;
mod tables;
