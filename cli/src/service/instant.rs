//! Instants between messages, the core and people.

use diel_client::Timestamp;
use diel_core::Moment;
use jiff::fmt::temporal::Pieces;

pub(super) use diel_server::table::instant::{to_moment, utc_text};

/// Reads an instant with its offset, for an option of a command.
pub(super) fn parse(text: &str) -> Result<Moment, String> {
    let rule = || {
        format!(
            "`{text}` is not an instant with its offset; write one such as 2026-03-01T22:10+01:00"
        )
    };
    let pieces = Pieces::parse(text).map_err(|_| rule())?;
    let (Some(time), Some(offset)) = (pieces.time(), pieces.to_numeric_offset()) else {
        return Err(rule());
    };
    let instant = offset
        .to_timestamp(pieces.date().to_datetime(time))
        .map_err(|_| rule())?;
    Moment::new(instant.as_microsecond(), offset.seconds() / 60).map_err(|error| error.to_string())
}

/// The message's form of an instant.
pub(super) fn to_message(moment: Moment) -> Timestamp {
    let microseconds = moment.microseconds();
    let nanos = microseconds.rem_euclid(1_000_000) * 1_000;
    Timestamp {
        seconds: microseconds.div_euclid(1_000_000),
        nanos: i32::try_from(nanos).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn an_instant_needs_its_offset() {
        let moment = parse("2026-03-01T22:10+01:00").unwrap();
        assert_eq!(moment.timestamp().to_string(), "2026-03-01T21:10:00Z");
        assert_eq!(moment.utc_offset_minutes(), 60);
        assert_eq!(
            parse("2026-03-01T21:10:00Z").unwrap().timestamp(),
            moment.timestamp()
        );
        for text in ["2026-03-01T22:10", "22:10+01:00", "2026-03-01", "yesterday"] {
            assert!(parse(text).unwrap_err().contains("such as 2026"), "{text}");
        }
    }

    #[test]
    fn instants_survive_the_way_there_and_back() {
        for microseconds in [1_772_345_130_250_001, -1, -1_000_001, 0] {
            let moment = Moment::new(microseconds, -330).unwrap();
            assert_eq!(to_moment(&to_message(moment), -330), Some(moment));
        }
    }
}
