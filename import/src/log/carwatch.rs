//! The log of the CARWatch app: one line an event, the phone's clock in milliseconds, in later versions its local time,
//! the action, and its extras as JSON.
//!
//! ```text
//! 1747282410799;Thu May 15 2025 06:13:30 GMT+02:00;spontaneous_awakening;{"id":0}
//! 1747282435999;Thu May 15 2025 06:13:55 GMT+02:00;barcode_scanned;{"id":0,"barcode_value":"0010101",...}
//! ```

mod clock;
mod entry;
mod owner;
mod wakening;

use diel_core::{Conditions, Moment, TimeSource};

use super::archive::LogFile;
use super::gather::Gathered;
use super::tube::{check_code, check_label};
use super::{LogOptions, LogPlace, LoggedDay, LoggedTube};
use entry::Entry;
use wakening::Wakening;

pub(super) const READING: &str = "a log of the CARWatch app";

/// A scan belongs to an awakening that is no longer before it than this, as a sample belongs to its day.
const LONGEST_DAY_HOURS: f64 = 20.0;

/// Whether the first line is an event: milliseconds since 1970, `;`, and more.
pub(super) fn is_log(text: &str) -> bool {
    let first = text
        .trim_start_matches('\u{feff}')
        .lines()
        .find(|line| !line.trim().is_empty());
    first.is_some_and(|line| {
        line.split_once(';').is_some_and(|(time, rest)| {
            time.len() >= 12 && time.bytes().all(|byte| byte.is_ascii_digit()) && !rest.is_empty()
        })
    })
}

/// A file being read.
struct Reader<'a, 'g> {
    member: &'a str,
    participant: &'a str,
    wakenings: Vec<Wakening>,
    jumps: Vec<clock::Jump>,
    gathered: &'g mut Gathered,
}

pub(super) fn read(file: &LogFile, options: &LogOptions, gathered: &mut Gathered) {
    let place = |line| LogPlace {
        member: file.member.clone(),
        line,
    };
    if options.caps.is_some() {
        gathered.remark(place(1), "--caps is not needed: the app knows its tubes");
    }
    let (entries, unread) = entry::entries(&file.text);
    for (line, rule) in unread {
        gathered.refuse(&place(line), "event", "", rule);
    }
    let participant = match owner::participant(file, &entries, options) {
        Ok(owner) => {
            if let Some(remark) = owner.remark {
                gathered.remark(place(1), remark);
            }
            owner.code
        }
        Err(rule) => return gathered.refuse(&place(1), "participant", "", rule),
    };
    if let Err(rule) = check_code(&participant) {
        return gathered.refuse(&place(1), "participant", &participant, rule);
    }
    let (placed, remarks) = clock::place(&entries, options.time_zone.as_ref());
    for (line, text) in remarks {
        gathered.remark(place(line), text);
    }
    let mut reader = Reader {
        member: &file.member,
        participant: &participant,
        wakenings: wakening::wakenings(&placed),
        jumps: clock::jumps(&entries),
        gathered,
    };
    reader.days();
    for (entry, moment) in &placed {
        reader.event(entry, moment);
    }
}

impl Reader<'_, '_> {
    fn place(&self, line: u64) -> LogPlace {
        LogPlace {
            member: self.member.to_owned(),
            line,
        }
    }

    fn days(&mut self) {
        for wakening in self.wakenings.clone() {
            let place = self.place(wakening.line);
            for (line, at) in &wakening.repeated {
                let text = format!(
                    "another awakening, at {}, within three hours of that at {}; the first is taken",
                    at.local_date_time(),
                    wakening.at.local_date_time()
                );
                self.gathered.remark(self.place(*line), text);
            }
            if let Some(rule) = self.beside_a_jump(wakening.line) {
                self.gathered.refuse(
                    &place,
                    "awakening",
                    &wakening.at.local_date_time().to_string(),
                    rule,
                );
                continue;
            }
            self.gathered.day(LoggedDay {
                place,
                participant: self.participant.to_owned(),
                awakening: wakening.at,
                source: wakening.source,
                conditions: Conditions::EMPTY,
            });
        }
    }

