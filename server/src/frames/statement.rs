//! The little SQL that frames are asked for with, read into what it selects.
//!
//! One table of one study, columns, conditions that the store can look up, a limit. A grammar of a page refuses all else by
//! not having it; a large one would have to be searched for what must be refused.

mod parse;
mod token;

use super::Table;

/// What is said behind every refusal of a statement.
const SUPPORTED: &str = "supported is SELECT * | COLUMNS FROM STUDY.TABLE [WHERE COLUMN =|>=|<=|>|<|BETWEEN|IN VALUE [AND ...]] \
    [ORDER BY what it is in order by] [LIMIT N]";

/// A statement that was understood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statement {
    /// The study's id.
    pub(crate) study: String,
    /// The table.
    pub(crate) table: Table,
    /// Positions of the columns in the table, in the order that was asked for.
    pub(crate) columns: Vec<usize>,
    /// All of which hold.
    pub(crate) conditions: Vec<Condition>,
    /// The most rows.
    pub(crate) limit: Option<u64>,
}

/// A condition on a column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    /// The column, as it was written.
    pub(crate) column: String,
    /// What holds of it.
    pub(crate) test: Test,
}

/// What a condition says of its column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    /// It is this value.
    Is(Value),
    /// It is at least this value.
    AtLeast(Value),
    /// It is at most this value.
    AtMost(Value),
    /// It is greater than this value.
    Above(Value),
    /// It is less than this value.
    Below(Value),
    /// It lies between two values, both included.
    Between(Value, Value),
    /// It is one of these.
    OneOf(Vec<Value>),
}

/// A value in a statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// A text, or a date written as one.
    Text(String),
    /// A number.
    Number(f64),
    /// True or false.
    Truth(bool),
}

/// Why a statement is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum StatementError {
    /// Something else stands where the grammar has this.
    #[error("{found} where {expected} was expected; {SUPPORTED}")]
    Expected {
        /// What was expected.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A quotation has no end.
    #[error("a quotation mark without its second; {SUPPORTED}")]
    Unclosed,
    /// Longer than any statement of this grammar has a reason to be.
    #[error("{0} bytes; a statement has at most {MOST_BYTES}")]
    TooLong(usize),
    /// No such table.
    #[error(
        "{0:?} is not a table: profiles, rhythms, flags, samples or fits, behind the study and a point, as in pilot.profiles"
    )]
    Table(String),
    /// No such column.
    #[error("{column:?} is not a column of {table}; did you mean {likely}?")]
    Column {
        /// As written.
        column: String,
        /// The table.
        table: &'static str,
        /// The name that looks most like it.
        likely: &'static str,
    },
    /// Rows come in another order.
    #[error("ORDER BY: the rows of {table} come by {known}, and in no other order; sort the frame")]
    Order {
        /// The table.
        table: &'static str,
        /// What they come by.
        known: String,
    },
    /// A column is asked for twice.
    #[error("{0} stands twice; ask for a column once")]
    Twice(String),
    /// The store cannot look this up.
    #[error("{column}: this condition cannot be looked up in {table}; there, {known}")]
    Condition {
        /// The column.
        column: String,
        /// The table.
        table: &'static str,
        /// The conditions that can.
        known: &'static str,
    },
}

/// The longest statement.
const MOST_BYTES: usize = 16 * 1024;

impl Statement {
    /// Reads a statement.
    ///
    /// # Errors
    /// [`StatementError`], which says what is supported.
    pub(crate) fn read(text: &str) -> Result<Self, StatementError> {
        if text.len() > MOST_BYTES {
            return Err(StatementError::TooLong(text.len()));
        }
        parse::statement(&token::tokens(text)?)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_statement_is_read_whole() {
        let read = Statement::read(
            "select participant, \"slope_regression_ln_per_h\" FROM \"pilot-2\".profiles where participant = 'O''Neil' \
             and day BETWEEN DATE '2026-03-01' AND '2026-03-31' and slope_regression_ln_per_h >= -0.2e0 and valid limit 10;",
        )
        .unwrap();
        assert_eq!(
            (read.study.as_str(), read.table),
            ("pilot-2", Table::Profiles)
        );
        assert_eq!((read.columns, read.limit), (vec![0, 10], Some(10)));
        let text = |text: &str| Value::Text(text.to_owned());
        let tests: Vec<_> = read.conditions.into_iter().map(|one| one.test).collect();
        assert_eq!(
            tests,
            [
                Test::Is(text("O'Neil")),
                Test::Between(text("2026-03-01"), text("2026-03-31")),
                Test::AtLeast(Value::Number(-0.2)),
                Test::Is(Value::Truth(true)),
            ]
        );
        let read =
            Statement::read("SELECT * FROM diel.pilot.flags WHERE state IN ('open', 'disputed')")
                .unwrap();
        assert_eq!(read.columns.len(), Table::Flags.variables().len());
    }

    #[test]
    fn the_order_that_rows_have_may_be_asked_for() {
        for text in [
            "select * from s.profiles order by participant, day limit 1",
            "select * from s.profiles where valid order by participant asc, sampling_date;",
            "select * from s.profiles order by participant",
            "select * from s.rhythms order by participant",
            "select * from s.flags order by probability_flat desc",
        ] {
            assert!(Statement::read(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn whatever_else_sql_has_is_refused() {
        for (text, said) in [
            ("", "the end where SELECT was expected"),
            ("drop table pilot.flags", "drop where SELECT was expected"),
            ("select count(*) from pilot.flags", "\"(\" where FROM"),
            (
                "select * from flags",
                "the end where a point and the table was expected",
            ),
            ("select * from pilot.people", "\"people\" is not a table"),
            (
                "select * from pilot.flags order by state",
                "the rows of flags come by probability_flat DESC, and in no other order",
            ),
            (
                "select * from pilot.profiles order by participant desc",
                "the rows of profiles come by participant, day, and",
            ),
            (
                "select * from pilot.rhythms limit 1 order by participant",
                "order where the end",
            ),
            (
                "select * from pilot.rhythms order participant",
                "participant where BY",
            ),
            (
                "select * from pilot.flags where state = 'a' or state = 'b'",
                "or where the end, WHERE, AND, ORDER or LIMIT was expected",
            ),
            (
                "select * from pilot.flags where state like 'a%'",
                "like where =, >=, <=, >, <, BETWEEN or IN was expected",
            ),
            (
                "select * from pilot.flags, pilot.profiles",
                "\",\" where the end, WHERE, AND, ORDER or LIMIT was expected",
            ),
            (
                "select * from pilot.flags limit -1",
                "-1 where a whole number was expected",
            ),
            (
                "select * from pilot.flags; select 1",
                "select where nothing more was expected",
            ),
            (
                "select * from pilot.flags where state = 'open",
                "a quotation mark without its second",
            ),
            ("select slope from pilot.rhythms", "did you mean slope_"),
            ("select flag, flag from pilot.rhythms", "flag stands twice"),
            (
                "select * from pilot.flags where state <> 'open'",
                "\"<>\" where",
            ),
        ] {
            let error = Statement::read(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert_eq!(
            Statement::read(&"a".repeat(20_000)),
            Err(StatementError::TooLong(20_000))
        );
    }
}
