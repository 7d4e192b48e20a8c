//! When a sample was taken and when the person woke, from up to three cells that may each say only part of it.

use diel_core::Moment;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::clock::{self, ClockForm, TimeError, TimeForm, TimeText};
use super::column::Name;
use super::date::Order;
use super::placing::{self, Placed, Reading};
use super::zone::ZoneError;

/// The cells of a row that speak of time, trimmed, empty where there is nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeCells<'a> {
    pub(super) collected: &'a str,
    pub(super) awakening: &'a str,
    pub(super) date: &'a str,
    /// Minutes since awakening; they make the times of day dispensable.
    pub(super) minutes: Option<f64>,
    /// Whether rows are placed by time since awakening, so that a time of day need not be an instant.
    pub(super) has_hours: bool,
    pub(super) forms: TimeForms,
}

/// How the times of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct TimeForms {
    pub(super) order: Order,
    pub(super) collected: ClockForm,
    pub(super) awakening: ClockForm,
}

/// What a row's cells say together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Times {
    pub(super) collected: Option<Moment>,
    pub(super) awakening: Option<Moment>,
    /// The local date on which the sampling day began.
    pub(super) date: Option<Date>,
    /// A local time had no zone and was used for its date alone.
    pub(super) lacks_zone: bool,
    /// No time had a date of its own, and the sample was moved to the date after the row's.
    pub(super) is_after_midnight: bool,
}

/// Why times are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(super) enum TimesError {
    /// Not a time.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// A local time that is not one instant.
    #[error(transparent)]
    Zone(#[from] ZoneError),
    /// A time of day and no date.
    #[error(
        "is a time of day and needs a date; give one in a column `date`, or write date and time"
    )]
    DateMissing,
    /// A date and no time of day.
    #[error("is a date and does not say when; write date and time")]
    ClockMissing,
    /// A local time and no zone: the whole file needs one.
    #[error("is a local time and needs --time-zone")]
    ZoneMissing,
}

/// Puts a row's cells together. The error names the cell at fault.
pub(super) fn read(
    cells: TimeCells<'_>,
    zone: Option<&TimeZone>,
) -> Result<Times, (Name, TimesError)> {
    let date = match cells.date {
        "" => None,
        text => match clock::parse_date(text, cells.forms.order) {
            Ok(date) => Some(date),
            Err(error @ TimeError::Ambiguous { .. }) => return Err((Name::Date, error.into())),
            // A day's label under the header `date`.
            Err(_) if cells.has_hours => None,
            Err(error) => return Err((Name::Date, error.into())),
        },
    };
    let form = |clock| TimeForm {
        order: cells.forms.order,
        clock,
    };
    let collected = parse(
        cells.collected,
        Name::CollectedAt,
        form(cells.forms.collected),
    )?;
    let awakening = parse(
        cells.awakening,
        Name::AwakeningAt,
        form(cells.forms.awakening),
    )?;
    let placed = match placing::place(collected, awakening, date, cells.minutes) {
        Ok(placed) => placed,
        // Hours since awakening place the sample; a time of day without a date adds nothing and costs nothing.
        Err(_) if cells.has_hours => Placed::default(),
        Err(error) => return Err(error),
    };
    let date = date.or_else(|| whole_date(collected));
    let mut times = Times {
        date: placing::day_begun(&placed, date, cells.minutes),
        is_after_midnight: placed.is_after_midnight,
        ..Times::default()
    };
    let mut instant = |reading: Option<Reading>, other: Option<Reading>, name: Name| {
        let Some(reading) = reading else {
            return Ok(None);
        };
        match reading.moment(zone, other.and_then(Reading::offset_minutes)) {
            Err(TimesError::ZoneMissing) if cells.has_hours => {
                times.lacks_zone = true;
                Ok(None)
            }
            Ok(moment) => Ok(Some(moment)),
            Err(error) => Err((name, error)),
        }
    };
    let at = instant(placed.collected, placed.awakening, Name::CollectedAt)?;
    let woke = instant(placed.awakening, placed.collected, Name::AwakeningAt)?;
    Ok(Times {
        collected: at,
        awakening: woke,
        ..times
    })
}

fn parse(text: &str, name: Name, form: TimeForm) -> Result<Option<TimeText>, (Name, TimesError)> {
    match text {
        "" => Ok(None),
        text => clock::parse(text, form)
            .map(Some)
            .map_err(|error| (name, error.into())),
    }
}

