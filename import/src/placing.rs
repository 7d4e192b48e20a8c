//! Gives times of a row a date where they have none of their own.
//!
//! A clock time without a date of its own takes the row's date: the awakening always, the sample too unless that would
//! put it more than three hours before the awakening, or its minutes since awakening begin the day before. Then it was
//! taken after midnight, and belongs to the next date.
//! A sample with a date of its own moves the awakening instead: it was the evening before.

use diel_core::Moment;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _};

use super::clock::{self, TimeError, TimeText};
use super::column::Name;
use super::times::TimesError;
use super::zone;

/// A sample may be this much earlier than a noted awakening without having been taken after midnight.
const BEFORE_AWAKENING_HOURS: i64 = 3;

/// A date and a time on a clock, with its offset where the file gives it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reading {
    Fixed(Moment),
    Local(DateTime),
}

impl Reading {
    pub(super) fn local(self) -> DateTime {
        match self {
            Self::Fixed(moment) => moment.local_date_time(),
            Self::Local(local) => local,
        }
    }

    pub(super) const fn offset_minutes(self) -> Option<i32> {
        match self {
            Self::Fixed(moment) => Some(moment.utc_offset_minutes()),
            Self::Local(_) => None,
        }
    }

    /// The instant. A local time without a zone borrows the offset of the row's other time.
    pub(super) fn moment(
        self,
        zone: Option<&TimeZone>,
        borrowed_offset: Option<i32>,
    ) -> Result<Moment, TimesError> {
        match (self, zone, borrowed_offset) {
            (Self::Fixed(moment), _, _) => Ok(moment),
            (Self::Local(local), Some(zone), _) => Ok(zone::resolve(local, zone)?),
            (Self::Local(local), None, Some(offset)) => Ok(clock::moment(local, offset)?),
            (Self::Local(_), None, None) => Err(TimesError::ZoneMissing),
        }
    }
}

/// The times of a row, each with a date where one could be found.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Placed {
    pub(super) collected: Option<Reading>,
    pub(super) awakening: Option<Reading>,
    /// The sample was moved to the date after the row's.
    pub(super) is_after_midnight: bool,
}

/// Gives a date to what has none of its own. The error names the time that stays without.
pub(super) fn place(
    collected: Option<TimeText>,
    awakening: Option<TimeText>,
    date: Option<Date>,
    minutes: Option<f64>,
) -> Result<Placed, (Name, TimesError)> {
    let own_at = own_date(collected).map_err(|error| (Name::CollectedAt, error))?;
    let own_woke = own_date(awakening).map_err(|error| (Name::AwakeningAt, error))?;
    let woke = match (own_woke, awakening) {
        (None, Some(TimeText::Clock(clock))) => {
            let at = own_at.map(Reading::local);
            let date = date
                .or(at.map(DateTime::date))
                .ok_or((Name::AwakeningAt, TimesError::DateMissing))?;
            let woke = date.to_datetime(clock);
            let is_day_before = at.is_some_and(|at| is_long_before(at, woke));
            let woke = if is_day_before {
                woke.saturating_sub(1.day())
            } else {
                woke
            };
            Some(Reading::Local(woke))
        }
        (None, Some(TimeText::EndOfDay)) => {
            return Err((Name::AwakeningAt, TimeError::Calendar.into()));
        }
        (own, _) => own,
    };
    let clock = match collected {
        Some(TimeText::Clock(clock)) => clock,
        Some(TimeText::EndOfDay) => Time::midnight(),
        _ => {
            return Ok(Placed {
                collected: own_at,
                awakening: woke,
                is_after_midnight: false,
            });
        }
    };
    let woke_at = woke.map(Reading::local);
    let date = date
        .or(woke_at.map(DateTime::date))
        .ok_or((Name::CollectedAt, TimesError::DateMissing))?;
    let at = date.to_datetime(clock);
    if collected == Some(TimeText::EndOfDay) {
        return Ok(Placed {
            collected: Some(Reading::Local(at.saturating_add(1.day()))),
            awakening: woke,
            is_after_midnight: false,
        });
    }
    let is_next_date = match (woke_at, minutes) {
        (Some(woke), _) => is_long_before(at, woke),
        (None, Some(minutes)) => minutes_before(at, minutes).date() < date,
        (None, None) => false,
    };
    let at = if is_next_date {
        at.saturating_add(1.day())
    } else {
        at
    };
    Ok(Placed {
        collected: Some(Reading::Local(at)),
        awakening: woke,
        is_after_midnight: is_next_date && own_woke.is_none(),
    })
}

/// A time that has a date of its own; none for a time of day alone.
fn own_date(text: Option<TimeText>) -> Result<Option<Reading>, TimesError> {
    match text {
        None | Some(TimeText::Clock(_) | TimeText::EndOfDay) => Ok(None),
        Some(TimeText::Instant(moment)) => Ok(Some(Reading::Fixed(moment))),
        Some(TimeText::Local(local)) => Ok(Some(Reading::Local(local))),
        Some(TimeText::Date(_)) => Err(TimesError::ClockMissing),
    }
}

fn is_long_before(at: DateTime, woke: DateTime) -> bool {
    at.saturating_add(SignedDuration::from_hours(BEFORE_AWAKENING_HOURS)) < woke
}

/// The date of the awakening: as noted, reckoned back from the sample, or as stated for the row.
pub(super) fn day_begun(placed: &Placed, date: Option<Date>, minutes: Option<f64>) -> Option<Date> {
    let date_of = |reading: Reading| reading.local().date();
    let reckoned = || Some(minutes_before(placed.collected?.local(), minutes?).date());
    placed
        .awakening
        .map(date_of)
        .or_else(reckoned)
        .or(date)
        .or_else(|| placed.collected.map(date_of))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "minutes are bounded by two days"
)]
fn minutes_before(at: DateTime, minutes: f64) -> DateTime {
    at.saturating_sub(SignedDuration::from_secs((minutes * 60.0) as i64))
}
