//! A wide table's rows as rows of a long one.

use std::sync::Arc;

use diel_core::Unit;
use jiff::civil::Time;

use super::header::{Column, Headers};
use super::night::{self, Night};
use super::samples::{Sample, samples};
use crate::date::Order;
use crate::layout::{Unfolded, UnfoldedRow};
use crate::records::Place;
use crate::sheet::{Sheet, SheetRow};
use crate::unit::concentration_header;

/// Where a row has a sample's cell.
type Find = for<'a> fn(&Sample<'a>) -> Option<usize>;

/// Columns of the long table that a wide one may have for each sample.
const OF_SAMPLES: [(&str, Find); 5] = [
    ("collected_at", |sample| sample.collected_at),
    ("date", |sample| sample.date),
    ("awakening_at", |sample| sample.awakening_at),
    ("minutes_since_awakening", |sample| sample.minutes),
    ("specimen", |sample| sample.specimen),
];

const DATE_UNKNOWN: &str = "has a sample long before that of the day's first column, which was taken after midnight; the \
     row's date can be read in two ways or not at all: write it with the year first, or give --date-order";

/// Unfolds every row into its samples, in the order of their columns.
pub(super) fn unfold(sheet: &Sheet, headers: &Headers, order: Order) -> Unfolded {
    let mut unfolding = Unfolding::new(sheet, headers, order);
    let mut rows = Vec::new();
    for row in sheet.rows.iter().skip(headers.first_row) {
        unfolding.unfold(row, &mut rows);
    }
    Unfolded {
        reading: unfolding.reading(),
        header: unfolding.header(),
        rows,
    }
}

struct Unfolding<'a> {
    headers: &'a Headers,
    sheet: Option<Arc<str>>,
    /// Columns that hold for a row as a whole.
    kept: Vec<&'a Column>,
    samples: Vec<Sample<'a>>,
    of_samples: Vec<(&'static str, Find)>,
    has_days: bool,
    /// One unit goes into the header of the concentrations; several stand beside each.
    has_units: bool,
    /// The order of dates, where it was told.
    order: Order,
    /// Samples that were placed in the night after.
    nights: usize,
}

impl<'a> Unfolding<'a> {
    fn new(sheet: &Sheet, headers: &'a Headers, order: Order) -> Self {
        let samples = samples(headers);
        let kept = headers.columns.iter();
        let kept = kept.filter(|column| column.name.is_none() && !column.text.is_empty());
        let of_samples = OF_SAMPLES.into_iter();
        let of_samples = of_samples.filter(|(_, find)| {
            let mut found = samples.iter().filter_map(find);
            found.next().is_some()
        });
        Self {
            headers,
            sheet: (!sheet.name.is_empty()).then(|| sheet.name.as_str().into()),
            kept: kept.collect(),
            of_samples: of_samples.collect(),
            has_days: samples.iter().any(|sample| sample.name.day.is_some()),
            has_units: unit(&samples).is_none()
                && samples.iter().any(|sample| sample.unit.is_some()),
            samples,
            order,
            nights: 0,
        }
    }

    fn header(&self) -> Vec<String> {
        let kept = self.kept.iter().map(|column| column.text.to_string());
        let mut header: Vec<String> = kept.collect();
        header.extend(self.has_days.then(|| "day".to_owned()));
        header.push("label".to_owned());
        let of_samples = self.of_samples.iter();
        header.extend(of_samples.map(|(name, _)| (*name).to_owned()));
        if !self.headers.is_log() {
            header.push(concentration_header(unit(&self.samples)).to_owned());
            header.extend(self.has_units.then(|| "unit".to_owned()));
        }
        header
    }

    fn unfold(&mut self, row: &SheetRow, rows: &mut Vec<UnfoldedRow>) {
        let (found, expected) = (row.cells.len(), self.headers.columns.len());
        let place = Place {
            sheet: self.sheet.clone(),
            ..Place::line(row.line)
        };
        if found > expected {
            // A cell too many may stand anywhere, and every one behind it in the wrong column.
            let rule = format!("has {found} fields where the header has {expected}");
            rows.push(UnfoldedRow {
                place: Place {
                    refusal: Some(rule.into()),
                    ..place
                },
                cells: Vec::new(),
            });
            return;
        }
        let firsts = self.first_times(row);
        for (sample, first) in self.samples.iter().zip(firsts) {
            if self.headers.is_log() || !cell(row, sample.concentration).is_empty() {
                let night = self.night(row, sample, first);
                self.nights += usize::from(matches!(night, Night::After(_)));
                let refusal = (night == Night::DateUnknown).then(|| DATE_UNKNOWN.into());
                rows.push(UnfoldedRow {
                    place: Place {
                        column: Some(Arc::clone(&sample.text)),
                        refusal,
                        ..place.clone()
                    },
                    cells: self.cells(row, sample, night),
                });
            }
        }
    }

