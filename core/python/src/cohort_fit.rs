//! Rows of sums of persons, from wherever they were made, and the model that they make together.

use std::collections::BTreeMap;

use arrow_array::{Int64Array, RecordBatch, StringArray, StructArray};
use diel_core::formula::{Formula, FormulaError, MergeableModel, PrepareError};
use diel_core::mixed::{
    Criterion, CrossProducts, CrossProductsError, FitSettings, MixedFit, SummedFitError,
};
use thiserror::Error;

use crate::cohort_terms::METHOD;
use crate::columns::{Column, Columns};
use crate::fault::TableError;
use crate::lists::NumberLists;

const KNOWN: [&str; 8] = [
    "participant",
    "formula",
    "observation_counts",
    "means",
    "products",
    "rows_left_out_count",
    "beyond_limits_count",
    "method",
];

/// Why rows of sums make no model.
#[derive(Debug, Error)]
pub(crate) enum CohortError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("formula: {0}")]
    Formula(#[from] FormulaError),
    #[error("formula: {0}")]
    Model(#[from] PrepareError),
    #[error("criterion: {value:?} is none of reml and ml")]
    Criterion { value: String },
    #[error("limits: {value:?} is none of refuse and leave_out")]
    Limits { value: String },
    #[error("there are no rows; give the rows of cohort_terms of all persons")]
    Empty,
    #[error("row {row}: {column} is null; a row is one of cohort_terms")]
    Null { row: usize, column: &'static str },
    #[error("row {row} (participant {participant}): {column}: {value}; the first row has {first}")]
    Unlike {
        row: usize,
        participant: String,
        column: &'static str,
        value: String,
        first: String,
    },
    #[error(
        "row {row} (participant {participant}): method: {value}; these sums are read: {METHOD}"
    )]
    Method {
        row: usize,
        participant: String,
        value: String,
    },
    #[error(
        "row {row} (participant {participant}): the participant has a row already; a person is summed up once, with all days"
    )]
    Twice { row: usize, participant: String },
    #[error("row {row} (participant {participant}): {column}: {value} is not a count")]
    Count {
        row: usize,
        participant: String,
        column: &'static str,
        value: f64,
    },
    #[error("row {row} (participant {participant}): {source}")]
    Sums {
        row: usize,
        participant: String,
        source: CrossProductsError,
    },
    #[error(transparent)]
    Fit(#[from] SummedFitError),
}

/// A fitted model, and what it rests on.
pub(crate) struct CohortFit {
    pub(crate) fit: MixedFit,
    pub(crate) formula: String,
    pub(crate) persons: usize,
    pub(crate) rows_left_out: i64,
    pub(crate) beyond_limits: i64,
}

/// The model of a formula that persons are summed up for.
pub(crate) fn model_of(formula: &str) -> Result<MergeableModel, CohortError> {
    Ok(MergeableModel::new(Formula::parse(formula)?)?)
}

/// Fits all rows of these batches together, in the order of the participants' codes.
pub(crate) fn fit_cohort(
    batches: &[RecordBatch],
    criterion: &str,
) -> Result<CohortFit, CohortError> {
    let settings = FitSettings {
        criterion: criterion_of(criterion)?,
        ..FitSettings::default()
    };
    let mut gathered = Gathered::default();
    for batch in batches {
        gathered.read(batch)?;
    }
    let Some(model) = &gathered.model else {
        return Err(CohortError::Empty);
    };
    let persons = gathered.persons.iter();
    let persons = persons.map(|(code, sums)| (code.as_str(), sums));
    Ok(CohortFit {
        fit: model.fit(persons, &settings)?,
        formula: gathered.formula,
        persons: gathered.persons.len(),
        rows_left_out: gathered.rows_left_out,
        beyond_limits: gathered.beyond_limits,
    })
}

fn criterion_of(text: &str) -> Result<Criterion, CohortError> {
    match text {
        "reml" => Ok(Criterion::Reml),
        "ml" => Ok(Criterion::Ml),
        value => Err(CohortError::Criterion {
            value: value.to_owned(),
        }),
    }
}

