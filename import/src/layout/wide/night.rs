//! Samples of the night after, on days without a noted awakening.
//!
//! The times of a row have one date, the day's, and none says when the person woke. A time of day more than three hours
//! before that of the row's first column was taken after midnight, on the next date.

use jiff::SignedDuration;
use jiff::ToSpan as _;
use jiff::civil::Time;

use crate::clock::{self, TimeForm, TimeText};
use crate::date::Order;

/// A sample may be this much earlier than the first column's without having been taken after midnight.
const BEFORE_FIRST: SignedDuration = SignedDuration::from_hours(3);

/// The time of day of a cell, where it has no date of its own.
pub(super) fn time_of_day(text: &str) -> Option<Time> {
    match clock::parse(text, TimeForm::default()) {
        Ok(TimeText::Clock(time)) => Some(time),
        _ => None,
    }
}

/// Where a sample belongs.
#[derive(Debug, PartialEq)]
pub(super) enum Night {
    /// On the row's date, or where its own date says.
    No,
    /// On the next date, which is written with its time of day.
    After(String),
    /// On the date after one that may be read in several ways, or not at all.
    DateUnknown,
}

/// Whether a sample was taken in the night after.
pub(super) fn of(date: &str, time: &str, first: Option<Time>, order: Order) -> Night {
    let (Some(time), Some(first)) = (time_of_day(time), first) else {
        return Night::No;
    };
    if date.is_empty() || time.duration_until(first) <= BEFORE_FIRST {
        return Night::No;
    }
    let next = clock::parse_date(date, order)
        .ok()
        .and_then(|date| date.checked_add(1.day()).ok());
    next.map_or(Night::DateUnknown, |date| {
        Night::After(date.to_datetime(time).to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::{Night, Order, of, time_of_day};
    use crate::date::DateOrder;

    #[test]
    fn only_a_time_long_before_the_first_is_of_the_night_after() {
        let first = time_of_day("07:05");
        let on = |date, time| of(date, time, first, Order::Unknown);
        let after = Night::After("2026-03-01T00:30:00".to_owned());
        assert_eq!(on("2026-02-28", "00:30"), after);
        assert_eq!(on("2026-02-28", "06:50"), Night::No);
        assert_eq!(on("2026-02-28", "22:10"), Night::No);
        assert_eq!(on("2026-02-28", "2026-03-01 00:30"), Night::No);
        assert_eq!(on("", "00:30"), Night::No);
        assert_eq!(on("3/4/2026", "00:30"), Night::DateUnknown);
        let stated = Order::Stated(DateOrder::DayMonthYear);
        let after = Night::After("2026-04-04T00:30:00".to_owned());
        assert_eq!(of("3/4/2026", "00:30", first, stated), after);
        assert_eq!(of("2026-02-28", "00:30", None, stated), Night::No);
    }
}