    /// For every sample, the time of day of its day's first column that has one.
    fn first_times(&self, row: &SheetRow) -> Vec<Option<Time>> {
        let mut firsts: Vec<(Option<&str>, Time)> = Vec::new();
        for sample in &self.samples {
            let day = sample.name.day.as_deref();
            if !firsts.iter().any(|(of, _)| *of == day) {
                let time = night::time_of_day(cell(row, sample.collected_at));
                firsts.extend(time.map(|time| (day, time)));
            }
        }
        let first_of = |sample: &Sample<'_>| {
            let day = sample.name.day.as_deref();
            let first = firsts.iter().find(|(of, _)| *of == day);
            first.map(|(_, time)| *time)
        };
        self.samples.iter().map(first_of).collect()
    }

    /// Whether a sample was taken in the night after, where no awakening tells.
    fn night(&self, row: &SheetRow, sample: &Sample<'_>, first: Option<Time>) -> Night {
        if cell(row, sample.awakening_at).is_empty() {
            let (date, time) = (cell(row, sample.date), cell(row, sample.collected_at));
            night::of(date, time, first, self.order)
        } else {
            Night::No
        }
    }

    fn cells(&self, row: &SheetRow, sample: &Sample<'_>, night: Night) -> Vec<String> {
        let kept = self.kept.iter();
        let mut cells: Vec<String> = kept
            .map(|column| cell(row, Some(column.position)).to_owned())
            .collect();
        cells.extend(
            self.has_days
                .then(|| sample.name.day.clone().unwrap_or_default()),
        );
        cells.push(sample.name.label.clone().unwrap_or_default());
        for (name, find) in &self.of_samples {
            cells.push(match &night {
                Night::After(time) if *name == "collected_at" => time.clone(),
                _ => cell(row, find(sample)).to_owned(),
            });
        }
        if !self.headers.is_log() {
            cells.push(cell(row, sample.concentration).to_owned());
            let unit = sample.unit.map_or("", Unit::ucum);
            cells.extend(self.has_units.then(|| unit.to_owned()));
        }
        cells
    }

    fn reading(&self) -> String {
        let what = match (self.headers.of_carwatch, self.headers.rows) {
            (true, 1) => "an export of CARWatch's Study Manager",
            (true, _) => "Study Results of CARWatch, with header rows for day, sample and variable",
            (false, 1) => "a wide table, one column a sample",
            (false, _) => "a wide table with two header rows, one column a sample",
        };
        let all = |find: Find| self.samples.iter().all(|sample| find(sample).is_some());
        let with: Vec<&str> = [
            ("times", all(|sample| sample.collected_at)),
            ("minutes", all(|sample| sample.minutes)),
            ("awakenings", all(|sample| sample.awakening_at)),
            ("tubes", all(|sample| sample.specimen)),
        ]
        .into_iter()
        .filter_map(|(what, is_there)| is_there.then_some(what))
        .collect();
        let with = if with.is_empty() {
            String::new()
        } else {
            format!(" with {}", with.join(" and "))
        };
        let texts = self.samples.iter().map(|sample| &sample.text);
        let mut reading = format!(
            "{what}: {} samples a row{with}, from {}",
            self.samples.len(),
            some(texts)
        );
        let mut unused = self.unused().peekable();
        if unused.peek().is_some() {
            reading.push_str(&format!("; not read: {}", some(unused)));
        }
        if self.nights > 0 {
            reading.push_str(&format!(
                "; {} {} taken for the night after: no awakening is noted, and more than three hours lie between it and the \
                 day's first column",
                self.nights,
                if self.nights == 1 { "sample is" } else { "samples are" }
            ));
        }
        reading
    }

    /// Headers that speak of samples or days and join none.
    fn unused(&self) -> impl Iterator<Item = &Arc<str>> {
        let is_used = |position: usize| {
            self.samples.iter().any(|sample| {
                sample.concentration == Some(position)
                    || OF_SAMPLES
                        .iter()
                        .any(|(_, find)| find(sample) == Some(position))
            })
        };
        self.headers
            .named()
            .filter(move |(column, _)| !is_used(column.position))
            .map(|(column, _)| &column.text)
    }
}

/// Some headers, and dots for more.
fn some<'a>(mut texts: impl Iterator<Item = &'a Arc<str>>) -> String {
    let first: Vec<String> = texts
        .by_ref()
        .take(3)
        .map(|text| format!("`{text}`"))
        .collect();
    let more = if texts.next().is_some() { ", ..." } else { "" };
    format!("{}{more}", first.join(", "))
}

fn cell(row: &SheetRow, position: Option<usize>) -> &str {
    position
        .and_then(|position| row.cells.get(position))
        .map_or("", String::as_str)
}

/// The unit that the headers of all samples state.
fn unit(samples: &[Sample<'_>]) -> Option<Unit> {
    let first = samples.first()?.unit?;
    samples
        .iter()
        .all(|sample| sample.unit == Some(first))
        .then_some(first)
}
