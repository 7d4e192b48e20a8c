//! Any table of valid rows, written in any dialect that is read, reads back equal.

use std::fmt::Write as _;
use std::fs;

use diel_core::{Measurement, MissingReason, Outcome, Unit};
use diel_import::{DateOrder, DecimalMark, ImportOptions, ImportedRow, parse_zone, read};
use jiff::Timestamp;
use jiff::civil::{DateTime, date};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

/// A zone without clock changes and with half an hour in its offset.
const ZONE: &str = "Asia/Kolkata";

#[derive(Debug, Clone)]
struct Sample {
    participant: String,
    at: DateTime,
    outcome: Outcome,
    label: String,
}

#[derive(Debug, Clone, Copy)]
enum Charset {
    Utf8,
    Utf8Marked,
    Utf16Le,
    Utf16LeMarked,
    Utf16BeMarked,
    Windows1252,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Times {
    Instant,
    LocalIso,
    Dotted,
    DayFirst,
    MonthFirst,
    TwelveHours,
    NamedMonth,
    Columns,
    ColumnsDigits,
    ColumnsPoints,
}

#[derive(Debug, Clone, Copy)]
struct Dialect {
    charset: Charset,
    separator: char,
    has_decimal_comma: bool,
    line_end: &'static str,
    is_quoted: bool,
    times: Times,
    has_preamble: bool,
    trails: bool,
    has_blank_rows: bool,
}

fn sample() -> impl Strategy<Value = Sample> {
    let outcome = prop_oneof![
        4 => (1_u32..80_000).prop_map(|thousandths| Outcome::Value(f64::from(thousandths) / 1000.0)),
        1 => (1_u32..500).prop_map(|hundredths| Outcome::Below(f64::from(hundredths) / 100.0)),
        1 => (60_u32..90).prop_map(|limit| Outcome::Above(f64::from(limit))),
        1 => Just(Outcome::Missing(MissingReason::InsufficientVolume)),
    ];
    // A minute of the years 2015 to 2034, but not midnight: a spreadsheet shows a date alone there.
    let at = (0_i32..7_300, 1_i32..1_440).prop_map(|(day, minute)| {
        let midnight = date(2015, 1, 1).at(0, 0, 0, 0);
        midnight
            .checked_add(jiff::Span::new().days(day).minutes(minute))
            .unwrap()
    });
    (
        "[A-Z\u{e4}\u{f6}\u{fc}]{1,3}[0-9]{1,4}( [a-z]{1,3})?",
        at,
        outcome,
        "(S[0-9]{1,2}|[a-z][a-z, ;|\"']{0,6}[a-z])",
    )
        .prop_map(|(participant, at, outcome, label)| Sample {
            participant,
            at,
            outcome,
            label,
        })
}

fn dialect() -> impl Strategy<Value = Dialect> {
    let charset = prop_oneof![
        Just(Charset::Utf8),
        Just(Charset::Utf8Marked),
        Just(Charset::Utf16Le),
        Just(Charset::Utf16LeMarked),
        Just(Charset::Utf16BeMarked),
        Just(Charset::Windows1252),
    ];
    let separator = prop_oneof![Just(','), Just(';'), Just('\t'), Just('|')];
    let line_end = prop_oneof![Just("\n"), Just("\r\n"), Just("\r")];
    let flags = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    );
    (charset, separator, line_end, times(), flags).prop_map(
        |(charset, separator, line_end, times, (comma, quoted, preamble, trails, blank))| Dialect {
            charset,
            separator,
            has_decimal_comma: comma,
            line_end,
            is_quoted: quoted,
            times,
            has_preamble: preamble,
            trails,
            has_blank_rows: blank,
        },
    )
}

fn times() -> impl Strategy<Value = Times> {
    prop_oneof![
        Just(Times::Instant),
        Just(Times::LocalIso),
        Just(Times::Dotted),
        Just(Times::DayFirst),
        Just(Times::MonthFirst),
        Just(Times::TwelveHours),
        Just(Times::NamedMonth),
        Just(Times::Columns),
        Just(Times::ColumnsDigits),
        Just(Times::ColumnsPoints),
    ]
}

