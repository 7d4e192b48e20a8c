//! Rows gathered into batches.

use clap::Args;
use diel_client::v1;

use super::message::Row;

/// Rows in one batch: half of what the service takes, about 300 kB.
const ROWS: usize = 2_000;

/// What all rows of the file have in common.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "The assay")]
pub(crate) struct Facts {
    /// The laboratory.
    #[arg(long, value_name = "TEXT", default_value = "not stated")]
    pub(crate) lab: String,

    /// The assay method: concentrations of different assays are not comparable.
    #[arg(long, value_name = "TEXT", default_value = "not stated")]
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

/// A batch and the lines of the file that its rows came from.
pub(super) struct FileBatch {
    pub(super) batch: v1::Batch,
    pub(super) rows: Vec<v1::ResultInput>,
    pub(super) lines: Vec<u64>,
    limit: Option<Limit>,
}

/// The limit of detection belongs to the batch, so rows under different limits go in different batches.
#[derive(Clone, Copy, PartialEq)]
struct Limit {
    value: f64,
    unit: v1::ConcentrationUnit,
}

/// Gathers rows in the order of the file, up to 2,000 a batch. A row without a concentration has no limit and goes with
/// the row before it.
pub(super) fn batches(rows: Vec<Row>, facts: &Facts) -> Vec<FileBatch> {
    let mut done = Vec::new();
    let mut open: Vec<FileBatch> = Vec::new();
    let mut last = None;
    for row in rows {
        let limit = match row.unit {
            None => last,
            Some(unit) => row
                .limit_of_detection
                .or(facts.limit_of_detection)
                .map(|value| Limit { value, unit }),
        };
        last = limit;
        let at = open
            .iter()
            .position(|batch| batch.limit == limit)
            .unwrap_or(open.len());
        if at == open.len() {
            open.push(facts.empty_batch(limit));
        }
        let Some(batch) = open.get_mut(at) else {
            continue;
        };
        batch.rows.push(row.message);
        batch.lines.push(row.line);
        if batch.rows.len() == ROWS {
            done.push(open.remove(at));
        }
    }
    done.append(&mut open);
    done
}

impl Facts {
    fn empty_batch(&self, limit: Option<Limit>) -> FileBatch {
        let unit = limit.map_or(v1::ConcentrationUnit::Unspecified, |limit| limit.unit);
        let batch = v1::Batch {
            lab: self.lab.clone(),
            assay: self.assay.clone(),
            kit: self.kit.clone(),
            plate: self.plate.clone(),
            run_date: self.run_date.clone(),
            limit_of_detection: limit.map(|limit| limit.value),
            limit_unit: unit.into(),
            ..v1::Batch::default()
        };
        FileBatch {
            batch,
            rows: Vec::new(),
            lines: Vec::new(),
            limit,
        }
    }
}

#[cfg(test)]
mod tests {
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

    fn row(line: u64, limit_of_detection: Option<f64>) -> Row {
        let unit = Some(v1::ConcentrationUnit::NmolPerL);
        Row {
            line,
            limit_of_detection,
            unit,
            message: v1::ResultInput::default(),
        }
    }

    #[test]
    fn every_row_goes_once_and_no_batch_is_too_large() {
        let batches = batches(
            (1..=4_001).map(|line| row(line, None)).collect(),
            &facts(None),
        );
        let sizes: Vec<usize> = batches.iter().map(|batch| batch.rows.len()).collect();
        assert_eq!(sizes, [2_000, 2_000, 1]);
        let lines: Vec<u64> = batches.into_iter().flat_map(|batch| batch.lines).collect();
        assert_eq!(lines, (1..=4_001).collect::<Vec<_>>());
    }

    #[test]
    fn rows_under_different_limits_go_in_different_batches() {
        let missing = Row {
            unit: None,
            ..row(3, None)
        };
        let rows = vec![row(1, None), row(2, Some(0.3)), missing, row(4, None)];
        let batches = batches(rows, &facts(Some(0.5)));
        let limits: Vec<_> = batches
            .iter()
            .map(|batch| batch.batch.limit_of_detection)
            .collect();
        assert_eq!(limits, [Some(0.5), Some(0.3)]);
        let lines: Vec<_> = batches.into_iter().map(|batch| batch.lines).collect();
        assert_eq!(lines, [vec![1, 4], vec![2, 3]]);
    }
}
