//! Instants with the offset that a clock on the wall had.

use jiff::Timestamp;
use jiff::fmt::temporal::{Pieces, PiecesOffset};
use jiff::tz::Offset;

use super::node::Node;
use super::refused::Refused;

const RULE: &str = "is not an instant with its offset from UTC, such as 2026-03-02T07:30:00+01:00";

/// An instant, and the offset where the text has one: `Z` says that the place's offset is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instant {
    pub(super) at: prost_types::Timestamp,
    pub(super) utc_offset_minutes: Option<i32>,
}

/// The text of an instant, by the clock of the place.
pub(super) fn write(at: &prost_types::Timestamp, utc_offset_minutes: i32) -> Option<String> {
    let instant = Timestamp::new(at.seconds, at.nanos).ok()?;
    let offset = Offset::from_seconds(utc_offset_minutes.checked_mul(60)?).ok()?;
    Some(instant.display_with_offset(offset).to_string())
}

/// Reads the instant of a dateTime or an instant.
pub(super) fn read(node: &Node<'_>) -> Result<Instant, Refused> {
    parse(node.text()?).ok_or_else(|| node.refuse(RULE))
}

fn parse(text: &str) -> Option<Instant> {
    let pieces = Pieces::parse(text).ok()?;
    let local = pieces.date().to_datetime(pieces.time()?);
    let (offset, is_known) = match pieces.offset()? {
        PiecesOffset::Numeric(numeric) => (numeric.offset(), true),
        _ => (Offset::UTC, false),
    };
    let instant = offset.to_timestamp(local).ok()?;
    let minutes = offset.seconds() / 60;
    if offset.seconds() % 60 != 0 || pieces.time_zone_annotation().is_some() {
        return None;
    }
    let nanos = instant.as_nanosecond();
    Some(Instant {
        at: prost_types::Timestamp {
            seconds: i64::try_from(nanos.div_euclid(1_000_000_000)).ok()?,
            nanos: i32::try_from(nanos.rem_euclid(1_000_000_000)).ok()?,
        },
        utc_offset_minutes: is_known.then_some(minutes),
    })
}

#[cfg(test)]
mod tests {
    use super::{parse, write};
    use prost_types::Timestamp;

    #[test]
    fn instants_keep_their_offset() {
        let at = Timestamp {
            seconds: 1_772_433_000,
            nanos: 250_000_000,
        };
        let text = write(&at, 60).unwrap_or_default();
        assert_eq!(text, "2026-03-02T07:30:00.25+01:00");
        let read = parse(&text).map(|read| (read.at, read.utc_offset_minutes));
        assert_eq!(read, Some((at, Some(60))));
        let utc = parse("2026-03-02T06:30:00.25Z").map(|read| (read.at, read.utc_offset_minutes));
        assert_eq!(utc, Some((at, None)));
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "2026-03-02",
            "2026-03-02T07:30:00",
            "2026-03",
            "07:30",
            "2026-02-30T07:30:00Z",
            "",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