impl Times {
    const fn headers(self) -> &'static [&'static str] {
        match self {
            Self::Columns | Self::ColumnsDigits | Self::ColumnsPoints => &["date", "time"],
            _ => &["collected_at"],
        }
    }

    fn cells(self, at: DateTime) -> Vec<String> {
        let shown = |format: &str| at.strftime(format).to_string();
        match self {
            Self::Instant => vec![shown("%Y-%m-%dT%H:%M:%S+05:30")],
            Self::LocalIso => vec![shown("%Y-%m-%d %H:%M")],
            Self::Dotted => vec![shown("%-d.%m.%Y %H:%M")],
            Self::DayFirst => vec![shown("%d/%m/%Y %-H:%M")],
            Self::MonthFirst => vec![shown("%-m/%-d/%Y %H:%M")],
            Self::TwelveHours => vec![shown("%Y-%m-%d %-I:%M %p")],
            Self::NamedMonth => vec![shown("%d-%b-%Y %H:%M:%S")],
            Self::Columns => vec![shown("%Y-%m-%d"), shown("%H:%M")],
            Self::ColumnsDigits => vec![shown("%d.%m.%Y"), shown("%H%M")],
            Self::ColumnsPoints => vec![shown("%d.%m.%Y"), shown("%H.%M")],
        }
    }
}

impl Dialect {
    fn options(self) -> ImportOptions {
        let order = match self.times {
            Times::DayFirst => Some(DateOrder::DayMonthYear),
            Times::MonthFirst => Some(DateOrder::MonthDayYear),
            _ => None,
        };
        ImportOptions {
            time_zone: Some(parse_zone(ZONE).unwrap()),
            decimal: self.has_decimal_comma.then_some(DecimalMark::Comma),
            date_order: order,
            ..ImportOptions::default()
        }
    }

    fn text(self, samples: &[Sample]) -> String {
        let mut text = String::new();
        if self.has_preamble {
            text.push_str("Report of the laboratory");
            text.push_str(self.line_end);
            self.line(&mut text, &["Device".to_owned(), "Reader 2".to_owned()]);
        }
        let mut header: Vec<String> = vec!["participant".to_owned()];
        header.extend(self.times.headers().iter().map(|text| (*text).to_owned()));
        header.extend(["cortisol_ug_dl".to_owned(), "label".to_owned()]);
        self.line(&mut text, &header);
        for sample in samples {
            let mut cells = vec![sample.participant.clone()];
            cells.extend(self.times.cells(sample.at));
            cells.extend([self.concentration(sample.outcome), sample.label.clone()]);
            self.line(&mut text, &cells);
            if self.has_blank_rows {
                text.push_str(self.line_end);
                self.line(&mut text, &vec![String::new(); header.len()]);
            }
        }
        text
    }

    fn line(self, text: &mut String, cells: &[String]) {
        for (position, cell) in cells.iter().enumerate() {
            if position > 0 {
                text.push(self.separator);
            }
            if self.is_quoted || cell.contains([self.separator, '"']) {
                write!(text, "\"{}\"", cell.replace('"', "\"\"")).unwrap();
            } else {
                text.push_str(cell);
            }
        }
        if self.trails {
            text.push(self.separator);
        }
        text.push_str(self.line_end);
    }

    fn concentration(self, outcome: Outcome) -> String {
        let text = match outcome {
            Outcome::Value(value) => value.to_string(),
            Outcome::Below(limit) => format!("<{limit}"),
            Outcome::Above(limit) => format!("> {limit}"),
            Outcome::Missing(_) => "QNS".to_owned(),
        };
        if self.has_decimal_comma {
            text.replace('.', ",")
        } else {
            text
        }
    }

    fn bytes(self, text: &str) -> Vec<u8> {
        let units = || text.encode_utf16();
        let marked = format!("\u{feff}{text}");
        match self.charset {
            Charset::Utf8 => text.as_bytes().to_vec(),
            Charset::Utf8Marked => marked.into_bytes(),
            Charset::Utf16Le => units().flat_map(u16::to_le_bytes).collect(),
            Charset::Utf16LeMarked => marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Charset::Utf16BeMarked => marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Charset::Windows1252 => text
                .chars()
                .map(|character| u8::try_from(u32::from(character)).unwrap())
                .collect(),
        }
    }
}

