//! The grammar of a statement.

use diel_core::nearest;

use super::token::Token;
use super::{Condition, Statement, StatementError, Test, Value};
use crate::frames::{CATALOG, Table};

/// Reads a statement from its words.
///
/// # Errors
/// [`StatementError`].
pub(super) fn statement(tokens: &[Token]) -> Result<Statement, StatementError> {
    let mut words = Words(tokens);
    words.keyword("SELECT", "SELECT")?;
    let names = names(&mut words)?;
    words.keyword("FROM", "FROM, or a comma and a column")?;
    let (study, table) = source(&mut words)?;
    let mut conditions = Vec::new();
    if words.take("WHERE") {
        conditions.push(condition(&mut words)?);
        while words.take("AND") {
            conditions.push(condition(&mut words)?);
        }
    }
    let order = order(&mut words)?;
    let limit = if words.take("LIMIT") {
        Some(words.read("a whole number", |token| match token {
            Token::Number(number) => number.parse().ok(),
            _ => None,
        })?)
    } else {
        None
    };
    let ending = if words.take_sign(";") {
        "nothing more"
    } else {
        "the end, WHERE, AND, ORDER or LIMIT"
    };
    words.end(ending)?;
    if !table.is_in_order(&order) {
        return Err(StatementError::Order {
            table: table.name(),
            known: table.order_text(),
        });
    }
    Ok(Statement {
        columns: positions(table, names)?,
        study,
        table,
        conditions,
        limit,
    })
}

/// The columns asked for; `None` for all.
fn names(words: &mut Words<'_>) -> Result<Option<Vec<String>>, StatementError> {
    if words.take_sign("*") {
        return Ok(None);
    }
    let mut names = vec![words.name("* or a column")?];
    while words.take_sign(",") {
        names.push(words.name("a column")?);
    }
    Ok(Some(names))
}

/// `STUDY.TABLE`, or `diel.STUDY.TABLE` as tools write it that put the catalog before.
fn source(words: &mut Words<'_>) -> Result<(String, Table), StatementError> {
    let mut study = words.name("a study")?;
    words.sign(".", "a point and the table")?;
    let mut table = words.name("a table")?;
    if study == CATALOG && words.take_sign(".") {
        study = table;
        table = words.name("a table")?;
    }
    let table = Table::named(&table).ok_or(StatementError::Table(table))?;
    Ok((study, table))
}

/// The columns to order by, each with whether the greatest comes first; none when that is not said.
fn order(words: &mut Words<'_>) -> Result<Vec<(String, bool)>, StatementError> {
    let mut order = Vec::new();
    if !words.take("ORDER") {
        return Ok(order);
    }
    words.keyword("BY", "BY")?;
    loop {
        let column = words.name("a column")?;
        let is_descending = words.take("DESC");
        if !is_descending {
            words.take("ASC");
        }
        order.push((column, is_descending));
        if !words.take_sign(",") {
            return Ok(order);
        }
    }
}

fn condition(words: &mut Words<'_>) -> Result<Condition, StatementError> {
    let column = words.name("a column")?;
    let test = match words.0.first() {
        Some(token) if token.is_sign("=") => words.then(|words| Ok(Test::Is(value(words)?)))?,
        Some(token) if token.is_sign(">=") => {
            words.then(|words| Ok(Test::AtLeast(value(words)?)))?
        }
        Some(token) if token.is_sign("<=") => {
            words.then(|words| Ok(Test::AtMost(value(words)?)))?
        }
        Some(token) if token.is_sign(">") => words.then(|words| Ok(Test::Above(value(words)?)))?,
        Some(token) if token.is_sign("<") => words.then(|words| Ok(Test::Below(value(words)?)))?,
        Some(token) if token.is("BETWEEN") => words.then(|words| {
            let least = value(words)?;
            words.keyword("AND", "AND and the greatest value")?;
            Ok(Test::Between(least, value(words)?))
        })?,
        Some(token) if token.is("IN") => words.then(|words| {
            words.sign("(", "( and values")?;
            let mut values = vec![value(words)?];
            while words.take_sign(",") {
                values.push(value(words)?);
            }
            words.sign(")", ") or a comma")?;
            Ok(Test::OneOf(values))
        })?,
        // A column that is true or false stands for itself.
        None => Test::Is(Value::Truth(true)),
        Some(token) if ["AND", "ORDER", "LIMIT"].iter().any(|next| token.is(next)) => {
            Test::Is(Value::Truth(true))
        }
        Some(token) if token.is_sign(";") => Test::Is(Value::Truth(true)),
        Some(_) => return Err(words.expected("=, >=, <=, >, <, BETWEEN or IN")),
    };
    Ok(Condition { column, test })
}