const fn whole_date(collected: Option<TimeText>) -> Option<Date> {
    match collected {
        Some(TimeText::Date(date)) => Some(date),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may panic")]

    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::{Name, TimeCells, TimeForms, Times, TimesError, read};

    fn cells<'a>(collected: &'a str, awakening: &'a str, date: &'a str) -> TimeCells<'a> {
        TimeCells {
            collected,
            awakening,
            date,
            minutes: None,
            has_hours: false,
            forms: TimeForms::default(),
        }
    }

    fn berlin(cells: TimeCells<'_>) -> Times {
        read(cells, Some(&TimeZone::get("Europe/Berlin").unwrap())).unwrap()
    }

    fn hours(times: Times) -> f64 {
        times
            .collected
            .unwrap()
            .hours_since(times.awakening.unwrap())
    }

    #[test]
    fn a_bedtime_after_midnight_follows_its_awakening() {
        let both_clocks = berlin(cells("00:40", "07:00", "2026-03-03"));
        let own_date = berlin(cells("2026-03-04 00:40", "07:00", ""));
        let own_awakening = berlin(cells("00:40", "2026-03-03 07:00", ""));
        for times in [both_clocks, own_date, own_awakening] {
            assert!((hours(times) - (17.0 + 40.0 / 60.0)).abs() < 1e-12);
            assert_eq!(times.date, Some(date(2026, 3, 3)));
        }
        assert_eq!(
            [both_clocks, own_date, own_awakening].map(|times| times.is_after_midnight),
            [true, false, false]
        );
    }

    #[test]
    fn the_end_of_a_day_is_the_next_midnight() {
        for cells in [
            cells("24:00", "07:00", "2026-03-03"),
            cells("2026-03-03 24:00", "07:00", ""),
        ] {
            let times = berlin(cells);
            assert!((hours(times) - 17.0).abs() < 1e-12);
            assert_eq!(times.date, Some(date(2026, 3, 3)));
        }
    }

    #[test]
    fn a_sample_minutes_before_the_awakening_stays_there() {
        let times = berlin(cells("06:50", "07:00", "2026-03-03"));
        assert!((hours(times) + 10.0 / 60.0).abs() < 1e-12);
    }

    #[test]
    fn a_night_in_which_the_clocks_change_keeps_its_true_length() {
        // 23:00 (+01:00) on the 28th to 07:00 (+02:00) on the 29th are 7 hours, not 8.
        let times = berlin(cells("2026-03-29 07:00", "2026-03-28 23:00", ""));
        assert!((hours(times) - 7.0).abs() < 1e-12);
    }

    #[test]
    fn an_awakening_without_offset_borrows_that_of_its_sample() {
        let times = read(cells("2026-03-03T07:30+05:30", "07:00", ""), None).unwrap();
        assert_eq!(times.awakening.unwrap().utc_offset_minutes(), 330);
        assert!((hours(times) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = read(cells("07:30", "", ""), None).unwrap_err();
        assert_eq!(error, (Name::CollectedAt, TimesError::DateMissing));
        let error = read(cells("2026-03-03 07:30", "", ""), None).unwrap_err();
        assert_eq!(error, (Name::CollectedAt, TimesError::ZoneMissing));
        let error = read(cells("2026-03-03", "", ""), None).unwrap_err();
        assert_eq!(error, (Name::CollectedAt, TimesError::ClockMissing));
    }

    #[test]
    fn with_minutes_a_local_time_gives_the_date_on_which_the_day_began() {
        let cells = TimeCells {
            minutes: Some(1060.0),
            has_hours: true,
            ..cells("2026-03-04 00:40", "", "")
        };
        let times = read(cells, None).unwrap();
        assert_eq!(
            (times.collected, times.date, times.lacks_zone),
            (None, Some(date(2026, 3, 3)), true)
        );
    }

    #[test]
    fn with_minutes_a_clock_after_midnight_belongs_to_the_row_s_date() {
        let cells = TimeCells {
            minutes: Some(1060.0),
            has_hours: true,
            ..cells("00:40", "", "2026-03-03")
        };
        let times = berlin(cells);
        assert_eq!(
            (times.date, times.is_after_midnight),
            (Some(date(2026, 3, 3)), true)
        );
        assert_eq!(times.collected.unwrap().local_date(), date(2026, 3, 4));
    }
}
