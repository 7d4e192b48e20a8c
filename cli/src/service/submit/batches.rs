//! Rows gathered into batches.

use clap::Args;
use diel_client::v1;
use diel_import::BatchFacts;

use super::Mode;
use super::identity::identify;
use super::message::Ready;

/// Rows in one batch: less than half of what the service takes, about 300 kB.
const ROWS: usize = 2_000;
/// From so many rows on, a batch ends where another person begins: a person in one batch is judged once.
const CUT: usize = 1_900;
/// Batches under different limits or of different plates that are filled at once.
const OPEN: usize = 8;

/// What stands for a laboratory or an assay that nobody named.
const NOT_STATED: &str = "not stated";

/// What all rows of the file have in common.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "The assay")]
pub(crate) struct Facts {
    /// The laboratory.
    #[arg(long, value_name = "TEXT", default_value = NOT_STATED)]
    pub(crate) lab: String,

    /// The assay method: concentrations of different assays are not comparable.
    #[arg(long, value_name = "TEXT", default_value = NOT_STATED)]
    pub(crate) assay: String,

    /// The kit and its lot.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) kit: String,

    /// The plate.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) plate: String,

    /// The day of the assay run.
    #[arg(
        long,
        value_name = "YYYY-MM-DD",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) run_date: String,

    /// The limit of detection, in the unit of the concentrations, of rows that do not state their own.
    #[arg(long, value_name = "LIMIT")]
    pub(crate) limit_of_detection: Option<f64>,
}

/// A batch as it is sent, and the lines of the file that its rows came from.
#[derive(Debug)]
pub(crate) struct FileBatch {
    pub(crate) request: v1::SubmitBatchRequest,
    pub(crate) lines: Vec<u64>,
    limit: Option<Limit>,
    plate: String,
}

impl Facts {
    /// What a mapping says where nothing was told.
    pub(crate) fn or(self, mapping: BatchFacts) -> Self {
        let told = |text: String, kept: Option<String>| match kept {
            Some(kept) if text.is_empty() || text == NOT_STATED => kept,
            _ => text,
        };
        Self {
            lab: told(self.lab, mapping.lab),
            assay: told(self.assay, mapping.assay),
            kit: told(self.kit, mapping.kit),
            limit_of_detection: self.limit_of_detection.or(mapping.limit_of_detection),
            ..self
        }
    }
}

/// The limit of detection belongs to the batch, and so does the plate: rows that differ go in different batches.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Limit {
    value: f64,
    unit: v1::ConcentrationUnit,
}

/// Gathers rows in the order of the file, up to 2,000 a batch. A row without a concentration has no limit and goes with
/// the row before it.
#[derive(Debug)]
pub(in super::super) struct Batcher {
    parent: String,
    facts: Facts,
    mode: Mode,
    controls: Vec<v1::ControlMeasurement>,
    open: Vec<FileBatch>,
    last: Option<Limit>,
}

impl Batcher {
    pub(in super::super) fn new(parent: &str, facts: &Facts, mode: Mode) -> Self {
        Self {
            parent: parent.to_owned(),
            facts: facts.clone(),
            mode,
            controls: Vec::new(),
            open: Vec::new(),
            last: None,
        }
    }

    /// With the controls of the plate that the rows are of.
    pub(super) fn with_controls(self, controls: Vec<v1::ControlMeasurement>) -> Self {
        Self { controls, ..self }
    }

    pub(super) const fn mode(&self) -> Mode {
        self.mode
    }

    /// Adds a row. Returns a batch when one is full, or when rows under too many limits are waiting.
    pub(super) fn push(&mut self, row: Ready<'_>) -> Option<FileBatch> {
        let limit = match row.unit() {
            None => self.last,
            Some(unit) => row
                .limit_of_detection()
                .or(self.facts.limit_of_detection)
                .map(|value| Limit { value, unit }),
        };
        self.last = limit;
        let plate = row.plate().unwrap_or(&self.facts.plate).to_owned();
        let found = self
            .open
            .iter()
            .position(|batch| batch.limit == limit && batch.plate == plate);
        let mut batch = match found {
            Some(at) => self.open.remove(at),
            None => self.empty_batch(limit, plate.clone()),
        };
        if batch.ends_before(&row) {
            let mut next = self.empty_batch(limit, plate);
            next.add(row);
            self.open.push(next);
            return Some(identified(batch));
        }
        batch.add(row);
        if batch.lines.len() == ROWS {
            return Some(identified(batch));
        }
        self.open.push(batch);
        let done = self.fullest().filter(|_| self.open.len() > OPEN)?;
        Some(identified(self.open.remove(done)))
    }

    /// The batches that are not full, in the order of their last rows.
    pub(super) fn finish(self) -> impl Iterator<Item = FileBatch> {
        self.open.into_iter().map(identified)
    }

    fn fullest(&self) -> Option<usize> {
        let rows = self.open.iter().map(|batch| batch.lines.len());
        rows.enumerate()
            .max_by_key(|&(_, rows)| rows)
            .map(|(at, _)| at)
    }

    fn empty_batch(&self, limit: Option<Limit>, plate: String) -> FileBatch {
        let facts = &self.facts;
        let unit = limit.map_or(v1::ConcentrationUnit::Unspecified, |limit| limit.unit);
        let batch = v1::Batch {
            lab: facts.lab.clone(),
            assay: facts.assay.clone(),
            kit: facts.kit.clone(),
            plate: plate.clone(),
            run_date: facts.run_date.clone(),
            limit_of_detection: limit.map(|limit| limit.value),
            limit_unit: unit.into(),
            ..v1::Batch::default()
        };
        FileBatch {
            request: v1::SubmitBatchRequest {
                parent: self.parent.clone(),
                batch: Some(batch),
                validate_only: self.mode.validate_only,
                allow_partial: self.mode.partial,
                controls: self.controls.clone(),
                ..Default::default()
            },
            lines: Vec::new(),
            limit,
            plate,
        }
    }
}

