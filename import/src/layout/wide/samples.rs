//! The samples of a wide table: a column of concentrations each, and the columns that join it by day and label.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::sync::Arc;

use diel_core::Unit;

use super::header::Headers;
use super::names::{Kind, Name};

/// A sample of each row, and in which columns its cells stand.
pub(super) struct Sample<'a> {
    /// The header that refusals name.
    pub(super) text: Arc<str>,
    pub(super) name: &'a Name,
    pub(super) unit: Option<Unit>,
    /// `None` in a log of times.
    pub(super) concentration: Option<usize>,
    pub(super) collected_at: Option<usize>,
    pub(super) date: Option<usize>,
    pub(super) awakening_at: Option<usize>,
    pub(super) minutes: Option<usize>,
    pub(super) specimen: Option<usize>,
}

/// The samples in the order of their columns; in a log without concentrations, a time each.
pub(super) fn samples(headers: &Headers) -> Vec<Sample<'_>> {
    let is_log = headers.is_log();
    let index = Index::new(headers);
    headers
        .named()
        .filter(|(_, name)| name.label.is_some())
        .filter(|(_, name)| match name.kind {
            Kind::Concentration(_) => true,
            Kind::CollectedAt => is_log,
            _ => false,
        })
        .map(|(column, name)| Sample {
            text: Arc::clone(&column.text),
            name,
            unit: match name.kind {
                Kind::Concentration(unit) => unit,
                _ => None,
            },
            concentration: (!is_log).then_some(column.position),
            collected_at: index.own(Kind::CollectedAt, name),
            date: index.nearest(Kind::Date, name),
            awakening_at: index.nearest(Kind::AwakeningAt, name),
            minutes: index.own(Kind::Minutes, name),
            specimen: index.own(Kind::Specimen, name),
        })
        .collect()
}

/// What a column holds, of which day and which sample, whatever their case.
type Key = (Discriminant<Kind>, Option<String>, Option<String>);

/// Columns by what they hold and of what.
struct Index {
    columns: HashMap<Key, usize>,
}

impl Index {
    fn new(headers: &Headers) -> Self {
        let mut columns = HashMap::new();
        for (column, name) in headers.named() {
            let key = (
                discriminant(&name.kind),
                name.folded_day(),
                name.folded_label(),
            );
            columns.entry(key).or_insert(column.position);
        }
        Self { columns }
    }

    /// The column of the sample itself, else of its day, else of the row.
    fn nearest(&self, kind: Kind, name: &Name) -> Option<usize> {
        let kind = discriminant(&kind);
        [
            (name.folded_day(), name.folded_label()),
            (name.folded_day(), None),
            (None, None),
        ]
        .into_iter()
        .find_map(|(day, label)| self.columns.get(&(kind, day, label)).copied())
    }

    /// The column of the sample itself.
    fn own(&self, kind: Kind, name: &Name) -> Option<usize> {
        let key = (discriminant(&kind), name.folded_day(), name.folded_label());
        self.columns.get(&key).copied()
    }
}
