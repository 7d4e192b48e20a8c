//! Local times in a time zone. A time that a clock never showed, or showed twice, is refused with both readings.

use diel_core::Moment;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use super::clock::{self, TimeError};

/// Why a local time has no instant of its own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ZoneError {
    /// The clocks jumped over it.
    #[error(
        "is a time that the clocks skipped in {zone}; it is {before} or {after}: write it with its offset"
    )]
    Skipped {
        /// The zone.
        zone: String,
        /// Read with the offset before the change.
        before: String,
        /// Read with the offset after the change.
        after: String,
    },
    /// The clocks went back over it.
    #[error(
        "is a time that the clocks showed twice in {zone}; it is {before} or {after}: write it with its offset"
    )]
    Repeated {
        /// The zone.
        zone: String,
        /// The first time.
        before: String,
        /// The second time.
        after: String,
    },
    /// The instant is not accepted.
    #[error(transparent)]
    Time(#[from] TimeError),
}

/// The instant at which clocks in the zone show this.
///
/// # Errors
/// The clocks skipped it or showed it twice, or the instant is not accepted.
pub fn resolve(local: DateTime, zone: &TimeZone) -> Result<Moment, ZoneError> {
    let name = || zone.iana_name().unwrap_or("the time zone").to_owned();
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => Ok(clock::moment(local, minutes(offset))?),
        AmbiguousOffset::Gap { before, after } => Err(ZoneError::Skipped {
            zone: name(),
            // What the clocks showed at these instants: the other side of the jump.
            before: reading(local, before, after)?,
            after: reading(local, after, before)?,
        }),
        AmbiguousOffset::Fold { before, after } => Err(ZoneError::Repeated {
            zone: name(),
            before: reading(local, before, before)?,
            after: reading(local, after, after)?,
        }),
    }
}

/// The instant of a local time at one offset, as clocks at another show it.
fn reading(local: DateTime, offset: Offset, shown: Offset) -> Result<String, ZoneError> {
    let instant = offset
        .to_timestamp(local)
        .map_err(|_| TimeError::Calendar)?;
    let (shown_minutes, sign) = (
        minutes(shown).abs(),
        if shown.is_negative() { '-' } else { '+' },
    );
    let text = shown
        .to_datetime(instant)
        .strftime("%Y-%m-%dT%H:%M:%S")
        .to_string();
    Ok(format!(
        "{text}{sign}{:02}:{:02}",
        shown_minutes / 60,
        shown_minutes % 60
    ))
}

fn minutes(offset: Offset) -> i32 {
    offset.seconds() / 60
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may panic")]

    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::resolve;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    #[test]
    fn summer_and_winter_have_their_offsets() {
        assert_eq!(
            resolve(date(2026, 3, 28).at(7, 0, 0, 0), &berlin())
                .unwrap()
                .utc_offset_minutes(),
            60
        );
        let summer = resolve(date(2026, 3, 29).at(7, 0, 0, 0), &berlin()).unwrap();
        assert_eq!(summer.utc_offset_minutes(), 120);
        assert_eq!(summer.timestamp().to_string(), "2026-03-29T05:00:00Z");
    }

    #[test]
    fn a_skipped_time_is_refused_with_both_readings() {
        let text = resolve(date(2026, 3, 29).at(2, 30, 0, 0), &berlin())
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("2026-03-29T03:30:00+02:00 or 2026-03-29T01:30:00+01:00"),
            "{text}"
        );
    }

    #[test]
    fn a_repeated_time_is_refused_with_both_readings() {
        let text = resolve(date(2026, 10, 25).at(2, 30, 0, 0), &berlin())
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00"),
            "{text}"
        );
    }
}