#[derive(Default)]
struct Gathered {
    formula: String,
    model: Option<MergeableModel>,
    persons: BTreeMap<String, CrossProducts>,
    rows: usize,
    rows_left_out: i64,
    beyond_limits: i64,
}

/// The columns of a batch.
struct Terms {
    participant: Column<StringArray>,
    formula: Column<StringArray>,
    method: Column<StringArray>,
    counts: NumberLists,
    means: NumberLists,
    products: NumberLists,
    rows_left_out: Column<Int64Array>,
    beyond_limits: Column<Int64Array>,
}

impl Terms {
    fn read(table: &StructArray) -> Result<Self, TableError> {
        let columns = Columns::new(table, "", &KNOWN)?;
        Ok(Self {
            participant: columns.required("participant")?,
            formula: columns.required("formula")?,
            method: columns.required("method")?,
            counts: NumberLists::read(&columns, "observation_counts")?,
            means: NumberLists::read(&columns, "means")?,
            products: NumberLists::read(&columns, "products")?,
            rows_left_out: columns.required("rows_left_out_count")?,
            beyond_limits: columns.required("beyond_limits_count")?,
        })
    }
}

impl Gathered {
    fn read(&mut self, batch: &RecordBatch) -> Result<(), CohortError> {
        let terms = Terms::read(&StructArray::from(batch.clone()))?;
        for place in 0..batch.num_rows() {
            self.row(&terms, place)?;
            self.rows += 1;
        }
        Ok(())
    }

    fn row(&mut self, terms: &Terms, place: usize) -> Result<(), CohortError> {
        let row = self.rows;
        let null = |column| CohortError::Null { row, column };
        let code = terms.participant.get(place);
        let code = code.ok_or_else(|| null("participant"))?;
        let participant = || code.to_owned();
        let method = terms.method.get(place).ok_or_else(|| null("method"))?;
        if method != METHOD {
            return Err(CohortError::Method {
                row,
                participant: participant(),
                value: method.to_owned(),
            });
        }
        let formula = terms.formula.get(place).ok_or_else(|| null("formula"))?;
        let model = match &self.model {
            None => {
                self.formula = formula.to_owned();
                self.model.insert(model_of(formula)?)
            }
            Some(_) if formula != self.formula => {
                return Err(CohortError::Unlike {
                    row,
                    participant: participant(),
                    column: "formula",
                    value: formula.to_owned(),
                    first: self.formula.clone(),
                });
            }
            Some(model) => model,
        };
        let list = |lists: &NumberLists, column| lists.of(place).ok_or_else(|| null(column));
        let counts = list(&terms.counts, "observation_counts")?;
        let counts = counts.into_iter().map(|value| {
            count(value).ok_or_else(|| CohortError::Count {
                row,
                participant: participant(),
                column: "observation_counts",
                value,
            })
        });
        let sums = CrossProducts::from_parts(
            model.width(),
            counts.collect::<Result<_, _>>()?,
            list(&terms.means, "means")?,
            list(&terms.products, "products")?,
        )
        .map_err(|source| CohortError::Sums {
            row,
            participant: participant(),
            source,
        })?;
        if self.persons.insert(participant(), sums).is_some() {
            return Err(CohortError::Twice {
                row,
                participant: participant(),
            });
        }
        let counted = |column: &Column<Int64Array>| column.get(place).unwrap_or_default();
        self.rows_left_out += counted(&terms.rows_left_out);
        self.beyond_limits += counted(&terms.beyond_limits);
        Ok(())
    }
}

/// A count of rows; they come as numbers, as all lists do.
fn count(value: f64) -> Option<u32> {
    let is_count = value.fract() == 0.0 && (1.0..=f64::from(u32::MAX)).contains(&value);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is whole and within the range"
    )]
    is_count.then_some(value as u32)
}