fn same(samples: &[Sample], rows: &[ImportedRow]) -> Result<(), TestCaseError> {
    prop_assert_eq!(samples.len(), rows.len());
    let zone = TimeZone::get(ZONE).unwrap();
    for (sample, row) in samples.iter().zip(rows) {
        prop_assert_eq!(&sample.participant, &row.participant);
        prop_assert_eq!(Some(&sample.label), row.label.as_ref());
        let at: Timestamp = zone.to_timestamp(sample.at).unwrap();
        let read = row.collected.unwrap();
        prop_assert_eq!(at.as_microsecond(), read.microseconds());
        prop_assert_eq!(330, read.utc_offset_minutes());
        let unit = Some(Unit::UgPerDl).filter(|_| !matches!(sample.outcome, Outcome::Missing(_)));
        let written = Measurement::new(sample.outcome, unit).unwrap();
        prop_assert_eq!(&written, &row.measurement);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_text_in_any_dialect_reads_back_equal(
        samples in prop::collection::vec(sample(), 1..12),
        dialect in dialect(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("samples.csv");
        fs::write(&path, dialect.bytes(&dialect.text(&samples))).unwrap();
        let import = read(&path, &dialect.options(), &mut |_, _| ());
        let import = import.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
        prop_assert!(import.refused.is_empty(), "{:?}", import.refused);
        same(&samples, &import.rows)?;
    }

    #[test]
    fn a_workbook_reads_back_equal(
        samples in prop::collection::vec(sample(), 1..12),
        has_title in any::<bool>(),
        has_other_sheet in any::<bool>(),
        are_dates_numbers in any::<bool>(),
        has_two_columns in any::<bool>(),
    ) {
        let mut workbook = Workbook::new();
        if has_other_sheet {
            workbook.add_worksheet().write_string(0, 0, "Notes of the laboratory").unwrap();
        }
        let sheet = workbook.add_worksheet();
        let first = if has_title { 3 } else { 0 };
        if has_title {
            sheet.write_string(0, 1, "Cortisol, batch 7").unwrap();
        }
        let times = if has_two_columns { Times::Columns } else { Times::LocalIso };
        let headers = [&["participant"], times.headers(), &["cortisol_ug_dl", "label"]].concat();
        for (column, header) in (0..).zip(&headers) {
            sheet.write_string(first, column, *header).unwrap();
        }
        let date_format = Format::new().set_num_format("dd.mm.yyyy");
        let time_format = Format::new().set_num_format("hh:mm");
        let both_format = Format::new().set_num_format("dd.mm.yyyy hh:mm");
        for (row, sample) in (first + 1..).zip(&samples) {
            sheet.write_string(row, 0, &sample.participant).unwrap();
            let day = ExcelDateTime::from_ymd(
                sample.at.year().try_into().unwrap(),
                sample.at.month().try_into().unwrap(),
                sample.at.day().try_into().unwrap(),
            ).unwrap();
            let (hour, minute) = (sample.at.hour().try_into().unwrap(), sample.at.minute().try_into().unwrap());
            let mut column = 1;
            if !are_dates_numbers {
                for cell in times.cells(sample.at) {
                    sheet.write_string(row, column, &cell).unwrap();
                    column += 1;
                }
            } else if has_two_columns {
                let clock = ExcelDateTime::from_hms(hour, minute, 0).unwrap();
                sheet.write_datetime_with_format(row, 1, &day, &date_format).unwrap();
                sheet.write_datetime_with_format(row, 2, &clock, &time_format).unwrap();
                column = 3;
            } else {
                let at = day.and_hms(hour, minute, 0).unwrap();
                sheet.write_datetime_with_format(row, 1, &at, &both_format).unwrap();
                column = 2;
            }
            match sample.outcome {
                Outcome::Value(value) => sheet.write_number(row, column, value).unwrap(),
                Outcome::Below(limit) => sheet.write_string(row, column, format!("<{limit}")).unwrap(),
                Outcome::Above(limit) => sheet.write_string(row, column, format!(">{limit}")).unwrap(),
                Outcome::Missing(_) => sheet.write_string(row, column, "insufficient volume").unwrap(),
            };
            sheet.write_string(row, column + 1, &sample.label).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("samples.xlsx");
        workbook.save(&path).unwrap();
        let options = ImportOptions {
            time_zone: Some(parse_zone(ZONE).unwrap()),
            ..ImportOptions::default()
        };
        let import = read(&path, &options, &mut |_, _| ());
        let import = import.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
        prop_assert!(import.refused.is_empty(), "{:?}", import.refused);
        same(&samples, &import.rows)?;
    }
}
