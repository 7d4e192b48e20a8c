//! Conditions of lists. Those that are absent do not show in the statement, so that it stays one the engine can plan.

use sqlx::{Database, Encode, QueryBuilder, Type};

/// What is bound to a statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Integer(i64),
    Number(f64),
}

/// A statement in the making, for whatever runs it.
pub(crate) trait Statement {
    /// Appends words of SQL.
    fn words(&mut self, words: &str) -> &mut Self;
    /// Appends the place of a value and binds it.
    fn value(&mut self, value: impl Into<Value>) -> &mut Self;
}

impl<D> Statement for QueryBuilder<D>
where
    D: Database,
    String: for<'t> Encode<'t, D> + Type<D>,
    i64: for<'t> Encode<'t, D> + Type<D>,
    f64: for<'t> Encode<'t, D> + Type<D>,
{
    fn words(&mut self, words: &str) -> &mut Self {
        self.push(words)
    }

    fn value(&mut self, value: impl Into<Value>) -> &mut Self {
        match value.into() {
            Value::Text(text) => self.push_bind(text),
            Value::Integer(integer) => self.push_bind(integer),
            Value::Number(number) => self.push_bind(number),
        }
    }
}

/// A bound on a column.
pub(crate) fn push_bound(
    select: &mut impl Statement,
    condition: &'static str,
    bound: Option<impl Into<Value>>,
) {
    if let Some(bound) = bound {
        select.words(condition).value(bound);
    }
}

/// Bounds on the age of a participant `p`.
pub(crate) fn push_ages(select: &mut impl Statement, least: Option<f64>, greatest: Option<f64>) {
    push_bound(select, " and p.age_years >= ", least);
    push_bound(select, " and p.age_years <= ", greatest);
}

/// A choice of texts, closed by a parenthesis; nothing when there is none to choose from.
pub(crate) fn push_one_of(
    select: &mut impl Statement,
    condition: &'static str,
    choices: &[impl AsRef<str>],
) {
    if choices.is_empty() {
        return;
    }
    select.words(condition);
    for (place, choice) in choices.iter().enumerate() {
        if place > 0 {
            select.words(", ");
        }
        select.value(choice.as_ref());
    }
    select.words(")");
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}
