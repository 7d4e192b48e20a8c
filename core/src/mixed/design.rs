//! What a mixed model is fitted to: response, columns, groups. Checked once.

use std::sync::Arc;

use thiserror::Error;

/// Fourth powers of a number, which variances of variances hold, do not overflow up to this: 1e240 a row.
const LARGEST: f64 = 1e60;

/// Random columns of a factor times fixed ones. An evaluation sums the products of all pairs of such products, eight groups
/// at a time: 2,000 take 128 MB.
const MOST_PRODUCTS: usize = 2000;

/// Random columns of one factor: 40 have 820 variances and correlations.
const MOST_RANDOM_COLUMNS: usize = 40;

/// A named column of numbers, one a row. Fixed and random parts of a model may share its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The coefficient's name, as lme4 would write it: `(Intercept)`, `hours`, `SexMale`, `age:SexMale`.
    pub name: String,
    /// One value a row.
    pub values: Arc<[f64]>,
}

/// A grouping factor: which level each row belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Grouping {
    /// The factor's name, such as `subject` or `subject:day`.
    pub name: String,
    /// The level of each row, an index into `levels`.
    pub codes: Arc<[u32]>,
    /// The names of the levels.
    pub levels: Arc<[String]>,
}

/// Correlated random effects of one grouping factor: one term of the formula, such as `(hours | subject)`.
#[derive(Debug, Clone, PartialEq)]
pub struct RandomTerm {
    /// Index into the design's groupings. Several terms may share one (`||` makes such).
    pub grouping: usize,
    /// The columns whose coefficients vary.
    pub columns: Vec<Column>,
}

/// How far a response is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observed {
    /// The response is the value.
    Exactly,
    /// The value lies below the response, which is a limit.
    Below,
    /// The value lies above the response, which is a limit.
    Above,
}

/// The parts of a design before they are checked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DesignParts {
    /// The response's name, such as `log(cortisol)`.
    pub response_name: String,
    /// The response, one a row, on the scale that is modelled.
    pub response: Vec<f64>,
    /// How far each response is known; `None`: all exactly.
    pub observed: Option<Vec<Observed>>,
    /// Columns of the fixed effects. Collinear ones are dropped by the fit, which says so.
    pub fixed: Vec<Column>,
    /// Known part of the response, one a row.
    pub offset: Option<Vec<f64>>,
    /// Prior weights, one a row: the residual variance of a row is sigma^2 / weight.
    pub weights: Option<Vec<f64>>,
    /// Grouping factors.
    pub groupings: Vec<Grouping>,
    /// Random terms.
    pub random: Vec<RandomTerm>,
}

/// A checked design: finite numbers, equal lengths, at least one random term, groups with more than one level.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    parts: DesignParts,
}

