//! The header rows of a wide table.

use std::collections::HashSet;
use std::sync::Arc;

use super::names::{self, Kind, Name};
use crate::column::{self, fold};
use crate::concentration;
use crate::options::ImportOptions;
use crate::sheet::Sheet;

/// Header rows are looked for in the first so many rows.
const LOOKED_AT: usize = 20;
/// A wider table is none of samples.
const MOST_COLUMNS: usize = 4_096;
/// Rows whose cells show that columns with nothing but a label hold concentrations.
const SHOWN: usize = 50;

/// A column and what its header says.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) position: usize,
    /// The header, several rows of it joined.
    pub(super) text: Arc<str>,
    /// `None`: it speaks of the row as a whole, such as a participant's code.
    pub(super) name: Option<Name>,
}

/// The header of a wide table.
#[derive(Debug)]
pub(super) struct Headers {
    pub(super) columns: Vec<Column>,
    /// The first of the sheet's rows that is no header.
    pub(super) first_row: usize,
    /// How many rows make the header.
    pub(super) rows: usize,
    /// Whether it is an export or a result file of CARWatch.
    pub(super) of_carwatch: bool,
}

impl Headers {
    /// Finds the header rows. Two samples at least must have columns.
    pub(super) fn find(sheet: &Sheet, options: &ImportOptions) -> Option<Self> {
        (0..sheet.rows.len().min(LOOKED_AT)).find_map(|row| {
            Self::of_carwatch(sheet, row)
                .or_else(|| Self::of_rows(sheet, row, 1, options))
                .or_else(|| Self::of_rows(sheet, row, 2, options))
        })
    }

    /// The columns of concentrations.
    pub(super) fn concentrations(&self) -> impl Iterator<Item = (&Column, &Name)> {
        self.named()
            .filter(|(_, name)| matches!(name.kind, Kind::Concentration(_)))
    }

    pub(super) fn named(&self) -> impl Iterator<Item = (&Column, &Name)> {
        self.columns
            .iter()
            .filter_map(|column| Some((column, column.name.as_ref()?)))
    }

    /// Whether columns say when samples were taken and none what was found.
    pub(super) fn is_log(&self) -> bool {
        self.concentrations().next().is_none()
    }

    fn of_rows(sheet: &Sheet, first: usize, rows: usize, options: &ImportOptions) -> Option<Self> {
        let texts = joined(sheet, first, rows).filter(|texts| texts.len() <= MOST_COLUMNS)?;
        let parsed: Vec<Option<Name>> = texts.iter().map(|text| names::parse(text)).collect();
        let headers = Self {
            columns: columns(&texts, parsed),
            first_row: first + rows,
            rows,
            of_carwatch: false,
        }
        .with_awakenings();
        headers
            .has_samples()
            .then_some(headers)
            .or_else(|| Self::of_bare_labels(sheet, &texts, first, rows))
            .filter(|headers| headers.has_participants(options))
            .filter(|headers| headers.rows == 1 || headers.first_row < sheet.rows.len())
    }

    /// Labels alone: every column but those of the row as a whole, and all that stands below is a concentration.
    fn of_bare_labels(sheet: &Sheet, texts: &[String], first: usize, rows: usize) -> Option<Self> {
        let parsed = texts.iter().map(|text| names::bare_label(text)).collect();
        let headers = Self {
            columns: columns(texts, parsed),
            first_row: first + rows,
            rows,
            of_carwatch: false,
        };
        let is_concentration = |text: &str| {
            text.is_empty() || concentration::parse(text, Some(1.0), sheet.comma, &[]).is_ok()
        };
        let shown = sheet.rows.iter().skip(headers.first_row).take(SHOWN);
        let are_concentrations = shown
            .flat_map(|row| {
                headers
                    .concentrations()
                    .filter_map(|(column, _)| row.cells.get(column.position))
            })
            .all(|cell| is_concentration(cell));
        (headers.has_samples() && are_concentrations).then_some(headers)
    }

