//! `diel check`: what a file says, before anything is done with it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use diel_core::{Measurement, Outcome};
use diel_import::{ImportOptions, ImportedRow, Mapping, RefusedRow, Summary};

use crate::code_shapes::{self, CodesOption};
use crate::file_options::FileOptions;
use crate::output::{self, Cell, Column, Format, Frame, OutputOptions, stamp};
use crate::refused_cells;
use crate::rejects::RejectsOption;

const EXAMPLES: &str = "\
Nothing is stored and no service is needed. Everything that `diel submit` and `diel analyze` take is read in the same
way: text in usual encodings and separators, and workbooks (.xlsx, .xlsb, .xls, .ods). What is guessed is told; an
option overrules it, and --save-mapping keeps all of it for the next files of the same laboratory.

With --format csv, json or jsonl standard output has the refused cells alone, a record each.

Examples:
  diel check plate.xlsx
  diel check results.csv --unit nmol/L --date-order dmy --save-mapping lab7.toml
  diel check next.csv --mapping lab7.toml
  diel check next.csv --mapping lab7.toml --format csv > refused.csv
  diel check next.csv --mapping lab7.toml --rejects bad.csv
  diel check next.csv --codes
  diel check next.csv --codes=email_address,date,digits_date

Exit status: 0 every row is good, 1 a row is refused or the file cannot be read, 2 wrong usage.";

/// Most refused cells that are listed.
const MOST_LISTED: usize = 1_000;

const ROWS: &[Column] = &[
    Column::new("line"),
    Column::new("participant"),
    Column::headed("collected_at", "collected at"),
    Column::headed("minutes_since_awakening", "min since\nawakening"),
    Column::headed("awakening_at", "awakening at"),
    Column::new("concentration"),
    Column::new("unit"),
    Column::new("day"),
    Column::new("label"),
    Column::new("specimen"),
];

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckArguments {
    /// A table of samples; `-` reads standard input.
    file: PathBuf,

    /// Show so many rows as they were understood.
    #[arg(long, value_name = "N", default_value_t = 5)]
    rows: usize,

    /// Write how the file was read, guesses and options, as a mapping for other files of the same laboratory.
    #[arg(long, value_name = "MAPPING.toml")]
    save_mapping: Option<PathBuf>,

    #[command(flatten)]
    import: FileOptions,

    #[command(flatten)]
    codes: CodesOption,

    #[command(flatten)]
    rejects: RejectsOption,

    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: &CheckArguments) -> anyhow::Result<()> {
    arguments.rejects.check(&arguments.file);
    let mapping = arguments.import.mapping()?;
    // As for `diel submit`: a row may name a tube and wait for its collection facts.
    let options = ImportOptions {
        may_wait: true,
        ..mapping.options.clone()
    };
    let mut first = Vec::new();
    let mut has_instants = true;
    let mut waiting = 0_u64;
    let today = code_shapes::today();
    let mut telling = Vec::new();
    let mut summary = diel_import::scan(
        &arguments.file,
        &options,
        &mut output::file_progress(),
        |row| {
            let waits = row.collected.is_none()
                && row.specimen.is_some()
                && row.minutes_since_awakening.is_none();
            waiting += u64::from(waits);
            has_instants &= waits
                || row.collected.is_some()
                || (row.awakening.is_some() && row.minutes_since_awakening.is_some());
            if let Some(refused) = arguments.codes.judge(row, today) {
                telling.push(RefusedRow {
                    sheet: row.sheet.unwrap_or_default().to_owned(),
                    line: row.line,
                    field: refused.field.to_owned(),
                    value: String::new(),
                    rule: refused.rule,
                });
            } else if first.len() < arguments.rows {
                first.push(ImportedRow::from(row));
            }
        },
    )?;
    refuse(&mut summary, telling);
    let mut notes = summary.notes.clone();
    if !has_instants {
        notes.push(
            "not every row says at which instant the sample was taken; `diel analyze` does without, `diel submit` does not"
                .to_owned(),
        );
    }
    if waiting > 0 {
        notes.push(format!(
            "{waiting} rows name a tube and no time: `diel submit` stores them, and they wait until the tube is registered"
        ));
    }
    if arguments.output.format == Format::Table {
        print(&arguments.file, &summary, &first, &notes)?;
    } else {
        refused_cells::frame(&summary.refused).print(arguments.output.format)?;
    }
    if let Some(path) = &arguments.save_mapping {
        save(path, &summary, &mapping)?;
    }
    if summary.refused_rows > 0 {
        arguments
            .rejects
            .write(&arguments.file, &mapping.options, |row| {
                Some(arguments.codes.judge(row, today)?.rule)
            })?;
    }
    let remembered = summary.refused.len();
    anyhow::ensure!(
        summary.refused_rows == 0,
        "{}: {}{}; correct them, or tell how they are meant with the options of `diel check --help`",
        arguments.file.display(),
        summary.counts(),
        if summary.refused_rows > remembered as u64 {
            format!(", the first {remembered} cells are listed")
        } else {
            String::new()
        }
    );
    Ok(())
}

