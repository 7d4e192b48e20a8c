//! Mixed models beside lme4's answers.

mod inference;
mod limits;
mod lme4;
mod lmertest;
mod odd;
mod summed;
mod tables;
mod unbiased;
