//! Valid rows written in any layout read back equal.

use std::fmt::Write as _;
use std::io::Write as _;

use diel_core::Outcome;
use diel_import::{DecimalMark, Import, ImportOptions, parse_unit, parse_zone, read};
use jiff::civil::{DateTime, date};
use jiff::{SignedDuration, ToSpan as _};
use proptest::prelude::*;

/// One sample: minutes since its day's awakening, and what the laboratory wrote; nothing: no such sample.
type Sample = (i64, Option<Written>);

#[derive(Debug, Clone, PartialEq)]
enum Written {
    Value(f64),
    Below(f64),
    Above(f64),
    Insufficient,
}

/// A participant's days, each with the minute of the awakening and the samples, as many on every day.
#[derive(Debug, Clone)]
struct Study {
    day_count: usize,
    sample_count: usize,
    days: Vec<Vec<(i64, Vec<Sample>)>>,
}

/// What is compared: participant, label, local time of collection, and the concentration as text.
type Read = (String, String, DateTime, String);

fn study() -> impl Strategy<Value = Study> {
    let number = (1_u32..80_000).prop_map(|thousandths| f64::from(thousandths) / 1000.0);
    let written = prop_oneof![
        6 => number.clone().prop_map(Written::Value),
        1 => number.clone().prop_map(Written::Below),
        1 => number.prop_map(Written::Above),
        1 => Just(Written::Insufficient),
    ];
    let sample = (0_i64..1_080, prop::option::weighted(0.9, written));
    (1_usize..4, 1_usize..3, 2_usize..12)
        .prop_flat_map(move |(persons, days, samples)| {
            let of_day = prop::collection::vec(sample.clone(), samples);
            let day = (300_i64..600, of_day);
            let persons = prop::collection::vec(prop::collection::vec(day, days), persons);
            (Just(days), Just(samples), persons)
        })
        .prop_map(|(day_count, sample_count, days)| Study {
            day_count,
            sample_count,
            days,
        })
        .prop_filter("a file has a sample", |study| !study.rows().is_empty())
}

impl Study {
    fn rows(&self) -> Vec<Read> {
        let mut rows = Vec::new();
        self.each(|person, at, sample, written| {
            rows.push((participant(person), label(sample), at, text(written, '.')));
        });
        rows.sort_by(|one, other| format!("{one:?}").cmp(&format!("{other:?}")));
        rows
    }

    fn each(&self, mut take: impl FnMut(usize, DateTime, usize, &Written)) {
        for (person, days) in self.days.iter().enumerate() {
            for (day, (awakening, samples)) in days.iter().enumerate() {
                for (sample, (minutes, written)) in samples.iter().enumerate() {
                    if let Some(written) = written {
                        take(person, at(day, awakening + minutes), sample, written);
                    }
                }
            }
        }
    }

    /// A row a participant's day: `subject,date,wake_time,cort_nmol_l_s1,time_s1,...`.
    fn wide(&self, separator: char, decimal: char, is_label_first: bool) -> String {
        let mut text = format!("subject{separator}date{separator}wake_time");
        for sample in 0..self.sample_count {
            let label = label(sample);
            let (value, time) = if is_label_first {
                (format!("{label}_cortisol_nmol_l"), format!("{label}_time"))
            } else {
                (format!("cort_nmol_l_{label}"), format!("time_{label}"))
            };
            write!(text, "{separator}{value}{separator}{time}").unwrap();
        }
        text.push('\n');
        for (person, days) in self.days.iter().enumerate() {
            for (day, (awakening, samples)) in days.iter().enumerate() {
                let woke = at(day, *awakening);
                write!(
                    text,
                    "{}{separator}{}{separator}{}",
                    participant(person),
                    woke.date(),
                    clock(woke)
                )
                .unwrap();
                for (minutes, written) in samples {
                    let time = clock(at(day, awakening + minutes));
                    let value = cell(written.as_ref(), decimal);
                    write!(text, "{separator}{value}{separator}{time}").unwrap();
                }
                text.push('\n');
            }
        }
        text
    }

    /// A row a participant, days in the columns, as REDCap and the Study Manager of CARWatch have them.
    fn wide_days(&self, is_carwatch: bool) -> String {
        let days = self.day_count;
        let names = |day: usize, sample: usize| {
            let label = label(sample);
            if is_carwatch {
                (
                    format!("cortisol_D{day}_{label}_nmol_l"),
                    format!("sampling_time_D{day}_{label}"),
                )
            } else {
                (
                    format!("cort_d{day}_{label}_nmol_l"),
                    format!("time_d{day}_{label}"),
                )
            }
        };
        let mut text = if is_carwatch {
            "Participant ID"
        } else {
            "record_id"
        }
        .to_owned();
        for day in 0..days {
            let awakening = if is_carwatch {
                format!("awakening_time_D{day}_app")
            } else {
                format!("wake_d{day}")
            };
            write!(text, ",date_d{day},{awakening}").unwrap();
            for sample in 0..self.sample_count {
                let (value, time) = names(day, sample);
                write!(text, ",{value},{time}").unwrap();
            }
        }
        text.push('\n');
        for (person, days) in self.days.iter().enumerate() {
            text.push_str(&participant(person));
            for (day, (awakening, samples)) in days.iter().enumerate() {
                let woke = at(day, *awakening);
                write!(text, ",{},{}", woke.date(), clock(woke)).unwrap();
                for (minutes, written) in samples {
                    let time = clock(at(day, awakening + minutes));
                    write!(text, ",{},{time}", cell(written.as_ref(), '.')).unwrap();
                }
            }
            text.push('\n');
        }
        text
    }

