//! Instants of messages, as the core and people have them.

use std::fmt::Write as _;

use diel_core::Moment;
use prost_types::Timestamp;

/// The core's form of an instant, unless it lies outside what the core accepts.
#[must_use]
pub fn to_moment(timestamp: &Timestamp, utc_offset_minutes: i32) -> Option<Moment> {
    let microseconds = timestamp
        .seconds
        .checked_mul(1_000_000)?
        .checked_add(i64::from(timestamp.nanos) / 1_000)?;
    Moment::new(microseconds, utc_offset_minutes).ok()
}

/// RFC 3339 with the local offset: `2026-03-01T07:05:00+01:00`.
#[must_use]
pub fn local_text(timestamp: &Timestamp, utc_offset_minutes: i32) -> Option<String> {
    let mut text = String::with_capacity(25);
    push_local(&mut text, to_moment(timestamp, utc_offset_minutes)?);
    Some(text)
}

/// Appends the same. Formatting through `fmt` would be a tenth of the time that a million rows take.
pub(crate) fn push_local(text: &mut String, moment: Moment) {
    let local = moment.local_date_time();
    if local.subsec_nanosecond() == 0 {
        // The core accepts the years 1950 to 9999.
        push_two(text, i32::from(local.year()) / 100);
        push_two(text, i32::from(local.year()) % 100);
        for (before, part) in [
            ('-', local.month()),
            ('-', local.day()),
            ('T', local.hour()),
            (':', local.minute()),
            (':', local.second()),
        ] {
            text.push(before);
            push_two(text, part.into());
        }
    } else {
        let _ = write!(text, "{local}");
    }
    let offset = moment.utc_offset_minutes();
    text.push(if offset < 0 { '-' } else { '+' });
    push_two(text, offset.abs() / 60);
    text.push(':');
    push_two(text, offset.abs() % 60);
}

/// Appends a number from 0 to 99 with two digits.
pub(super) fn push_two(text: &mut String, number: i32) {
    for digit in [number / 10, number % 10] {
        text.push(char::from_digit(digit.unsigned_abs(), 10).unwrap_or('?'));
    }
}

/// RFC 3339 in UTC, to the second: `2026-03-01T06:05:00Z`.
#[must_use]
pub fn utc_text(timestamp: &Timestamp) -> Option<String> {
    let seconds = Timestamp {
        seconds: timestamp.seconds,
        nanos: 0,
    };
    to_moment(&seconds, 0).map(|moment| moment.timestamp().to_string())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn an_instant_is_written_as_the_calendar_writes_it() {
        for (microseconds, offset) in [
            (-631_152_000_000_000, -1080),
            (-1, 90),
            (0, 0),
            (951_782_400_000_000, -570),
            (1_772_345_130_000_000, 60),
            (1_772_345_130_250_000, 345),
            (253_402_207_200_000_000, 1080),
        ] {
            let moment = Moment::new(microseconds, offset).unwrap();
            let zone = jiff::tz::Offset::from_seconds(offset * 60).unwrap();
            let zoned = moment.timestamp().display_with_offset(zone).to_string();
            let mut text = String::new();
            push_local(&mut text, moment);
            assert_eq!(text, zoned);
        }
    }

    #[test]
    fn times_are_shown_where_the_person_was() {
        let timestamp = Timestamp {
            seconds: 1_772_345_130,
            nanos: 0,
        };
        assert_eq!(
            local_text(&timestamp, -330).unwrap(),
            "2026-03-01T00:35:30-05:30"
        );
        assert_eq!(
            local_text(&timestamp, 60).unwrap(),
            "2026-03-01T07:05:30+01:00"
        );
        assert_eq!(utc_text(&timestamp).unwrap(), "2026-03-01T06:05:30Z");
    }
}
