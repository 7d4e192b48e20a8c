//! Why a formula and a table make no design.

use thiserror::Error;

use crate::frame::FrameError;
use crate::mixed::DesignError;

/// Why a formula cannot be applied to a table. Rows are those of the table, from 1.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// A column that the table does not have.
    #[error("the table has no column `{name}`; did you mean `{nearest}`? It has {columns}")]
    UnknownColumn {
        /// The name in the formula.
        name: String,
        /// The column most like it.
        nearest: String,
        /// All columns, as far as they fit on a line.
        columns: String,
    },
    /// No row at all.
    #[error("the table has no rows")]
    Empty,
    /// Every row misses a value of a variable.
    #[error("none of the {rows} rows has a value for every variable; missing are {missing}")]
    NoCompleteRow {
        /// Rows of the table.
        rows: usize,
        /// How many values are missing in which columns.
        missing: String,
    },
    /// The response is a label.
    #[error(
        "the response `{response}` is not a column of numbers; the first value that is none is `{value}`"
    )]
    ResponseNotNumeric {
        /// The response.
        response: String,
        /// One of its values.
        value: String,
    },
    /// A label where a number is needed.
    #[error("`{part}` holds labels such as `{value}` where a number is needed")]
    LabelAsNumber {
        /// The column or expression.
        part: String,
        /// One of its values.
        value: String,
    },
    /// A text where a number or a column is needed.
    #[error("the text {part} can only be compared with, as in (sample == \"S2\")")]
    TextAlone {
        /// The text.
        part: String,
    },
    /// A value without a logarithm or square root.
    #[error("`{part}`: {value} in row {row} is not {rule}")]
    Domain {
        /// The expression.
        part: String,
        /// The row.
        row: usize,
        /// The value.
        value: f64,
        /// What it must be.
        rule: &'static str,
    },
    /// An expression that overflows or divides by zero.
    #[error("`{part}` is {value} in row {row}; a number must be finite")]
    NotFinite {
        /// The expression.
        part: String,
        /// The row.
        row: usize,
        /// The value.
        value: f64,
    },
    /// A censored value where only an exact one will do.
    #[error(
        "`{part}`: row {row} is known only as beyond the limit {limit}; censored values can be the response, under log, log2, \
         log10, sqrt or times a positive number, and nothing else"
    )]
    Censored {
        /// The expression.
        part: String,
        /// The row.
        row: usize,
        /// The limit.
        limit: f64,
    },
    /// An operator that does no arithmetic.
    #[error(
        "`{part}` cannot be computed; within functions and the response only + - * / ^ and comparisons can"
    )]
    NotArithmetic {
        /// The expression.
        part: String,
    },
    /// Labels compared by order, or with something unlike.
    #[error("`{part}` compares what cannot be compared; labels can be == or != to a text")]
    Comparison {
        /// The expression.
        part: String,
    },
    /// A factor that does not vary.
    #[error(
        "the factor `{factor}` has one level only, `{level}`; its effect cannot be told from the intercept"
    )]
    OneLevel {
        /// The factor.
        factor: String,
        /// Its level.
        level: String,
    },
    /// A factor under `||`.
    #[error(
        "`{factor}` is a factor; || splits columns of numbers only. Write ({factor} | group), or comparisons such as \
         ((sample == \"S2\") * 1 || group)"
    )]
    FactorUncorrelated {
        /// The factor.
        factor: String,
    },
    /// Columns with more than one column of numbers where one is needed.
    #[error(
        "`{part}` makes several columns; it can only be a term of its own or in an interaction"
    )]
    SeveralColumns {
        /// The expression.
        part: String,
    },
    /// No fixed effect.
    #[error(
        "the model has no fixed effect; write at least an intercept, as in ~ 1 + (1 | subject)"
    )]
    NoFixedEffect,
    /// As many columns as rows, or more.
    #[error(
        "the fixed effects make {columns} columns for {rows} complete rows; there must be more rows than columns"
    )]
    MoreColumnsThanRows {
        /// Columns of the fixed effects.
        columns: usize,
        /// Rows with a value for every variable.
        rows: usize,
    },
    /// More numbers than are built.
    #[error(
        "the terms make {columns} columns of {rows} rows; at most {most} columns and {most_numbers} numbers are built"
    )]
    TooManyColumns {
        /// Columns of fixed effects and random terms.
        columns: usize,
        /// Rows with a value for every variable.
        rows: usize,
        /// The most columns.
        most: usize,
        /// The most columns times rows.
        most_numbers: usize,
    },
    /// A curve along, or at a value of, a column that no term is made of.
    #[error("no term of the right-hand side is made of `{column}`; they are made of {columns}")]
    NotAPredictor {
        /// The column.
        column: String,
        /// The columns that terms are made of.
        columns: String,
    },
    /// A point of a curve at which an expression has no value, or a label that no row has.
    #[error(
        "`{part}` has no value on the curve: a label that no row has, or a number that it is not defined for"
    )]
    NoValue {
        /// The expression.
        part: String,
    },
    /// A term whose columns are known from all rows together only.
    #[error(
        "`{part}` takes its levels, mean or spread from all rows together, and persons are summed up one by one; compare labels with a \
         text, as in (sex == \"female\"), and write numbers out, as in I((age_years - 40) / 10)"
    )]
    NotByRow {
        /// The expression.
        part: String,
    },
    /// A grouping factor whose levels persons share.
    #[error(
        "random terms of {group}: persons are summed up one by one; groups can be `participant` and `participant:day`"
    )]
    NotWithinPerson {
        /// The factor.
        group: String,
    },
    /// A censored response where every one must be known.
    #[error(
        "`{part}`: row {row} is known only as beyond the limit {limit}; sums of products take values known exactly. `diel cohort fit` and the \
         service take limits as what they are"
    )]
    NotSummed {
        /// The response.
        part: String,
        /// The row.
        row: usize,
        /// The limit, on the scale that is modelled.
        limit: f64,
    },
    /// The parts of a table do not fit together.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A weight that is not more than 0.
    #[error("the weight `{column}` is {value} in row {row}; it must be more than 0")]
    Weight {
        /// The column.
        column: String,
        /// The row.
        row: usize,
        /// The weight.
        value: f64,
    },
    /// The parts make no design.
    #[error(transparent)]
    Design(#[from] DesignError),
}