    /// CARWatch's Study Results: header rows for day, sample and variable.
    fn study_results(&self) -> String {
        let (mut days, mut samples, mut variables, mut index) = (
            "day".to_owned(),
            "sample".to_owned(),
            "variable".to_owned(),
            "participant".to_owned(),
        );
        let mut column = |day: usize, sample: &str, variable: &str| {
            write!(days, ",D{day}").unwrap();
            write!(samples, ",{sample}").unwrap();
            write!(variables, ",{variable}").unwrap();
            index.push(',');
        };
        for day in 0..self.day_count {
            column(day, "day", "awakening_time");
            for sample in 0..self.sample_count {
                column(day, &label(sample), "sampling_time");
                column(day, &label(sample), "cortisol");
            }
        }
        let mut text = format!("{days}\n{samples}\n{variables}\n{index}\n");
        for (person, days) in self.days.iter().enumerate() {
            text.push_str(&participant(person));
            for (day, (awakening, samples)) in days.iter().enumerate() {
                write!(text, ",{}", at(day, *awakening).strftime("%F %T")).unwrap();
                for (minutes, written) in samples {
                    let time = at(day, awakening + minutes).strftime("%F %T").to_string();
                    write!(text, ",{time},{}", cell(written.as_ref(), '.')).unwrap();
                }
            }
            text.push('\n');
        }
        text
    }

    /// Labels alone in two header rows, the days merged above.
    fn two_header_rows(&self) -> String {
        let (mut upper, mut lower) = ("subject".to_owned(), String::new());
        for day in 0..self.day_count {
            for (what, count) in [
                ("cortisol nmol/l", self.sample_count),
                ("time", self.sample_count),
            ] {
                for sample in 0..count {
                    let head = format!("{what} D{day}");
                    write!(upper, ",{}", if sample == 0 { head.as_str() } else { "" }).unwrap();
                    write!(lower, ",{}", label(sample)).unwrap();
                }
            }
            write!(upper, ",wake D{day}").unwrap();
            lower.push(',');
        }
        let mut text = format!("{upper}\n{lower}\n");
        for (person, days) in self.days.iter().enumerate() {
            text.push_str(&participant(person));
            for (day, (awakening, samples)) in days.iter().enumerate() {
                for (_, written) in samples {
                    write!(text, ",{}", cell(written.as_ref(), '.')).unwrap();
                }
                for (minutes, _) in samples {
                    let time = at(day, awakening + minutes).strftime("%F %T").to_string();
                    write!(text, ",{time}").unwrap();
                }
                write!(text, ",{}", at(day, *awakening).strftime("%F %T")).unwrap();
            }
            text.push('\n');
        }
        text
    }
}

fn participant(person: usize) -> String {
    format!("Vp{person:02}")
}

fn label(sample: usize) -> String {
    format!("S{}", sample + 1)
}

fn at(day: usize, minutes: i64) -> DateTime {
    let date = date(2026, 2, 27).saturating_add((7 * day as i64).days());
    date.at(0, 0, 0, 0) + SignedDuration::from_mins(minutes)
}

fn clock(at: DateTime) -> String {
    at.strftime("%H:%M").to_string()
}

fn text(written: &Written, decimal: char) -> String {
    let number = |number: f64| number.to_string().replace('.', &decimal.to_string());
    match written {
        Written::Value(value) => number(*value),
        Written::Below(limit) => format!("<{}", number(*limit)),
        Written::Above(limit) => format!(">{}", number(*limit)),
        Written::Insufficient => "QNS".to_owned(),
    }
}

fn cell(written: Option<&Written>, decimal: char) -> String {
    written.map_or_else(String::new, |written| text(written, decimal))
}

fn read_text(text: &str, decimal: char) -> Import {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let options = ImportOptions {
        time_zone: Some(parse_zone("UTC").unwrap()),
        unit: Some(parse_unit("nmol/L").unwrap()),
        // 17,701 alone could be either.
        decimal: (decimal == ',').then_some(DecimalMark::Comma),
        ..ImportOptions::default()
    };
    read(file.path(), &options, &mut |_, _| ()).unwrap()
}

fn rows(import: &Import) -> Vec<Read> {
    let mut rows: Vec<Read> = import
        .rows
        .iter()
        .map(|row| {
            let written = match row.measurement.outcome() {
                Outcome::Value(value) => Written::Value(value),
                Outcome::Below(limit) => Written::Below(limit),
                Outcome::Above(limit) => Written::Above(limit),
                Outcome::Missing(_) => Written::Insufficient,
            };
            (
                row.participant.clone(),
                row.label.clone().unwrap_or_default(),
                row.collected.unwrap().local_date_time(),
                text(&written, '.'),
            )
        })
        .collect();
    rows.sort_by(|one, other| format!("{one:?}").cmp(&format!("{other:?}")));
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_layout_reads_back_equal(study in study()) {
        let expected = study.rows();
        for (layout, decimal, text) in [
            ("wide", '.', study.wide(',', '.', false)),
            ("wide, label first", ',', study.wide(';', ',', true)),
            ("wide, tabs", ',', study.wide('\t', ',', false)),
            ("days in columns", '.', study.wide_days(false)),
            ("Study Manager", '.', study.wide_days(true)),
            ("Study Results", '.', study.study_results()),
            ("two header rows", '.', study.two_header_rows()),
        ] {
            let import = read_text(&text, decimal);
            prop_assert!(import.refused.is_empty(), "{layout}: {:?}\n{text}", import.refused);
            prop_assert_eq!(&rows(&import), &expected, "{}:\n{}", layout, text);
        }
    }
}
