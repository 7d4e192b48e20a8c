//! Models of a cohort whose persons are summed up one by one, wherever they lie.

use std::collections::HashMap;

use super::Formula;
use super::coding::Variable;
use super::expression::Expression;
use super::function::Function;
use super::prepare::parts_of_any;
use super::refusal::PrepareError;
use crate::frame::{CohortFrameBuilder, Frame};
use crate::mixed::{
    Column, CrossProducts, DesignParts, FitSettings, MixedFit, Observed, SummedFitError,
    SummedModel, SummedTerm,
};

/// The column that tells persons apart.
const PARTICIPANT: &str = "participant";
/// The column that tells the days of a person apart.
const DAY: &str = "day";

/// What is done with responses that are known as beyond a limit only. Sums of products cannot hold them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BeyondLimits {
    /// The person is refused.
    #[default]
    Refuse,
    /// They are left out and counted. What is left out is not left out at random: levels near the limit come out too high below, too
    /// low above.
    LeaveOut,
}

/// The sums of one person.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonSums {
    /// Of the person, or of each of its days where the model has a random term of days.
    pub sums: CrossProducts,
    /// Rows that miss the value of a variable.
    pub rows_left_out: usize,
    /// Rows left out because their response is beyond a limit.
    pub beyond_limits: usize,
}

/// A formula whose columns follow from each row alone, and whose groups from each person alone.
///
/// Persons are summed up apart ([`MergeableModel::sums`]), and the sums fitted together ([`MergeableModel::fit`]): what is fitted is what
/// [`Formula::design`] makes of all rows in one table of [`crate::frame::cohort_frame`]'s columns.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeableModel {
    formula: Formula,
    summed: SummedModel,
}

impl MergeableModel {
    /// Looks whether a formula is one.
    ///
    /// # Errors
    /// [`PrepareError`]: a column that a cohort's table does not have; [`PrepareError::NotByRow`] for factors of labels and `scale`, which want
    /// all rows; [`PrepareError::NotWithinPerson`] for groups other than `participant` and `participant:day`.
    pub fn new(formula: Formula) -> Result<Self, PrepareError> {
        for side in [&formula.response, &formula.predictor] {
            if let Some(part) = side.call_of(Function::Scale) {
                return Err(not_by_row(part));
            }
        }
        if !formula.is_mixed() {
            return Err(crate::mixed::DesignError::NoRandomTerm.into());
        }
        // Without rows there is nothing but the shape, which is the same for every person.
        let nobody = CohortFrameBuilder::default().finish();
        let (parts, _) = parts_of_any(&formula, &nobody, |whole, variable| match variable {
            // Of labels no level is known without rows; of a comparison both.
            Variable::Factor(factor) if factor.levels.len() != 2 => Err(not_by_row(whole)),
            _ => Ok(()),
        })?;
        if parts.fixed.is_empty() {
            return Err(PrepareError::NoFixedEffect);
        }
        let within: Vec<bool> = formula
            .model()
            .random
            .iter()
            .zip(&parts.random)
            .map(|(part, term)| is_within(&part.group, &parts, term.grouping))
            .collect::<Result<_, _>>()?;
        let mut columns = Vec::new();
        let fixed = places(&mut columns, &parts.fixed);
        let random = parts.random.iter().zip(within);
        let random = random
            .map(|(term, is_within)| SummedTerm {
                group: group_of(&parts, term.grouping),
                is_within,
                columns: places(&mut columns, &term.columns),
            })
            .collect();
        columns.push(parts.response_name);
        Ok(Self {
            formula,
            summed: SummedModel {
                columns,
                fixed,
                random,
            },
        })
    }

    /// The formula.
    #[must_use]
    pub const fn formula(&self) -> &Formula {
        &self.formula
    }