    fn event(&mut self, entry: &Entry<'_>, moment: &Result<Moment, String>) {
        let place = self.place(entry.line);
        match entry.action {
            "barcode_scanned" => self.scan(entry, moment),
            "duplicate_barcode_scanned" => {
                let text = format!(
                    "the app refused tube {}, which it had scanned before",
                    entry.text("barcode_value").unwrap_or_default()
                );
                self.gathered.remark(place, text);
            }
            "invalid_barcode_scanned" => {
                let text = format!(
                    "something was scanned that is no tube of the study: {}",
                    entry.text("barcode_value").unwrap_or_default()
                );
                self.gathered.remark(place, text);
            }
            _ => {}
        }
    }

    fn scan(&mut self, entry: &Entry<'_>, moment: &Result<Moment, String>) {
        let place = self.place(entry.line);
        let Some(barcode) = entry.text("barcode_value") else {
            return self.gathered.refuse(
                &place,
                "barcode_value",
                entry.extras,
                "the event does not say which tube was scanned",
            );
        };
        if let Err(rule) = check_code(&barcode) {
            return self
                .gathered
                .refuse(&place, "barcode_value", &barcode, rule);
        }
        let collected = match moment {
            Ok(moment) => *moment,
            Err(rule) => return self.gathered.refuse(&place, "time", &barcode, rule),
        };
        if let Some(rule) = self.beside_a_jump(entry.line) {
            return self
                .gathered
                .refuse(&place, "barcode_value", &barcode, rule);
        }
        if let Some(first) = self.gathered.known(&barcode)
            && first.participant == self.participant
        {
            let text = format!(
                "tube {barcode} was scanned again at {}; the first scan, at {}, counts",
                collected.local_date_time(),
                first.collected.local_date_time()
            );
            return self.gathered.remark(place, text);
        }
        let label = self.label(entry, &barcode, &place);
        let wakening = self.wakening_of(collected);
        if wakening.is_none() {
            let text = format!("tube {barcode} was scanned and no awakening is logged before it");
            self.gathered.remark(place.clone(), text);
        }
        self.gathered.tube(LoggedTube {
            place,
            specimen: barcode,
            participant: self.participant.to_owned(),
            collected,
            source: TimeSource::Electronic,
            label,
            awakening: wakening,
            conditions: Conditions::EMPTY,
        });
    }

    /// The label of the tube that was scanned, whichever was due.
    fn label(&mut self, entry: &Entry<'_>, barcode: &str, place: &LogPlace) -> String {
        let (scanned, expected) = (entry.text("sample_scanned"), entry.text("sample_expected"));
        if let (Some(scanned), Some(expected)) = (&scanned, &expected)
            && scanned != expected
        {
            let text = format!(
                "tube {barcode} is {scanned} and was scanned when {expected} was due; its own time is taken"
            );
            self.gathered.remark(place.clone(), text);
        }
        if let (Some(scanned), Some(expected)) =
            (entry.number("day_scanned"), entry.number("day_expected"))
            && scanned != expected
        {
            let text = format!(
                "tube {barcode} is of day {scanned} and was scanned on day {expected}; its time is taken as it is"
            );
            self.gathered.remark(place.clone(), text);
        }
        let label = scanned
            .or(expected)
            .or_else(|| entry.sample_of_early_version());
        match label {
            Some(label) if check_label(&label).is_ok() => label,
            Some(label) => {
                let text =
                    format!("the label {label:?} of tube {barcode} is left out: it is no label");
                self.gathered.remark(place.clone(), text);
                String::new()
            }
            None => String::new(),
        }
    }

    fn wakening_of(&self, collected: Moment) -> Option<(Moment, TimeSource)> {
        let before = self
            .wakenings
            .iter()
            .rev()
            .find(|wakening| wakening.at <= collected)?;
        (collected.hours_since(before.at) <= LONGEST_DAY_HOURS)
            .then_some((before.at, before.source))
    }

    /// Why a time cannot be trusted: the clock was set back in the same stretch of the log.
    fn beside_a_jump(&self, line: u64) -> Option<String> {
        let jump = self.jumps.iter().find(|jump| jump.spoils(line))?;
        Some(format!(
            "the phone's clock went back by {} between the lines {} and {}, and no time of this day can be trusted; \
             register the tube by a table, with a time that somebody vouches for",
            clock::in_words(jump.milliseconds),
            jump.before_line,
            jump.after_line
        ))
    }
}