impl FileBatch {
    fn add(&mut self, row: Ready<'_>) {
        self.lines.push(row.line());
        self.request.results.push(row.into_message());
    }

    fn ends_before(&self, row: &Ready<'_>) -> bool {
        let last = self.request.results.last();
        let collection = last.and_then(|result| result.collection.as_ref());
        self.lines.len() >= CUT
            && collection.is_some_and(|last| last.participant != row.participant())
    }
}

fn identified(mut batch: FileBatch) -> FileBatch {
    identify(&mut batch.request);
    batch
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use diel_core::{Conditions, Measurement, MissingReason, Moment, Outcome, Unit};
    use diel_import::Row;

    use super::*;

    fn facts(limit_of_detection: Option<f64>) -> Facts {
        let [lab, assay, kit, plate, run_date] = ["L", "A", "", "", ""].map(str::to_owned);
        Facts {
            lab,
            assay,
            kit,
            plate,
            run_date,
            limit_of_detection,
        }
    }

    fn row(line: u64, limit_of_detection: Option<f64>, outcome: Outcome) -> Row<'static> {
        let unit = (!matches!(outcome, Outcome::Missing(_))).then_some(Unit::NmolPerL);
        Row {
            sheet: None,
            line,
            participant: "P",
            collected: Some(Moment::new(1_772_345_100_000_000, 60).unwrap()),
            awakening: None,
            date: None,
            minutes_since_awakening: None,
            day: None,
            label: None,
            measurement: Measurement::new(outcome, unit).unwrap(),
            specimen: None,
            group: None,
            age: None,
            sex: None,
            limit_of_detection,
            conditions: Conditions::default(),
            plate: None,
            well: None,
            replicate_count: None,
            replicate_cv_percent: None,
        }
    }

    /// The lines and the limit of each batch.
    fn batches(rows: &[Row<'_>], facts: &Facts) -> Vec<(Vec<u64>, Option<f64>)> {
        let mut batcher = Batcher::new("studies/s", facts, Mode::default());
        let mut done: Vec<FileBatch> = rows
            .iter()
            .filter_map(|row| batcher.push(Ready::of(row).unwrap()))
            .collect();
        done.extend(batcher.finish());
        done.into_iter()
            .map(|batch| {
                assert_eq!(batch.lines.len(), batch.request.results.len());
                let facts = batch.request.batch.unwrap();
                (batch.lines, facts.limit_of_detection)
            })
            .collect()
    }

    #[test]
    fn every_row_goes_once_and_no_batch_is_too_large() {
        let rows: Vec<_> = (1..=4_001)
            .map(|line| row(line, None, Outcome::Value(4.0)))
            .collect();
        let batches = batches(&rows, &facts(None));
        let sizes: Vec<usize> = batches.iter().map(|(lines, _)| lines.len()).collect();
        assert_eq!(sizes, [2_000, 2_000, 1]);
        let lines: Vec<u64> = batches.into_iter().flat_map(|(lines, _)| lines).collect();
        assert_eq!(lines, (1..=4_001).collect::<Vec<_>>());
    }

    #[test]
    fn a_batch_that_is_nearly_full_ends_with_its_person() {
        let codes: Vec<String> = (0..200).map(|person| format!("P{person}")).collect();
        let rows: Vec<_> = (0..3_000_u32)
            .map(|line| Row {
                participant: codes.get((line / 15) as usize).unwrap(),
                ..row(u64::from(line), None, Outcome::Value(4.0))
            })
            .collect();
        let batches = batches(&rows, &facts(None));
        let sizes: Vec<usize> = batches.iter().map(|(lines, _)| lines.len()).collect();
        assert_eq!(sizes, [1_905, 1_095]);
    }

    #[test]
    fn rows_under_different_limits_go_in_different_batches() {
        let rows = [
            row(1, None, Outcome::Value(4.0)),
            row(2, Some(0.3), Outcome::Value(4.0)),
            row(3, None, Outcome::Missing(MissingReason::NoSample)),
            row(4, None, Outcome::Value(4.0)),
        ];
        assert_eq!(
            batches(&rows, &facts(Some(0.5))),
            [(vec![2, 3], Some(0.3)), (vec![1, 4], Some(0.5))]
        );
    }

    #[test]
    fn rows_of_different_plates_go_in_different_batches() {
        let of = |line, plate| Row {
            plate,
            ..row(line, None, Outcome::Value(4.0))
        };
        let rows = [
            of(1, Some("1")),
            of(2, Some("2")),
            of(3, Some("1")),
            of(4, None),
        ];
        let lines: Vec<Vec<u64>> = batches(&rows, &facts(None))
            .into_iter()
            .map(|(lines, _)| lines)
            .collect();
        assert_eq!(lines, [vec![2], vec![1, 3], vec![4]]);
    }

    #[test]
    fn a_limit_for_each_row_keeps_few_rows_waiting() {
        let rows: Vec<_> = (1..=100)
            .map(|line| row(line, Some(line as f64), Outcome::Value(4.0)))
            .collect();
        let mut batcher = Batcher::new("studies/s", &facts(None), Mode::default());
        let done = rows
            .iter()
            .filter_map(|row| batcher.push(Ready::of(row).unwrap()))
            .count();
        assert_eq!((done, batcher.finish().count()), (100 - OPEN, OPEN));
    }
}