/// Counts rows that were read well, and whose codes tell who somebody is, among the refused.
fn refuse(summary: &mut Summary, telling: Vec<RefusedRow>) {
    let rows = telling.len() as u64;
    summary.accepted = summary.accepted.saturating_sub(rows);
    summary.refused_rows += rows;
    summary.refused.extend(telling);
    summary.refused.truncate(MOST_LISTED);
}

/// For people: the reading, the first rows, the refused ones.
fn print(
    path: &Path,
    summary: &Summary,
    first: &[ImportedRow],
    notes: &[String],
) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{}",
        output::reading(&summary.reading, &summary.counts())
    )?;
    for note in notes {
        writeln!(out, "note: {note}")?;
    }
    if !first.is_empty() {
        writeln!(out, "\nThe first rows, as understood:")?;
        out.write_all(&rows_frame(first).to_bytes(Format::Table))?;
    }
    if !summary.refused.is_empty() {
        writeln!(out, "\nRefused:")?;
    }
    for row in &summary.refused {
        writeln!(out, "  {}:{row}", path.display())?;
    }
    out.flush()?;
    Ok(())
}

fn rows_frame(rows: &[ImportedRow]) -> Frame {
    let mut frame = Frame::new(ROWS);
    for row in rows {
        let text = |text: &Option<String>| match text {
            Some(text) => Cell::from(text.as_str()),
            None => Cell::Absent,
        };
        let instant = |instant: Option<_>| match instant {
            Some(moment) => Cell::from(stamp(moment).as_str()),
            None => Cell::Absent,
        };
        frame.push(vec![
            Cell::from(i64::try_from(row.line).unwrap_or(i64::MAX)),
            Cell::from(row.participant.as_str()),
            instant(row.collected),
            row.minutes_since_awakening.map_or(Cell::Absent, Cell::from),
            instant(row.awakening),
            Cell::from(concentration(&row.measurement).as_str()),
            row.measurement
                .unit()
                .map_or(Cell::Absent, |unit| Cell::from(unit.ucum())),
            text(&row.day),
            text(&row.label),
            text(&row.specimen),
        ]);
    }
    frame
}

fn concentration(measurement: &Measurement) -> String {
    match measurement.outcome() {
        Outcome::Value(value) => value.to_string(),
        Outcome::Below(limit) => format!("<{limit}"),
        Outcome::Above(limit) => format!(">{limit}"),
        Outcome::Missing(reason) => reason.code().to_owned(),
    }
}

fn save(path: &Path, summary: &Summary, mapping: &Mapping) -> anyhow::Result<()> {
    let saved = Mapping {
        options: summary.reading.as_options(&mapping.options),
        batch: mapping.batch.clone(),
    };
    let mut file =
        fs::File::create_new(path).with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(saved.to_toml().as_bytes())?;
    output::tell(&format!(
        "{} says how this file was read; read the next one with --mapping {}",
        path.display(),
        path.display()
    ));
    Ok(())
}
