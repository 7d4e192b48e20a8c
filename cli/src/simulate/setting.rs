//! What surrounds a simulated person: code, group, age, clock and calendar.

use std::str::FromStr;

use anyhow::Context as _;
use clap::Args;
use diel_core::{Condition, Moment, Unit};
use jiff::ToSpan as _;
use jiff::civil::{Date, Time, date, time};
use jiff::tz::TimeZone;

/// Options that no number of the simulation depends on.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Who and when")]
pub(super) struct SettingOptions {
    /// What participants' codes begin with.
    #[arg(long, value_name = "TEXT", default_value = "SIM-")]
    prefix: String,

    /// The number of the first participant.
    #[arg(long, value_name = "N", default_value_t = 1)]
    first: u32,

    /// The group that all belong to.
    #[arg(long, value_name = "LABEL")]
    pub(super) group: Option<String>,

    /// Age in years, or the youngest and the oldest, as in 25..60.
    #[arg(long, value_name = "YEARS")]
    age_years: Option<Ages>,

    /// A condition that holds on all days, see `diel codes condition`. May be repeated.
    #[arg(long = "condition", value_name = "CODE", value_parser = parse_condition)]
    pub(super) conditions: Vec<Condition>,

    /// The unit of the concentrations: nmol/L, ug/dL, ng/mL or ug/L.
    #[arg(long, value_name = "UNIT", value_parser = diel_import::parse_unit)]
    pub(super) unit: Option<Unit>,

    /// The IANA time zone, which gives the offsets of the times.
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = diel_import::parse_zone)]
    time_zone: TimeZone,

    /// The first day.
    #[arg(long, value_name = "DATE", default_value_t = date(2026, 3, 2))]
    start_date: Date,

    /// When everybody wakes.
    #[arg(long, value_name = "HH:MM", default_value_t = time(7, 0, 0, 0))]
    wake_time: Time,
}

/// Ages of a group, spread evenly.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ages {
    youngest: f64,
    oldest: f64,
}

impl FromStr for Ages {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (youngest, oldest) = text.split_once("..").unwrap_or((text, text));
        let years = |text: &str| {
            let number: f64 = text
                .trim()
                .parse()
                .map_err(|_| format!("`{}` is not a number of years", text.trim()))?;
            diel_core::AgeYears::new(number).map_err(|error| error.to_string())?;
            Ok::<f64, String>(number)
        };
        Ok(Self {
            youngest: years(youngest)?,
            oldest: years(oldest)?,
        })
    }
}

impl SettingOptions {
    /// `SIM-0001`.
    pub(super) fn participant(&self, position: u32) -> String {
        format!("{}{:04}", self.prefix, self.first.saturating_add(position))
    }

    /// To a hundredth of a year.
    pub(super) fn age_years(&self, position: u32, persons: u32) -> Option<f64> {
        let ages = self.age_years?;
        let share = f64::from(position) / f64::from(persons.saturating_sub(1).max(1));
        let years = ages.youngest + share * (ages.oldest - ages.youngest);
        Some((years * 100.0).round() / 100.0)
    }

    /// When people wake on a day, counted from 0.
    pub(super) fn awakening(&self, day: u32) -> anyhow::Result<Moment> {
        let date = self
            .start_date
            .checked_add(i64::from(day).days())
            .context("--start-date is too late")?;
        let woke = diel_import::resolve(date.to_datetime(self.wake_time), &self.time_zone);
        woke.with_context(|| format!("{date} {}", self.wake_time))
    }

    /// The moment so many hours later, with the offset that clocks then have.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "hours of two days, in microseconds"
    )]
    pub(super) fn later(&self, awakening: Moment, hours: f64) -> anyhow::Result<Moment> {
        let instant = awakening.microseconds() + (hours * 3_600_000_000.0).round() as i64;
        let timestamp = Moment::new(instant, 0)?.timestamp();
        Ok(Moment::new(
            instant,
            self.time_zone.to_offset(timestamp).seconds() / 60,
        )?)
    }
}

fn parse_condition(text: &str) -> Result<Condition, String> {
    Condition::from_code(text).ok_or_else(|| {
        format!(
            "`{text}` is no condition; there are {}",
            Condition::ALL.map(Condition::code).join(", ")
        )
    })
}
