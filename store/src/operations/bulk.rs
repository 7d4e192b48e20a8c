//! Statements over many rows. Rows go in chunks of a few fixed sizes, so that each text is prepared once a connection
//! and used again.

use std::sync::{Arc, OnceLock};

use sqlx::Arguments as _;
use sqlx::AssertSqlSafe;

use super::{Arguments, Conn, Db, Row};
use crate::StoreError;
use crate::fault::Fault;

/// Rows or keys in one statement. With at most 40 columns this stays below the 32,766 parameters of SQLite and the
/// 65,535 of PostgreSQL.
const SIZES: [usize; 6] = [768, 192, 48, 12, 4, 1];

/// A statement text for each size.
type Texts = [OnceLock<Arc<str>>; SIZES.len()];

const fn no_texts() -> Texts {
    [const { OnceLock::new() }; SIZES.len()]
}

/// An insertion of rows: prefix, `(...), (...)`, suffix.
pub(super) struct Insertion {
    prefix: &'static str,
    columns: usize,
    suffix: &'static str,
    texts: Texts,
}

impl Insertion {
    pub(super) const fn new(prefix: &'static str, columns: usize, suffix: &'static str) -> Self {
        Self {
            prefix,
            columns,
            suffix,
            texts: no_texts(),
        }
    }

    /// The text for the largest size that these rows fill.
    fn text_for(&self, rows: usize) -> Option<(usize, Arc<str>)> {
        let (size, text) = SIZES
            .iter()
            .zip(&self.texts)
            .find(|(size, _)| **size <= rows)?;
        Some((*size, Arc::clone(text.get_or_init(|| self.text(*size)))))
    }

    fn text(&self, rows: usize) -> Arc<str> {
        let mut text = String::from(self.prefix);
        let mut number = 0;
        for row in 0..rows {
            text.push_str(if row == 0 { "(" } else { ", (" });
            push_places(&mut text, &mut number, self.columns);
            text.push(')');
        }
        text.push_str(self.suffix);
        text.into()
    }

    pub(super) fn every_text(&self) -> impl Iterator<Item = Arc<str>> {
        SIZES.iter().map(|size| self.text(*size))
    }

    pub(super) fn shortest_text(&self) -> Arc<str> {
        self.text(1)
    }

    /// Takes a chunk from the front of the rows.
    fn chunk<T>(
        &self,
        rows: &mut &[T],
        bind: &impl Fn(&mut Values, &T),
    ) -> Result<Option<Chunk>, Fault> {
        let Some((size, text)) = self.text_for(rows.len()) else {
            return Ok(None);
        };
        let (chunk, rest) = rows.split_at(size);
        *rows = rest;
        let mut values = Values::default();
        values
            .arguments
            .reserve(size * self.columns, size * self.columns * 8);
        chunk.iter().for_each(|row| bind(&mut values, row));
        Ok(Some(Chunk {
            text,
            arguments: values.finish()?,
        }))
    }

    /// Writes the rows in their order and returns how many the engine inserted or changed. While the engine works on
    /// a chunk the next one is made ready.
    pub(super) async fn write<T: Sync>(
        &self,
        conn: &mut Conn,
        mut rows: &[T],
        bind: impl Fn(&mut Values, &T) + Send + Sync,
    ) -> Result<u64, Fault> {
        let mut affected = 0;
        let mut ready = self.chunk(&mut rows, &bind)?;
        while let Some(chunk) = ready {
            let executing = sqlx::query_with::<Db, _>(AssertSqlSafe(chunk.text), chunk.arguments)
                .execute(&mut *conn);
            let preparing = async { self.chunk(&mut rows, &bind) };
            let (done, prepared) = tokio::join!(executing, preparing);
            affected += done?.rows_affected();
            ready = prepared?;
        }
        Ok(affected)
    }

    /// Writes the rows and returns what the suffix asks for of each.
    pub(super) async fn write_returning<T: Sync>(
        &self,
        conn: &mut Conn,
        mut rows: &[T],
        bind: impl Fn(&mut Values, &T) + Send + Sync,
    ) -> Result<Vec<Row>, Fault> {
        let mut returned = Vec::with_capacity(rows.len());
        while let Some(chunk) = self.chunk(&mut rows, &bind)? {
            let query = sqlx::query_with::<Db, _>(AssertSqlSafe(chunk.text), chunk.arguments);
            returned.extend(query.fetch_all(&mut *conn).await?);
        }
        Ok(returned)
    }
}

struct Chunk {
    text: Arc<str>,
    arguments: Arguments,
}

/// A statement on the rows of many keys of a study: head, study, middle, keys, tail.
pub(super) struct Lookup {
    head: &'static str,
    middle: &'static str,
    tail: &'static str,
    texts: Texts,
}

