//! Models of rows that were summed up group by group, wherever the rows lay.
//!
//! The likelihood of a normal model with nested groups rests on the rows through the products of all columns within each group
//! of the finest factor, and nothing else. So these can be made apart, by whoever holds a person whole.

use std::sync::Arc;

use thiserror::Error;

use super::columns::constant_in_sums;
use super::cross_products::CrossProducts;
use super::estimate::fit_exactly;
use super::model::Model;
use super::{
    Column, Design, DesignError, DesignParts, FitError, FitSettings, Grouping, MixedFit,
    RandomTerm, Residual,
};

/// Which of the summed columns are what in a model.
#[derive(Debug, Clone, PartialEq)]
pub struct SummedModel {
    /// The names of the columns; the last is the response.
    pub columns: Vec<String>,
    /// Indices of the columns of the fixed effects.
    pub fixed: Vec<usize>,
    /// The random terms.
    pub random: Vec<SummedTerm>,
}

/// One random term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummedTerm {
    /// The grouping factor's name.
    pub group: String,
    /// Whether the factor tells the groups within a person apart that are summed each for itself; else it tells persons apart.
    pub is_within: bool,
    /// Indices of the columns whose coefficients vary.
    pub columns: Vec<usize>,
}

/// Why sums make no fit.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum SummedFitError {
    /// Sums of other columns than the model's.
    #[error("the sums of person {person} have {found} columns, the model has {expected}")]
    Width {
        /// The person, from 0.
        person: usize,
        /// Columns of the sums.
        found: usize,
        /// Columns of the model.
        expected: usize,
    },
    /// Several groups of a person where the model has no factor within persons.
    #[error(
        "the sums of person {person} have {groups} groups; the model takes a person's rows together"
    )]
    Groups {
        /// The person, from 0.
        person: usize,
        /// Its groups.
        groups: usize,
    },
    /// A residual that cross-products do not sum up.
    #[error("sums are fitted with a normal residual only; heavy tails want every row")]
    Residual,
    /// Columns that are combinations of others, or nearly so.
    #[error(
        "sums cannot tell whether a fixed effect is a combination of others, as it seems to be here; leave it out of the formula, or fit \
         the rows in one process, which looks at them again"
    )]
    Dependent,
    /// A response of which the fixed effects leave nearly nothing.
    #[error(
        "the fixed effects leave less than a millionth of the response's variation; sums hold too few digits of such a rest: fit the rows in \
         one process"
    )]
    LittleLeft,
    /// The model does not fit the groups.
    #[error(transparent)]
    Design(#[from] DesignError),
    /// No fit.
    #[error(transparent)]
    Fit(#[from] FitError),
}

/// Sums of all groups, and which of their columns are what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Summed<'a> {
    pub(super) sums: &'a CrossProducts,
    pub(super) fixed: &'a [usize],
    pub(super) response: usize,
    random: &'a [SummedTerm],
}

impl Summed<'_> {
    /// Which of the summed columns is one of a random term's.
    pub(super) fn random_column(&self, term: usize, number: usize) -> usize {
        let term = self.random.get(term);
        let column = term.and_then(|term| term.columns.get(number)).copied();
        column.unwrap_or(self.response)
    }
}

impl SummedModel {
    /// Whether groups within a person are summed each for itself.
    #[must_use]
    pub fn has_groups_within(&self) -> bool {
        self.random.iter().any(|term| term.is_within)
    }

    /// Fits the model to persons, each with the sums of its groups: of one group where the model has no factor within persons.
    /// A person without groups is passed over. The same persons in the same order give the same digits; their order changes the
    /// last ones.
    ///
    /// # Errors
    /// [`SummedFitError`]: what a fit of rows refuses, and what only rows could tell.
    pub fn fit<'a>(
        &self,
        persons: impl IntoIterator<Item = (&'a str, &'a CrossProducts)>,
        settings: &FitSettings,
    ) -> Result<MixedFit, SummedFitError> {
        if settings.residual != Residual::Normal {
            return Err(SummedFitError::Residual);
        }
        let width = self.columns.len();
        let mut sums = CrossProducts::new(width);
        let mut of_person = Vec::new();
        let mut codes = Vec::new();
        for (person, (code, of)) in persons.into_iter().enumerate() {
            if of.width() != width {
                return Err(SummedFitError::Width {
                    person,
                    found: of.width(),
                    expected: width,
                });
            }
            if of.groups() > 1 && !self.has_groups_within() {
                let groups = of.groups();
                return Err(SummedFitError::Groups { person, groups });
            }
            if of.groups() == 0 {
                continue;
            }
            let number = number(codes.len());
            of_person.extend(std::iter::repeat_n(number, of.groups()));
            codes.push(code.to_owned());
            sums.append(of);
        }
        let design = self.design(&sums, of_person, codes)?;
        let summed = Summed {
            sums: &sums,
            fixed: &self.fixed,
            response: width.saturating_sub(1),
            random: &self.random,
        };
        let model = Model::of_sums(&design, &summed)?;
        Ok(fit_exactly(&design, &model, settings)?)
    }

    /// Names and groups, without rows.
    fn design(
        &self,
        sums: &CrossProducts,
        of_person: Vec<u32>,
        persons: Vec<String>,
    ) -> Result<Design, SummedFitError> {
        let groups = sums.groups();
        if groups == 0 {
            return Err(DesignError::NoRows.into());
        }
        if let Some(value) = constant_in_sums(sums, sums.width().saturating_sub(1))
            && sums.rows() > 1
        {
            return Err(DesignError::ConstantResponse { value }.into());
        }
        let column = |index: &usize| Column {
            name: self.columns.get(*index).cloned().unwrap_or_default(),
            values: Arc::default(),
        };
        let (of_person, persons): (Arc<[u32]>, Arc<[String]>) = (of_person.into(), persons.into());
        let mut groupings: Vec<Grouping> = Vec::new();
        let mut random = Vec::new();
        for term in &self.random {
            let known = groupings.iter().position(|known| known.name == term.group);
            random.push(RandomTerm {
                grouping: known.unwrap_or(groupings.len()),
                columns: term.columns.iter().map(column).collect(),
            });
            if known.is_none() {
                let (codes, levels) = if term.is_within {
                    let codes = (0..groups).map(number).collect();
                    (codes, vec![String::new(); groups].into())
                } else {
                    (Arc::clone(&of_person), Arc::clone(&persons))
                };
                groupings.push(Grouping {
                    name: term.group.clone(),
                    codes,
                    levels,
                });
            }
        }
        let parts = DesignParts {
            response_name: self.columns.last().cloned().unwrap_or_default(),
            fixed: self.fixed.iter().map(column).collect(),
            groupings,
            random,
            ..DesignParts::default()
        };
        Ok(Design::of_groups(parts, sums.rows(), groups)?)
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
