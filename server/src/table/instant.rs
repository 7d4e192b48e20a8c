//! Instants of messages, as the core and people have them.

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
    let moment = to_moment(timestamp, utc_offset_minutes)?;
    let offset = moment.utc_offset_minutes();
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
    Some(format!(
        "{}{sign}{hours:02}:{minutes:02}",
        moment.local_date_time()
    ))
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
