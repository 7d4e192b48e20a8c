//! Instants as RFC 3339 with the local offset.

use diel_core::Moment;

/// `2026-03-01T07:05:00+01:00`; a fraction of a second only where there is one.
pub(crate) fn stamp(moment: Moment) -> String {
    let offset = moment.utc_offset_minutes();
    let sign = if offset < 0 { '-' } else { '+' };
    let local = moment.local_date_time();
    format!(
        "{local}{sign}{:02}:{:02}",
        offset.abs() / 60,
        offset.abs() % 60
    )
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may panic")]

    use diel_core::Moment;

    #[test]
    fn offsets_keep_their_sign() {
        assert_eq!(
            super::stamp(Moment::new(1_772_345_130_000_000, -330).unwrap()),
            "2026-03-01T00:35:30-05:30"
        );
        assert_eq!(
            super::stamp(Moment::new(1_772_345_130_250_000, 0).unwrap()),
            "2026-03-01T06:05:30.25+00:00"
        );
    }
}