    /// How many columns are summed.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.summed.columns.len()
    }

    /// Sums up the rows of one person. Neither their order nor that of days changes a digit.
    ///
    /// # Errors
    /// [`PrepareError`]; rows are those of the table, from 1.
    pub fn sums(&self, person: &Frame, beyond: BeyondLimits) -> Result<PersonSums, PrepareError> {
        let (parts, rows_left_out) = parts_of_any(&self.formula, person, |_, _| Ok(()))?;
        let observed = parts.observed.as_deref().unwrap_or_default();
        let is_limit = |row: usize| !matches!(observed.get(row), None | Some(Observed::Exactly));
        let limits = (0..parts.response.len()).filter(|row| is_limit(*row));
        if beyond == BeyondLimits::Refuse
            && let Some(row) = limits.clone().next()
        {
            return Err(PrepareError::NotSummed {
                part: parts.response_name.clone(),
                row: row + 1,
                limit: parts.response.get(row).copied().unwrap_or(f64::NAN),
            });
        }
        let beyond_limits = limits.count();
        let response = less_offset(&parts);
        let columns = self.columns(&parts, &response);
        let mut sums = CrossProducts::new(self.width());
        for rows in self.groups(&parts, is_limit) {
            sums.push(&columns, &rows);
        }
        Ok(PersonSums {
            sums: sums.sorted(),
            rows_left_out,
            beyond_limits,
        })
    }

    /// Fits persons by their codes and sums, which are to be in the order of the codes: then the digits are the same whoever summed up whom.
    ///
    /// # Errors
    /// [`SummedFitError`]
    pub fn fit<'a>(
        &self,
        persons: impl IntoIterator<Item = (&'a str, &'a CrossProducts)>,
        settings: &FitSettings,
    ) -> Result<MixedFit, SummedFitError> {
        self.summed.fit(persons, settings)
    }

    /// The columns of a person in the order of the sums.
    fn columns<'a>(&self, parts: &'a DesignParts, response: &'a [f64]) -> Vec<&'a [f64]> {
        let random = parts.random.iter().flat_map(|term| &term.columns);
        let known: HashMap<&str, &[f64]> = parts
            .fixed
            .iter()
            .chain(random)
            .map(|column| (column.name.as_str(), &*column.values))
            .collect();
        let (_, names) = self.summed.columns.split_last().unwrap_or((&EMPTY, &[]));
        let columns = names.iter().map(|name| known.get(name.as_str()).copied());
        let columns = columns.map(Option::unwrap_or_default);
        columns.chain([response]).collect()
    }

    /// The rows of each group that is summed for itself, without those that are limits.
    fn groups(&self, parts: &DesignParts, is_limit: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
        let rows = (0..parts.response.len()).filter(|row| !is_limit(*row));
        let within = self.summed.random.iter().find(|term| term.is_within);
        let Some(within) = within else {
            return vec![rows.collect()];
        };
        let mut groupings = parts.groupings.iter();
        let Some(grouping) = groupings.find(|grouping| grouping.name == within.group) else {
            return Vec::new();
        };
        let mut groups = vec![Vec::new(); grouping.levels.len()];
        for row in rows {
            let code = grouping.codes.get(row).map(|code| *code as usize);
            if let Some(group) = code.and_then(|code| groups.get_mut(code)) {
                group.push(row);
            }
        }
        groups
    }
}

static EMPTY: String = String::new();

fn not_by_row(expression: &Expression) -> PrepareError {
    PrepareError::NotByRow {
        part: expression.to_string(),
    }
}

fn group_of(parts: &DesignParts, grouping: usize) -> String {
    let grouping = parts.groupings.get(grouping);
    grouping.map_or_else(String::new, |grouping| grouping.name.clone())
}

/// Whether a factor tells days of a person apart; persons otherwise.
fn is_within(
    group: &[Expression],
    parts: &DesignParts,
    grouping: usize,
) -> Result<bool, PrepareError> {
    let is = |part: &Expression, name: &str| matches!(part, Expression::Name(own) if own == name);
    let known = |part: &Expression| is(part, PARTICIPANT) || is(part, DAY);
    if !group.iter().all(known) || !group.iter().any(|part| is(part, PARTICIPANT)) {
        let group = group_of(parts, grouping);
        return Err(PrepareError::NotWithinPerson { group });
    }
    Ok(group.iter().any(|part| is(part, DAY)))
}

/// Where columns stand among those that are summed; of one name they are one column.
fn places(columns: &mut Vec<String>, of: &[Column]) -> Vec<usize> {
    of.iter()
        .map(|column| {
            let known = columns.iter().position(|known| *known == column.name);
            known.unwrap_or_else(|| {
                columns.push(column.name.clone());
                columns.len() - 1
            })
        })
        .collect()
}

fn less_offset(parts: &DesignParts) -> Vec<f64> {
    let response = parts.response.iter();
    match &parts.offset {
        None => response.copied().collect(),
        Some(offset) => response
            .zip(offset)
            .map(|(value, known)| value - known)
            .collect(),
    }
}
