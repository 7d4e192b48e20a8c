//! Openings of electronic caps, and the map that says on whose tube a cap stands.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use diel_core::{Conditions, Moment, TimeSource};
use jiff::SignedDuration;
use jiff::civil::Date;

use super::archive;
use super::error::LogCause;
use super::gather::Gathered;
use super::long::{DATE, LABEL, PARTICIPANT, SPECIMEN};
use super::table::{Column, LogRow, LogTable};
use super::tube::{check_code, check_label};
use super::{LogOptions, LogPlace, LoggedTube};
use crate::clock::parse_date;
use crate::date::Order;
use crate::times::{self, TimeCells, TimeForms};

pub(super) const READING: &str = "openings of electronic caps";

/// A local day begins at four, as sampling days without an awakening do.
const DAY_BEGINS_AT_HOUR: SignedDuration = SignedDuration::from_hours(4);

const CAP: Column = Column {
    name: "cap",
    aliases: &[
        "capid",
        "monitor",
        "monitorid",
        "device",
        "deviceid",
        "memscap",
    ],
};
const OPENED_AT: Column = Column {
    name: "opened_at",
    aliases: &[
        "opened",
        "opening",
        "openingtime",
        "openedtime",
        "eventtime",
        "time",
        "datetime",
    ],
};

/// A tube under a cap.
#[derive(Debug, Clone)]
struct Owner {
    specimen: String,
    participant: String,
    label: String,
}

/// Owners by cap and, where the map says so, by date.
type CapMap = BTreeMap<(String, Option<Date>), Owner>;

pub(super) fn is_openings(table: &LogTable) -> bool {
    let has = |column| table.find(column).is_ok_and(|found| found.is_some());
    has(CAP) && has(OPENED_AT) && !has(SPECIMEN)
}

pub(super) fn read(
    table: &LogTable,
    options: &LogOptions,
    gathered: &mut Gathered,
) -> Result<(), LogCause> {
    let path = options.caps.as_deref().ok_or(LogCause::CapsUnmapped)?;
    let map = read_map(path)?;
    let cap = table.need(READING, CAP)?;
    let opened = table.need(READING, OPENED_AT)?;
    let date = table.find(DATE)?;
    // By time: the first opening of a tube counts, in whatever order a device writes.
    let mut openings: Vec<(Moment, &str, LogPlace)> = Vec::new();
    for row in &table.rows {
        let place = table.place(row);
        let cells = TimeCells {
            collected: row.cell(Some(opened)),
            awakening: "",
            date: row.cell(date),
            minutes: None,
            has_hours: false,
            forms: TimeForms::default(),
        };
        match times::read(cells, options.time_zone.as_ref()) {
            Ok(times) => match times.collected {
                Some(at) => openings.push((at, row.cell(Some(cap)), place)),
                None => gathered.refuse(
                    &place,
                    table.header(Some(opened), OPENED_AT),
                    "",
                    "is empty; the instant of the opening is needed",
                ),
            },
            Err((_, error)) => gathered.refuse(
                &place,
                table.header(Some(opened), OPENED_AT),
                row.cell(Some(opened)),
                error,
            ),
        }
    }
    openings.sort_by_key(|(at, ..)| *at);
    let mut opened_tubes = BTreeSet::new();
    for (at, cap, place) in openings {
        take(at, cap, place, &map, &mut opened_tubes, gathered);
    }
    for owner in map
        .values()
        .filter(|owner| !opened_tubes.contains(&owner.specimen))
    {
        let text = format!(
            "the cap on tube {} of {} was never opened; it stays without collection facts",
            owner.specimen, owner.participant
        );
        gathered.remark(LogPlace::default(), text);
    }
    Ok(())
}

fn take(
    at: Moment,
    cap: &str,
    place: LogPlace,
    map: &CapMap,
    opened_tubes: &mut BTreeSet<String>,
    gathered: &mut Gathered,
) {
    let local = at.local_date_time();
    let date = local.saturating_sub(DAY_BEGINS_AT_HOUR).date();
    let of_date = map.get(&(cap.to_owned(), Some(date)));
    let Some(owner) = of_date.or_else(|| map.get(&(cap.to_owned(), None))) else {
        let rule = format!("is a cap that the map does not know on {date}");
        return gathered.refuse(&place, CAP.name, cap, rule);
    };
    if let Some(first) = gathered.known(&owner.specimen) {
        let text = format!(
            "cap {cap} was opened again at {}; the first opening, at {}, counts for tube {}",
            at.local_date_time(),
            first.collected.local_date_time(),
            owner.specimen
        );
        return gathered.remark(place, text);
    }
    opened_tubes.insert(owner.specimen.clone());
    gathered.tube(LoggedTube {
        place,
        specimen: owner.specimen.clone(),
        participant: owner.participant.clone(),
        collected: at,
        source: TimeSource::Electronic,
        label: owner.label.clone(),
        awakening: None,
        conditions: Conditions::EMPTY,
    });
}

fn read_map(path: &Path) -> Result<CapMap, LogCause> {
    let refused = |rule: String| LogCause::CapMap {
        path: path.to_owned(),
        rule,
    };
    let files = archive::files(path)?;
    let file = files.first().ok_or(LogCause::Empty)?;
    let table = LogTable::of(file)?;
    let what = "the map of caps";
    let (cap, specimen, participant) = (
        table.need(what, CAP)?,
        table.need(what, SPECIMEN)?,
        table.need(what, PARTICIPANT)?,
    );
    let (label, date) = (table.find(LABEL)?, table.find(DATE)?);
    let mut map = CapMap::new();
    for row in &table.rows {
        let at = |row: &LogRow, rule: &str, cell: &str| {
            refused(format!("line {}: `{cell}` {rule}", row.line))
        };
        let date = match row.cell(date) {
            "" => None,
            text => Some(
                parse_date(text, Order::default())
                    .map_err(|error| at(row, &error.to_string(), text))?,
            ),
        };
        let owner = Owner {
            specimen: row.cell(Some(specimen)).to_owned(),
            participant: row.cell(Some(participant)).to_owned(),
            label: row.cell(label).to_owned(),
        };
        for code in [row.cell(Some(cap)), &owner.specimen, &owner.participant] {
            check_code(code).map_err(|rule| at(row, rule, code))?;
        }
        check_label(&owner.label).map_err(|rule| at(row, rule, &owner.label))?;
        let is_other = |known: &Owner| known.specimen == owner.specimen;
        if map.values().any(is_other) {
            return Err(at(
                row,
                "stands under two caps; a tube has one",
                &owner.specimen,
            ));
        }
        let key = (row.cell(Some(cap)).to_owned(), date);
        if map.insert(key, owner).is_some() {
            let rule = "stands on two tubes; a column date tells which day is which";
            return Err(at(row, rule, row.cell(Some(cap))));
        }
    }
    Ok(map)
}