/// A literal; a date may have the word before it.
fn value(words: &mut Words<'_>) -> Result<Value, StatementError> {
    words.take("DATE");
    words.read("a value", |token| match token {
        Token::Text(text) => Some(Value::Text(text.clone())),
        Token::Number(number) => {
            let number: f64 = number.parse().ok()?;
            number.is_finite().then_some(Value::Number(number))
        }
        token if token.is("TRUE") => Some(Value::Truth(true)),
        token if token.is("FALSE") => Some(Value::Truth(false)),
        _ => None,
    })
}

fn positions(table: Table, names: Option<Vec<String>>) -> Result<Vec<usize>, StatementError> {
    let variables = table.variables();
    let Some(names) = names else {
        return Ok((0..variables.len()).collect());
    };
    let mut positions = Vec::with_capacity(names.len());
    for name in names {
        let position = variables.iter().position(|variable| variable.name == name);
        let Some(position) = position else {
            let known = variables.iter().map(|variable| variable.name);
            return Err(StatementError::Column {
                likely: nearest(&name, known).unwrap_or_default(),
                column: name,
                table: table.name(),
            });
        };
        if positions.contains(&position) {
            return Err(StatementError::Twice(name));
        }
        positions.push(position);
    }
    Ok(positions)
}

/// What is still to be read.
struct Words<'a>(&'a [Token]);

impl Words<'_> {
    /// Reads the next word as something.
    fn read<T>(
        &mut self,
        expected: &'static str,
        read: impl FnOnce(&Token) -> Option<T>,
    ) -> Result<T, StatementError> {
        let Some((first, rest)) = self.0.split_first() else {
            return Err(self.expected(expected));
        };
        let Some(found) = read(first) else {
            return Err(self.expected(expected));
        };
        self.0 = rest;
        Ok(found)
    }

    /// Goes past a word that was looked at, and reads on.
    fn then<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, StatementError>,
    ) -> Result<T, StatementError> {
        self.0 = self.0.split_first().map_or(self.0, |(_, rest)| rest);
        read(self)
    }

    fn name(&mut self, expected: &'static str) -> Result<String, StatementError> {
        self.read(expected, |token| match token {
            Token::Word(name) | Token::Name(name) => Some(name.clone()),
            _ => None,
        })
    }

    fn keyword(&mut self, keyword: &str, expected: &'static str) -> Result<(), StatementError> {
        self.read(expected, |token| token.is(keyword).then_some(()))
    }

    fn sign(&mut self, sign: &str, expected: &'static str) -> Result<(), StatementError> {
        self.read(expected, |token| token.is_sign(sign).then_some(()))
    }

    fn take(&mut self, keyword: &str) -> bool {
        self.keyword(keyword, "").is_ok()
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        self.sign(sign, "").is_ok()
    }

    fn end(&self, expected: &'static str) -> Result<(), StatementError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.expected(expected))
        }
    }

    fn expected(&self, expected: &'static str) -> StatementError {
        let found = self.0.first().map(Token::shown);
        StatementError::Expected {
            expected,
            found: found.unwrap_or_else(|| "the end".to_owned()),
        }
    }
}
