//! What the CARWatch Study Manager exports: one row a participant, the days and their samples side by side.

use diel_core::{Conditions, TimeSource};

use super::conditions::source;
use super::error::LogCause;
use super::gather::Gathered;
use super::long::PARTICIPANT;
use super::table::{LogRow, LogTable};
use super::tube::check_code;
use super::{LogOptions, LoggedDay, LoggedTube};
use crate::column::Name;
use crate::times::{self, TimeCells, TimeForms, Times};

pub(super) const READING: &str = "an export of the CARWatch Study Manager";

/// The columns of one sample of one day.
#[derive(Debug)]
struct SampleColumns {
    day: String,
    sample: String,
    time: usize,
    barcode: Option<usize>,
    scanned: Option<usize>,
}

pub(super) fn is_export(table: &LogTable) -> bool {
    !samples(table).is_empty() && table.find(PARTICIPANT).is_ok_and(|at| at.is_some())
}

/// `sampling_time_D1_B1`, and `sampling_time_B1_D1` of earlier versions.
fn samples(table: &LogTable) -> Vec<SampleColumns> {
    let mut found = Vec::new();
    for (time, header) in table.headers.iter().enumerate() {
        let Some(rest) = strip(header, "sampling_time_") else {
            continue;
        };
        let Some((one, other)) = rest.split_once('_') else {
            continue;
        };
        let (day, sample) = if is_day(one) {
            (one, other)
        } else {
            match rest.rsplit_once('_') {
                Some((sample, day)) if is_day(day) => (day, sample),
                _ => continue,
            }
        };
        let beside = |what: &str| position(table, &format!("{what}_{rest}"));
        found.push(SampleColumns {
            day: day.to_uppercase(),
            sample: sample.to_owned(),
            time,
            barcode: beside("sample_barcode"),
            scanned: beside("sample_scanned"),
        });
    }
    found
}

fn strip<'a>(header: &'a str, prefix: &str) -> Option<&'a str> {
    let start = header.get(..prefix.len())?;
    start
        .eq_ignore_ascii_case(prefix)
        .then(|| header.get(prefix.len()..))?
}

fn is_day(text: &str) -> bool {
    let mut characters = text.chars();
    matches!(characters.next(), Some('D' | 'd'))
        && !characters.as_str().is_empty()
        && characters.all(|character| character.is_ascii_digit())
}

fn position(table: &LogTable, header: &str) -> Option<usize> {
    let mut headers = table.headers.iter();
    headers.position(|other| other.eq_ignore_ascii_case(header))
}

pub(super) fn read(
    table: &LogTable,
    options: &LogOptions,
    gathered: &mut Gathered,
) -> Result<(), LogCause> {
    if options.caps.is_some() {
        return Err(LogCause::CapsUnused { reading: READING });
    }
    let participant = table.need(READING, PARTICIPANT)?;
    let samples = samples(table);
    for row in &table.rows {
        let code = row.cell(Some(participant));
        if let Err(rule) = check_code(code) {
            let header = table.header(Some(participant), PARTICIPANT);
            gathered.refuse(&table.place(row), header, code, rule);
            continue;
        }
        for sample in &samples {
            read_sample(table, row, code, sample, options, gathered);
        }
        let mut days: Vec<&str> = samples.iter().map(|sample| sample.day.as_str()).collect();
        days.dedup();
        for day in days {
            read_day(table, row, code, day, options, gathered);
        }
    }
    Ok(())
}

/// The awakening column of a day and what kind of awakening it was.
fn awakening<'a>(table: &LogTable, row: &'a LogRow, day: &str) -> (&'a str, TimeSource) {
    let time = position(table, &format!("awakening_time_{day}_app"))
        .or_else(|| position(table, &format!("awakening_time_{day}")));
    let kind = row.cell(position(table, &format!("awakening_type_{day}")));
    // The app writes `self-report` where the person pressed a button on waking, and `alarm` where its alarm was stopped.
    let source = source(kind)
        .ok()
        .flatten()
        .unwrap_or(TimeSource::Electronic);
    (row.cell(time), source)
}