    /// The three header rows of CARWatch's Study Results, with the row that names the participants below.
    fn of_carwatch(sheet: &Sheet, first: usize) -> Option<Self> {
        let cells = |row: usize| sheet.rows.get(first + row).map(|row| row.cells.as_slice());
        let first_cell = |row: usize| cells(row)?.first().map(|cell| fold(cell));
        let is_it =
            first_cell(0)? == "day" && first_cell(1)? == "sample" && first_cell(2)? == "variable";
        if !is_it {
            return None;
        }
        let has_index = first_cell(3).is_some_and(|text| text == "participant");
        let (days, samples, variables) = (cells(0)?, cells(1)?, cells(2)?);
        let mut columns = vec![Column {
            position: 0,
            text: "participant".into(),
            name: None,
        }];
        for (position, variable) in variables.iter().enumerate().skip(1) {
            let cell = |cells: &[String]| cells.get(position).cloned().unwrap_or_default();
            let (day, sample) = (cell(days), cell(samples));
            let label = (fold(&sample) != "day").then_some(sample);
            columns.push(Column {
                position,
                text: format!("{day} {} {variable}", label.as_deref().unwrap_or("day")).into(),
                name: of_variable(variable).map(|kind| Name {
                    kind,
                    day: Some(day),
                    label,
                }),
            });
        }
        let headers = Self {
            columns,
            first_row: first + if has_index { 4 } else { 3 },
            rows: if has_index { 4 } else { 3 },
            of_carwatch: true,
        };
        Some(headers)
    }

    fn with_awakenings(mut self) -> Self {
        let labels: Vec<Option<String>> = self
            .concentrations()
            .map(|(_, name)| name.label.clone())
            .collect();
        for column in &mut self.columns {
            column.name = column.name.take().map(|name| name.or_awakening(&labels));
        }
        self.of_carwatch = self
            .columns
            .iter()
            .any(|column| column.text.to_lowercase().starts_with("sampling_time_d"));
        self
    }

    /// At least two samples, each of its own label: of concentrations, or, in a log of CARWatch, of times.
    fn has_samples(&self) -> bool {
        let of_kind = |wanted: fn(Kind) -> bool| {
            let mut labels = HashSet::new();
            let mut named = self
                .named()
                .filter(|(_, name)| wanted(name.kind) && name.label.is_some());
            named.all(|(_, name)| labels.insert((name.folded_day(), name.folded_label())))
                && labels.len() >= 2
        };
        of_kind(|kind| matches!(kind, Kind::Concentration(_)))
            || (self.of_carwatch && of_kind(|kind| kind == Kind::CollectedAt))
    }

    fn has_participants(&self, options: &ImportOptions) -> bool {
        options.chooses(column::Name::Participant)
            || self.columns.iter().any(|column| {
                column.name.is_none() && column::Name::Participant.is_named(&column.text)
            })
    }
}

/// What a variable of CARWatch's Study Results is.
fn of_variable(variable: &str) -> Option<Kind> {
    match variable.to_lowercase().as_str() {
        "date" => Some(Kind::Date),
        "awakening_time" => Some(Kind::AwakeningAt),
        "sampling_time" => Some(Kind::CollectedAt),
        "barcode" => Some(Kind::Specimen),
        other => names::parse(other)
            .map(|name| name.kind)
            .filter(|kind| matches!(kind, Kind::Concentration(_))),
    }
}

fn columns(texts: &[String], names: Vec<Option<Name>>) -> Vec<Column> {
    let columns = texts.iter().zip(names).enumerate();
    columns
        .map(|(position, (text, name))| Column {
            position,
            text: text.as_str().into(),
            name,
        })
        .collect()
}

/// The texts of one or two header rows. A merged cell of the upper row stands for the empty ones to its right.
fn joined(sheet: &Sheet, first: usize, rows: usize) -> Option<Vec<String>> {
    let upper = &sheet.rows.get(first)?.cells;
    if rows == 1 {
        return Some(upper.clone());
    }
    let lower = &sheet.rows.get(first + 1)?.cells;
    let mut merged = "";
    let texts = (0..upper.len().max(lower.len())).map(|position| {
        let cell = |cells: &'_ Vec<String>| cells.get(position).cloned().unwrap_or_default();
        let (above, below) = (cell(upper), cell(lower));
        if let Some(text) = upper.get(position).filter(|text| !text.is_empty()) {
            merged = text;
        }
        match (below.is_empty(), above.is_empty()) {
            (true, _) => above,
            (false, _) if merged.is_empty() => below,
            (false, _) => format!("{merged} {below}"),
        }
    });
    let texts: Vec<String> = texts.collect();
    let is_two_rows = lower.first().is_none_or(String::is_empty) || upper.first()?.is_empty();
    is_two_rows.then_some(texts)
}
