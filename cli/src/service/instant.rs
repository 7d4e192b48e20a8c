//! Instants between messages, the core and people.

use diel_client::Timestamp;
use diel_core::Moment;

pub(super) use diel_server::table::instant::{to_moment, utc_text};

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
    fn instants_survive_the_way_there_and_back() {
        for microseconds in [1_772_345_130_250_001, -1, -1_000_001, 0] {
            let moment = Moment::new(microseconds, -330).unwrap();
            assert_eq!(to_moment(&to_message(moment), -330), Some(moment));
        }
    }
}