/// Why a design cannot be fitted.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum DesignError {
    /// No row is left.
    #[error("there are no rows")]
    NoRows,
    /// A part has another number of rows than the response.
    #[error("{part} has {found} rows, the response has {expected}")]
    Rows {
        /// Which part.
        part: String,
        /// Its rows.
        found: usize,
        /// The response's rows.
        expected: usize,
    },
    /// A number is not finite.
    #[error("{part} is {value} in row {row}; a number must be finite")]
    NotFinite {
        /// Which part.
        part: String,
        /// The row, from 1.
        row: usize,
        /// The number.
        value: f64,
    },
    /// A number whose fourth power would overflow.
    #[error("{part} is {value} in row {row}; a number must lie between -1e60 and 1e60")]
    TooLarge {
        /// Which part.
        part: String,
        /// The row, from 1.
        row: usize,
        /// The number.
        value: f64,
    },
    /// A weight is not more than 0.
    #[error("the weight is {value} in row {row}; it must be more than 0")]
    Weight {
        /// The row, from 1.
        row: usize,
        /// The weight.
        value: f64,
    },
    /// No random term.
    #[error("the model has no random term; a mixed model needs one, such as (hours | subject)")]
    NoRandomTerm,
    /// A random term without columns.
    #[error("a random term of {group} has no columns")]
    EmptyTerm {
        /// Its grouping factor.
        group: String,
    },
    /// A term names a grouping that is not there, or a code has no level.
    #[error("{part} refers to number {number} of {count}")]
    Index {
        /// Which part.
        part: String,
        /// The number, from 0.
        number: usize,
        /// How many there are.
        count: usize,
    },
    /// A grouping factor with one level only.
    #[error(
        "grouping factor {group} has one level only; a variance between its levels cannot be estimated"
    )]
    OneLevel {
        /// The factor.
        group: String,
    },
    /// A grouping factor with as many levels as rows.
    #[error(
        "grouping factor {group} has {levels} levels for {rows} rows; its effects cannot be told from the residual"
    )]
    TooManyLevels {
        /// The factor.
        group: String,
        /// Its levels.
        levels: usize,
        /// Rows of the response.
        rows: usize,
    },
    /// A random term with as many effects as rows.
    #[error(
        "the random term of {group} has {effects} effects, {columns} at each of {levels} levels, for {rows} rows; they cannot be \
         told from the residual"
    )]
    TooManyEffects {
        /// The factor.
        group: String,
        /// Columns times levels.
        effects: usize,
        /// Its columns.
        columns: usize,
        /// Its levels.
        levels: usize,
        /// Rows of the response.
        rows: usize,
    },
    /// More random columns than an evaluation holds.
    #[error(
        "grouping factor {group} has {columns} random columns beside {fixed} fixed ones; at most {most} random ones are fitted, and \
         random times fixed ones at most {most_products}"
    )]
    TooManyRandomColumns {
        /// The factor.
        group: String,
        /// Its columns, all its terms together.
        columns: usize,
        /// Columns of the fixed effects.
        fixed: usize,
        /// The most random columns.
        most: usize,
        /// The most products.
        most_products: usize,
    },
    /// All responses are equal.
    #[error("all responses are {value}; there is nothing to explain")]
    ConstantResponse {
        /// The value.
        value: f64,
    },
    /// Every response is censored.
    #[error("every response is beyond a limit; at least one must be known exactly")]
    AllCensored,
}

impl Design {
    /// Checks the parts.
    ///
    /// # Errors
    /// The first [`DesignError`] found.
    pub fn new(parts: DesignParts) -> Result<Self, DesignError> {
        check_response(&parts)?;
        check_columns(&parts)?;
        check_terms(&parts, parts.response.len())?;
        check_groupings(&parts, parts.response.len())?;
        Ok(Self { parts })
    }

    /// The parts.
    #[must_use]
    pub const fn parts(&self) -> &DesignParts {
        &self.parts
    }

    /// Responses known on one side of a limit only.
    #[must_use]
    pub fn censored_count(&self) -> usize {
        let observed = self.parts.observed.iter().flatten();
        observed.filter(|one| **one != Observed::Exactly).count()
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.parts.response.len()
    }
}

impl Design {
    /// The same model with one column in front of its random term.
    pub(super) fn with_column_first(&self, term: usize, column: usize) -> Self {
        let mut parts = self.parts.clone();
        if let Some(columns) = parts
            .random
            .get_mut(term)
            .and_then(|term| term.columns.get_mut(..=column))
        {
            columns.rotate_right(1);
        }
        Self { parts }
    }

    /// A design of so many rows, of which there are the sums of `groups` groups of the finest factor only: groupings have a code a
    /// group, columns have names.
    pub(super) fn of_groups(
        parts: DesignParts,
        rows: usize,
        groups: usize,
    ) -> Result<Self, DesignError> {
        check_terms(&parts, rows)?;
        check_groupings(&parts, groups)?;
        Ok(Self { parts })
    }

    /// The same model without a fixed column, and that column's values.
    pub(super) fn without_fixed(&self, name: &str) -> Option<(Self, Arc<[f64]>)> {
        let mut parts = self.parts.clone();
        let at = parts.fixed.iter().position(|column| column.name == name)?;
        let column = parts.fixed.remove(at);
        Some((Self { parts }, column.values))
    }
}

