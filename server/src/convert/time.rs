//! Instants, offsets and dates.

use diel_core::Moment;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::violations::Violations;

/// How far ahead of the server's clock a collection or awakening may lie: a laboratory's clock may be wrong.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);

/// What instants of a request are read against.
#[derive(Debug, Clone)]
pub(crate) struct Zone {
    /// The zone that gives an instant without an offset its offset.
    pub(crate) time_zone: TimeZone,
    /// The server's present.
    pub(crate) now: Timestamp,
}

impl Zone {
    /// Reads an instant and its offset.
    pub(crate) fn moment(
        &self,
        field: &str,
        timestamp: Option<&prost_types::Timestamp>,
        offset_field: &str,
        utc_offset_minutes: Option<i32>,
        violations: &mut Violations,
    ) -> Option<Moment> {
        let Some(timestamp) = timestamp else {
            violations.add(field, "is missing; an instant is required");
            return None;
        };
        let microseconds = violations.take(field, microseconds(timestamp))?;
        if let Ok(instant) = Timestamp::from_microsecond(microseconds)
            && instant.duration_since(self.now) > AHEAD
        {
            violations.add(
                field,
                format!("{instant} lies in the future; at most an hour ahead of the server's clock is accepted"),
            );
            return None;
        }
        let minutes = match utc_offset_minutes {
            Some(minutes) => minutes,
            None => self.offset_minutes(microseconds),
        };
        let at_fault = if utc_offset_minutes.is_some() && !(-1080..=1080).contains(&minutes) {
            offset_field
        } else {
            field
        };
        violations.take(at_fault, Moment::new(microseconds, minutes))
    }

    fn offset_minutes(&self, microseconds: i64) -> i32 {
        Timestamp::from_microsecond(microseconds).map_or(0, |instant| {
            self.time_zone.to_offset(instant).seconds() / 60
        })
    }
}

/// Microseconds since 1970 of a protobuf timestamp.
fn microseconds(timestamp: &prost_types::Timestamp) -> Result<i64, String> {
    let nanos = timestamp.nanos;
    if !(0..1_000_000_000).contains(&nanos) {
        return Err(format!(
            "{nanos} nanoseconds are not a fraction of a second"
        ));
    }
    if nanos % 1_000 != 0 {
        return Err(format!(
            "{nanos} nanoseconds are finer than a microsecond; round them, diel never does it silently"
        ));
    }
    timestamp
        .seconds
        .checked_mul(1_000_000)
        .and_then(|micros| micros.checked_add(i64::from(nanos / 1_000)))
        .ok_or_else(|| {
            format!(
                "{} seconds since 1970 lie outside the years 1950 to 9999",
                timestamp.seconds
            )
        })
}

/// Reads an instant of any year.
pub(crate) fn instant(
    field: &str,
    timestamp: &prost_types::Timestamp,
    violations: &mut Violations,
) -> Option<Timestamp> {
    let microseconds = violations.take(field, microseconds(timestamp))?;
    violations.take(field, Timestamp::from_microsecond(microseconds))
}

/// Reads an instant that must lie after another one.
pub(crate) fn later_than(
    field: &str,
    timestamp: &prost_types::Timestamp,
    now: Timestamp,
    violations: &mut Violations,
) -> Option<Timestamp> {
    let instant = instant(field, timestamp, violations)?;
    if instant <= now {
        violations.add(field, format!("{instant} is not later than now, {now}"));
        return None;
    }
    Some(instant)
}

/// An instant as a message.
pub(crate) fn to_proto(instant: Timestamp) -> prost_types::Timestamp {
    microseconds_to_proto(instant.as_microsecond())
}

/// Microseconds since 1970 as a message.
pub(crate) fn microseconds_to_proto(microseconds: i64) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: microseconds.div_euclid(1_000_000),
        nanos: i32::try_from(microseconds.rem_euclid(1_000_000) * 1_000).unwrap_or(0),
    }
}

/// A moment's instant as a message.
pub(crate) fn moment_to_proto(moment: Moment) -> prost_types::Timestamp {
    to_proto(moment.timestamp())
}

/// Reads an optional date; the empty text is none.
pub(crate) fn date(field: &str, text: &str, violations: &mut Violations) -> Option<Date> {
    if text.is_empty() {
        return None;
    }
    let date = text
        .parse::<Date>()
        .ok()
        .filter(|date| date.to_string() == text)
        .ok_or_else(|| format!("{text:?} is not a date of the form YYYY-MM-DD"));
    violations.take(field, date)
}

/// Reads an IANA time zone by name.
///
/// # Errors
/// The name, and what a name looks like.
pub(crate) fn time_zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| {
        format!("{name:?} is not an IANA time zone, such as Europe/Berlin or America/New_York")
    })
}