impl Lookup {
    pub(super) const fn new(head: &'static str, middle: &'static str, tail: &'static str) -> Self {
        Self {
            head,
            middle,
            tail,
            texts: no_texts(),
        }
    }

    /// The text for the smallest size that holds these keys, or the largest.
    fn text_for(&self, keys: usize) -> Option<(usize, Arc<str>)> {
        let sizes = SIZES.iter().zip(&self.texts);
        let (size, text) = sizes
            .clone()
            .rev()
            .find(|(size, _)| **size >= keys)
            .or(sizes.clone().next())?;
        Some((*size, Arc::clone(text.get_or_init(|| self.text(*size)))))
    }

    fn text(&self, keys: usize) -> Arc<str> {
        let mut text = String::from(self.head);
        let mut number = 0;
        push_places(&mut text, &mut number, 1);
        text.push_str(self.middle);
        push_places(&mut text, &mut number, keys);
        text.push_str(self.tail);
        text.into()
    }

    pub(super) fn every_text(&self) -> impl Iterator<Item = Arc<str>> {
        SIZES.iter().map(|size| self.text(*size))
    }

    pub(super) fn shortest_text(&self) -> Arc<str> {
        self.text(1)
    }

    /// The chunks of the keys. A chunk that is not full repeats its last key, which changes no answer.
    fn chunks(&self, study_no: i64, mut keys: &[&str]) -> Result<Vec<Chunk>, Fault> {
        let mut chunks = Vec::new();
        while !keys.is_empty() {
            let Some((size, text)) = self.text_for(keys.len()) else {
                break;
            };
            let (chunk, rest) = keys.split_at(size.min(keys.len()));
            keys = rest;
            let mut values = Values::default();
            values.integer(study_no);
            let padding = std::iter::repeat(chunk.last()).flatten();
            chunk
                .iter()
                .chain(padding)
                .take(size)
                .for_each(|key| values.text(*key));
            chunks.push(Chunk {
                text,
                arguments: values.finish()?,
            });
        }
        Ok(chunks)
    }

    /// The rows of the keys; in the order of the tail when the keys are sorted the same way.
    pub(super) async fn read(
        &self,
        conn: &mut Conn,
        study_no: i64,
        keys: &[&str],
    ) -> Result<Vec<Row>, Fault> {
        let mut rows = Vec::new();
        for chunk in self.chunks(study_no, keys)? {
            let query = sqlx::query_with::<Db, _>(AssertSqlSafe(chunk.text), chunk.arguments);
            rows.extend(query.fetch_all(&mut *conn).await?);
        }
        Ok(rows)
    }

    /// Changes the rows of the keys.
    pub(super) async fn execute(
        &self,
        conn: &mut Conn,
        study_no: i64,
        keys: &[&str],
    ) -> Result<(), Fault> {
        for chunk in self.chunks(study_no, keys)? {
            sqlx::query_with::<Db, _>(AssertSqlSafe(chunk.text), chunk.arguments)
                .execute(&mut *conn)
                .await?;
        }
        Ok(())
    }
}

/// Appends `count` places for values, in the engine's own notation.
fn push_places(text: &mut String, number: &mut usize, count: usize) {
    for place in 0..count {
        *number += 1;
        if place > 0 {
            text.push_str(", ");
        }
        super::super::push_place(text, *number);
    }
}

/// Values of a statement, in order.
#[derive(Default)]
pub(super) struct Values {
    arguments: Arguments,
    /// The first value that could not be taken.
    fault: Option<Fault>,
}

impl Values {
    fn add<'t, T: sqlx::Encode<'t, Db> + sqlx::Type<Db>>(&mut self, value: T) {
        if let Err(error) = self.arguments.add(value) {
            self.fault
                .get_or_insert(Fault::Engine(sqlx::Error::Encode(error)));
        }
    }

    pub(super) fn integer(&mut self, value: impl Into<Option<i64>>) {
        self.add(value.into());
    }

    /// A text. It is copied once, into memory that is shared with whatever thread binds it.
    pub(super) fn text<'t>(&mut self, value: impl Into<Option<&'t str>>) {
        self.add(value.into().map(Arc::<str>::from));
    }

    /// A number. SQLite reads NaN as absent and drops the sign of zero: neither is ever handed to an engine.
    pub(super) fn number(&mut self, value: impl Into<Option<f64>>) {
        let value = value.into();
        if let Some(number) = value
            && !number.is_finite()
        {
            let what = format!("a number to be stored is {number}");
            self.fault
                .get_or_insert(Fault::Refused(StoreError::Damaged { what }));
        }
        self.add(value.map(|number| number + 0.0));
    }

    pub(super) fn truth(&mut self, value: bool) {
        self.add(value);
    }

    pub(super) fn bytes(&mut self, value: &[u8]) {
        self.add(value);
    }

    fn finish(self) -> Result<Arguments, Fault> {
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.arguments),
        }
    }
}