fn check_response(parts: &DesignParts) -> Result<(), DesignError> {
    let rows = parts.response.len();
    let Some(&first) = parts.response.first() else {
        return Err(DesignError::NoRows);
    };
    check_numbers(&parts.response_name, &parts.response, rows)?;
    if let Some(observed) = &parts.observed {
        check_rows("the censoring", observed.len(), rows)?;
        if observed.iter().all(|one| *one != Observed::Exactly) {
            return Err(DesignError::AllCensored);
        }
    }
    if parts.response.iter().all(|value| *value == first) && rows > 1 {
        return Err(DesignError::ConstantResponse { value: first });
    }
    if let Some(offset) = &parts.offset {
        check_numbers("the offset", offset, rows)?;
    }
    let Some(weights) = &parts.weights else {
        return Ok(());
    };
    check_numbers("the weight", weights, rows)?;
    match weights.iter().position(|weight| *weight <= 0.0) {
        Some(row) => Err(DesignError::Weight {
            row: row + 1,
            value: weights.get(row).copied().unwrap_or_default(),
        }),
        None => Ok(()),
    }
}

fn check_columns(parts: &DesignParts) -> Result<(), DesignError> {
    let rows = parts.response.len();
    let random = parts.random.iter().flat_map(|term| &term.columns);
    for column in parts.fixed.iter().chain(random) {
        check_numbers(&column.name, &column.values, rows)?;
    }
    Ok(())
}

fn check_terms(parts: &DesignParts, rows: usize) -> Result<(), DesignError> {
    if parts.random.is_empty() {
        return Err(DesignError::NoRandomTerm);
    }
    for term in &parts.random {
        let Some(grouping) = parts.groupings.get(term.grouping) else {
            return Err(DesignError::Index {
                part: "a random term".to_owned(),
                number: term.grouping,
                count: parts.groupings.len(),
            });
        };
        let group = grouping.name.clone();
        if term.columns.is_empty() {
            return Err(DesignError::EmptyTerm { group });
        }
        let levels = grouping.levels.len();
        if levels < 2 {
            return Err(DesignError::OneLevel { group });
        }
        if levels >= rows {
            return Err(DesignError::TooManyLevels {
                group,
                levels,
                rows,
            });
        }
        let columns = term.columns.len();
        let effects = columns.saturating_mul(levels);
        if effects >= rows {
            return Err(DesignError::TooManyEffects {
                group,
                effects,
                columns,
                levels,
                rows,
            });
        }
        check_size(parts, term.grouping, group)?;
    }
    Ok(())
}

fn check_groupings(parts: &DesignParts, rows: usize) -> Result<(), DesignError> {
    for grouping in &parts.groupings {
        check_rows(&grouping.name, grouping.codes.len(), rows)?;
        let count = grouping.levels.len();
        let beyond = grouping.codes.iter().find(|code| **code as usize >= count);
        if let Some(&code) = beyond {
            return Err(DesignError::Index {
                part: grouping.name.clone(),
                number: code as usize,
                count,
            });
        }
    }
    Ok(())
}

fn check_size(parts: &DesignParts, grouping: usize, group: String) -> Result<(), DesignError> {
    let of_group = parts.random.iter().filter(|term| term.grouping == grouping);
    let columns = of_group.map(|term| term.columns.len()).sum::<usize>();
    // The response stands beside the fixed columns.
    let products = columns.saturating_mul(parts.fixed.len() + 1);
    if columns <= MOST_RANDOM_COLUMNS && products <= MOST_PRODUCTS {
        return Ok(());
    }
    Err(DesignError::TooManyRandomColumns {
        group,
        columns,
        fixed: parts.fixed.len(),
        most: MOST_RANDOM_COLUMNS,
        most_products: MOST_PRODUCTS,
    })
}

fn check_numbers(part: &str, values: &[f64], rows: usize) -> Result<(), DesignError> {
    check_rows(part, values.len(), rows)?;
    // Sixty-four rows at a time without a branch, which is how nearly all columns pass.
    let fits = |value: f64| value.abs() <= LARGEST;
    let all_fit = |some: &[f64]| some.iter().fold(true, |all, value| all & fits(*value));
    if values.chunks(64).all(all_fit) {
        return Ok(());
    }
    let found = values.iter().enumerate().find(|(_, value)| !fits(**value));
    found.map_or(Ok(()), |(row, &value)| {
        let (part, row) = (part.to_owned(), row + 1);
        Err(if value.is_finite() {
            DesignError::TooLarge { part, row, value }
        } else {
            DesignError::NotFinite { part, row, value }
        })
    })
}

fn check_rows(part: &str, found: usize, expected: usize) -> Result<(), DesignError> {
    if found == expected {
        Ok(())
    } else {
        Err(DesignError::Rows {
            part: part.to_owned(),
            found,
            expected,
        })
    }
}
