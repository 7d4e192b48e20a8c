//! A table of tubes, a row each: a diary that was typed in, or any other list of times.

use std::fmt::Display;

use diel_core::TimeSource;

use super::conditions::{conditions, source};
use super::error::LogCause;
use super::gather::Gathered;
use super::table::{Column, LogRow, LogTable};
use super::tube::{check_code, check_label};
use super::{LogOptions, LogPlace, LoggedDay, LoggedTube};
use crate::column::Name;
use crate::times::{self, TimeCells, TimeForms, Times};

pub(super) const READING: &str = "a table of tubes, a row each";

pub(super) const SPECIMEN: Column = Column {
    name: "specimen",
    aliases: &["barcode", "tube", "specimenid", "tubeid", "sampleid"],
};
pub(super) const PARTICIPANT: Column = Column {
    name: "participant",
    aliases: &["subject", "participantid", "subjectid", "id", "person"],
};
const COLLECTED_AT: Column = Column {
    name: "collected_at",
    aliases: &["time", "datetime", "samplingtime", "collectiontime"],
};
pub(super) const DATE: Column = Column {
    name: "date",
    aliases: &["samplingdate", "collectiondate"],
};
pub(super) const LABEL: Column = Column {
    name: "label",
    aliases: &["sample"],
};
const AWAKENING_AT: Column = Column {
    name: "awakening_at",
    aliases: &["waketime", "awakeningtime"],
};
const SOURCE: Column = Column {
    name: "source",
    aliases: &["timesource", "collectiontimesource"],
};
const AWAKENING_SOURCE: Column = Column {
    name: "awakening_source",
    aliases: &["awakeningtype"],
};
const CONDITIONS: Column = Column {
    name: "conditions",
    aliases: &[],
};

/// Where the columns stand.
struct Columns {
    specimen: usize,
    participant: Option<usize>,
    collected: usize,
    date: Option<usize>,
    label: Option<usize>,
    awakening: Option<usize>,
    source: Option<usize>,
    awakening_source: Option<usize>,
    conditions: Option<usize>,
}

impl Columns {
    fn of(table: &LogTable, options: &LogOptions) -> Result<Self, LogCause> {
        let what = "the table";
        let participant = match table.find(PARTICIPANT)? {
            None if options.participant.is_none() => Some(table.need(what, PARTICIPANT)?),
            found => found,
        };
        Ok(Self {
            specimen: table.need(what, SPECIMEN)?,
            participant,
            collected: table.need(what, COLLECTED_AT)?,
            date: table.find(DATE)?,
            label: table.find(LABEL)?,
            awakening: table.find(AWAKENING_AT)?,
            source: table.find(SOURCE)?,
            awakening_source: table.find(AWAKENING_SOURCE)?,
            conditions: table.find(CONDITIONS)?,
        })
    }
}

pub(super) fn read(
    table: &LogTable,
    options: &LogOptions,
    gathered: &mut Gathered,
) -> Result<(), LogCause> {
    if options.caps.is_some() {
        return Err(LogCause::CapsUnused { reading: READING });
    }
    let columns = Columns::of(table, options)?;
    for row in &table.rows {
        let reader = RowReader {
            table,
            columns: &columns,
            row,
            place: table.place(row),
            options,
            is_good: true,
            gathered: &mut *gathered,
        };
        reader.read();
    }
    Ok(())
}

/// One row while it is read.
struct RowReader<'a, 'g> {
    table: &'a LogTable,
    columns: &'a Columns,
    row: &'a LogRow,
    place: LogPlace,
    options: &'a LogOptions,
    is_good: bool,
    gathered: &'g mut Gathered,
}

impl RowReader<'_, '_> {
    fn read(mut self) {
        let columns = self.columns;
        let participant = match self.row.cell(columns.participant) {
            "" => self.options.participant.as_deref().unwrap_or_default(),
            code => code,
        };
        self.check(columns.participant, PARTICIPANT, check_code(participant));
        let label = self.row.cell(columns.label);
        self.check(columns.label, LABEL, check_label(label));
        let collected_by = self.known_by(columns.source, SOURCE);
        let awakening_by = match columns.awakening_source {
            None => collected_by.min(TimeSource::Electronic),
            at => self.known_by(at, AWAKENING_SOURCE),
        };
        let conditions = conditions(self.row.cell(columns.conditions));
        let conditions = self
            .check(columns.conditions, CONDITIONS, conditions)
            .unwrap_or_default();
        let Some(times) = self.times() else { return };
        let awakening = times.awakening.map(|at| (at, awakening_by));
        let specimen = self.row.cell(Some(columns.specimen));
        match (specimen, times.collected, awakening) {
            // A row without a tube says when somebody woke.
            ("", None, Some((awakening, source))) => {
                if self.is_good {
                    self.gathered.day(LoggedDay {
                        place: self.place,
                        participant: participant.to_owned(),
                        awakening,
                        source,
                        conditions,
                    });
                }
            }
            ("", ..) => self.refuse(
                Some(columns.specimen),
                SPECIMEN,
                "is empty; the id on the tube is needed, or, for an awakening alone, no collection time",
            ),
            (_, None, _) => self.refuse(
                Some(columns.collected),
                COLLECTED_AT,
                "is empty; the instant at which saliva was collected is needed",
            ),
            (specimen, Some(collected), awakening) => {
                self.check(Some(columns.specimen), SPECIMEN, check_code(specimen));
                if !self.is_good {
                    return;
                }
                if times.is_after_midnight {
                    let text = format!("{specimen} was taken after midnight and lies on the next date");
                    self.gathered.remark(self.place.clone(), text);
                }
                self.gathered.tube(LoggedTube {
                    place: self.place,
                    specimen: specimen.to_owned(),
                    participant: participant.to_owned(),
                    collected,
                    source: collected_by,
                    label: label.to_owned(),
                    awakening,
                    conditions,
                });
            }
        }
    }

    fn known_by(&mut self, at: Option<usize>, column: Column) -> TimeSource {
        let found = self.check(at, column, source(self.row.cell(at)));
        let found = found.flatten().or(self.options.source);
        found.unwrap_or_default()
    }

    fn times(&mut self) -> Option<Times> {
        let columns = self.columns;
        let cells = TimeCells {
            collected: self.row.cell(Some(columns.collected)),
            awakening: self.row.cell(columns.awakening),
            date: self.row.cell(columns.date),
            minutes: None,
            has_hours: false,
            forms: TimeForms::default(),
        };
        match times::read(cells, self.options.time_zone.as_ref()) {
            Ok(times) => Some(times),
            Err((name, error)) => {
                let (at, column) = match name {
                    Name::Date => (columns.date, DATE),
                    Name::AwakeningAt => (columns.awakening, AWAKENING_AT),
                    _ => (Some(columns.collected), COLLECTED_AT),
                };
                self.refuse(at, column, error);
                None
            }
        }
    }

    fn check<T>(
        &mut self,
        at: Option<usize>,
        column: Column,
        checked: Result<T, impl Display>,
    ) -> Option<T> {
        match checked {
            Ok(value) => Some(value),
            Err(rule) => {
                self.refuse(at, column, rule);
                None
            }
        }
    }

    fn refuse(&mut self, at: Option<usize>, column: Column, rule: impl Display) {
        self.is_good = false;
        let field = self.table.header(at, column);
        let value = self.row.cell(at);
        self.gathered.refuse(&self.place, field, value, rule);
    }
}