fn times(
    table: &LogTable,
    row: &LogRow,
    (collected, day): (&str, &str),
    options: &LogOptions,
) -> Result<Times, (Name, String)> {
    let cells = TimeCells {
        collected,
        awakening: awakening(table, row, day).0,
        date: row.cell(position(table, &format!("date_{day}"))),
        minutes: None,
        has_hours: false,
        forms: TimeForms::default(),
    };
    times::read(cells, options.time_zone.as_ref())
        .map_err(|(name, error)| (name, error.to_string()))
}

fn read_sample(
    table: &LogTable,
    row: &LogRow,
    participant: &str,
    columns: &SampleColumns,
    options: &LogOptions,
    gathered: &mut Gathered,
) {
    let place = table.place(row);
    let text = row.cell(Some(columns.time));
    if text.is_empty() {
        return;
    }
    let header = table.headers.get(columns.time).map_or("", String::as_str);
    let barcode = row.cell(columns.barcode);
    if let Err(rule) = check_code(barcode) {
        let rule = format!(
            "the tube's bar code {rule}: column sample_barcode_{}_{}",
            columns.day, columns.sample
        );
        return gathered.refuse(&place, header, text, rule);
    }
    let found = match times(table, row, (text, &columns.day), options) {
        Ok(found) => found,
        Err((name, error)) => {
            let field = match name {
                Name::Date => format!("date_{}", columns.day),
                Name::AwakeningAt => format!("awakening_time_{}", columns.day),
                _ => header.to_owned(),
            };
            return gathered.refuse(&place, &field, text, error);
        }
    };
    let Some(collected) = found.collected else {
        return gathered.refuse(&place, header, text, "needs a date beside it");
    };
    let scanned = row.cell(columns.scanned);
    let label = if scanned.is_empty() {
        &columns.sample
    } else {
        scanned
    };
    if !scanned.is_empty() && scanned != columns.sample {
        let text = format!(
            "tube {barcode} of {participant} is {scanned} and was filled when {} was due on {}; its own time is taken",
            columns.sample, columns.day
        );
        gathered.remark(place.clone(), text);
    }
    if found.is_after_midnight {
        let text = format!("{barcode} was taken after midnight and lies on the next date");
        gathered.remark(place.clone(), text);
    }
    let known_by = awakening(table, row, &columns.day).1;
    if found.awakening.is_none() {
        let text = format!("{barcode}: no awakening is recorded on {}", columns.day);
        gathered.remark(place.clone(), text);
    }
    gathered.tube(LoggedTube {
        place,
        specimen: barcode.to_owned(),
        participant: participant.to_owned(),
        collected,
        source: TimeSource::Electronic,
        label: label.to_owned(),
        awakening: found.awakening.map(|at| (at, known_by)),
        conditions: Conditions::EMPTY,
    });
}

/// A day of which only the awakening is known.
fn read_day(
    table: &LogTable,
    row: &LogRow,
    participant: &str,
    day: &str,
    options: &LogOptions,
    gathered: &mut Gathered,
) {
    let (text, source) = awakening(table, row, day);
    if text.is_empty() {
        return;
    }
    // What is wrong with it was said where a tube of the day stands; a day without tubes says it here.
    match times(table, row, ("", day), options) {
        Ok(Times {
            awakening: Some(awakening),
            ..
        }) => gathered.day(LoggedDay {
            place: table.place(row),
            participant: participant.to_owned(),
            awakening,
            source,
            conditions: Conditions::EMPTY,
        }),
        Ok(_) => {}
        Err((_, rule)) => {
            let field = format!("awakening_time_{day}");
            gathered.refuse(&table.place(row), &field, text, rule);
        }
    }
}
