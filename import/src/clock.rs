//! Times as files write them: an instant with its offset, a local date and time, a date, or a time of day alone.

use diel_core::{Moment, MomentError};
use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use super::cursor::Cursor;
use super::date::{self, DateOrder, Order};

/// Day numbers of spreadsheets from 2000-01-01 to 2099-12-31.
const SERIALS: std::ops::Range<f64> = 36_526.0..73_051.0;

/// What a cell says about a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum TimeText {
    /// A date, a time and an offset from UTC: an instant.
    Instant(Moment),
    /// A date and a time on a clock somewhere.
    Local(DateTime),
    /// A date alone.
    Date(Date),
    /// A time of day alone.
    Clock(Time),
    /// 24:00 alone, the end of a day.
    EndOfDay,
}

/// How the times of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct TimeForm {
    pub(super) order: Order,
    pub(super) clock: ClockForm,
}

/// How times of day are written. Behind a date in the same cell all forms are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum ClockForm {
    /// `7:05`
    #[default]
    Colon,
    /// All of a column are like `7.05`.
    Point,
    /// All of a column are like `0705`.
    Digits,
}

impl ClockForm {
    /// A time of day in a form that is not the usual one.
    pub(super) const fn example(self) -> Option<&'static str> {
        match self {
            Self::Colon => None,
            Self::Point => Some("7.05"),
            Self::Digits => Some("0705"),
        }
    }
}

/// Why a cell is not a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// Not in any form that is read.
    #[error(
        "is not a time; write 2026-03-01T07:05+01:00, or 2026-03-01 07:05 with --time-zone, or 07:05 beside a date"
    )]
    Form,
    /// A number, which may count hours or minutes.
    #[error(
        "is a number and not a time; if it counts from awakening, read it with --column minutes_since_awakening=HEADER \
             or --column hours_since_awakening=HEADER; a time of day is written 07:05"
    )]
    Number,
    /// A number of the size of a spreadsheet's dates.
    #[error(
        "is a number and not a time; it looks like a spreadsheet's count of days: format the column as date and time and \
             save the file again"
    )]
    Serial,
    /// 3/4/2026.
    #[error(
        "is {day_first} or {month_first}; say which with --date-order dmy or --date-order mdy, or write it with the year first"
    )]
    Ambiguous {
        /// Read as day, month, year.
        day_first: Date,
        /// Read as month, day, year.
        month_first: Date,
    },
    /// 13/4/2026 where the month comes first.
    #[error(
        "has no month in it, read as {0} like the other dates of the file; correct it, or say the order with --date-order"
    )]
    OtherOrder(DateOrder),
    /// 01.03.26.
    #[error(
        "has a year of two digits; write it with four, or say the order with --date-order dmy, mdy or ymd: then 00 to 69 are \
             2000 to 2069"
    )]
    ShortYear,
    /// 30 February, 25:00.
    #[error("is no date or time of the calendar")]
    Calendar,
    /// Outside what is accepted.
    #[error(transparent)]
    Moment(#[from] MomentError),
}

/// Reads a time in one of its forms.
pub(super) fn parse(text: &str, form: TimeForm) -> Result<TimeText, TimeError> {
    let text = text.trim();
    match parse_forms(text, form) {
        Err(TimeError::Form) => Err(not_a_time(text)),
        read => read,
    }
}

fn not_a_time(text: &str) -> TimeError {
    match text.parse::<f64>() {
        Ok(number) if SERIALS.contains(&number) => TimeError::Serial,
        Ok(_) => TimeError::Number,
        Err(_) => TimeError::Form,
    }
}

fn parse_forms(text: &str, form: TimeForm) -> Result<TimeText, TimeError> {
    let mut cursor = Cursor::new(text);
    let Some(date) = date::read(&mut cursor, form.order)? else {
        let clock = read_clock(&mut cursor, form.clock)?;
        return match clock {
            _ if !cursor.rest.is_empty() => Err(TimeError::Form),
            Clock::At(time) => Ok(TimeText::Clock(time)),
            Clock::EndOfDay => Ok(TimeText::EndOfDay),
        };
    };
    if cursor.rest.is_empty() {
        return Ok(TimeText::Date(date));
    }
    if !(cursor.skip(b'T') || cursor.skip(b't')) {
        let has_comma = cursor.skip(b',');
        if !cursor.skip_blanks() && !has_comma {
            return Err(TimeError::Form);
        }
    }
    let local = match read_clock_behind_date(&mut cursor)? {
        Clock::At(time) => date.to_datetime(time),
        Clock::EndOfDay => date
            .checked_add(1.day())
            .map_err(|_| TimeError::Calendar)?
            .to_datetime(Time::midnight()),
    };
    cursor.skip_blanks();
    if cursor.rest.is_empty() {
        return Ok(TimeText::Local(local));
    }
    let offset_minutes = read_offset(&mut cursor)?;
    moment(local, offset_minutes).map(TimeText::Instant)
}

/// Reads a date.
pub(super) fn parse_date(text: &str, order: Order) -> Result<Date, TimeError> {
    let form = TimeForm {
        order,
        ..TimeForm::default()
    };
    match parse(text, form)? {
        TimeText::Date(date) => Ok(date),
        TimeText::Local(local) => Ok(local.date()),
        TimeText::Instant(moment) => Ok(moment.local_date()),
        TimeText::Clock(_) | TimeText::EndOfDay => Err(TimeError::Form),
    }
}

/// The instant at which a clock with this offset from UTC, in minutes east, shows this.
pub(super) fn moment(local: DateTime, offset_minutes: i32) -> Result<Moment, TimeError> {
    let offset = Offset::from_seconds(offset_minutes * 60).map_err(|_| TimeError::Calendar)?;
    let instant = offset
        .to_timestamp(local)
        .map_err(|_| TimeError::Calendar)?;
    Ok(Moment::new(instant.as_microsecond(), offset_minutes)?)
}

/// The form in which a cell writes a time of day, where it needs the column's agreement: `7.05` may be a decimal number
/// and `0705` a count.
pub(super) fn doubtful_form(text: &str) -> Option<ClockForm> {
    let is_read = |form| {
        let mut cursor = Cursor::new(text);
        read_clock(&mut cursor, form).is_ok() && cursor.rest.is_empty()
    };
    [ClockForm::Point, ClockForm::Digits]
        .into_iter()
        .find(|form| is_read(*form))
        .filter(|_| !is_read(ClockForm::Colon))
}

/// A time of day, 24:00 among them.
enum Clock {
    At(Time),
    EndOfDay,
}

fn read_clock_behind_date(cursor: &mut Cursor<'_>) -> Result<Clock, TimeError> {
    let digits = cursor.digits_ahead();
    let form = match cursor.rest.get(digits) {
        Some(b'.') if digits <= 2 => ClockForm::Point,
        _ if digits == 4 => ClockForm::Digits,
        _ => ClockForm::Colon,
    };
    read_clock(cursor, form)
}

/// `7:05`, `07:05`, `07:05:30`, `07:05:30.25`, each with ` AM` or ` PM` if need be.
fn read_clock(cursor: &mut Cursor<'_>, form: ClockForm) -> Result<Clock, TimeError> {
    let (mut hour, minute) = match form {
        ClockForm::Digits if cursor.digits_ahead() != 4 => return Err(TimeError::Form),
        ClockForm::Digits => (cursor.digits(2, 2)?, cursor.digits(2, 2)?),
        ClockForm::Colon => (cursor.digits(1, 2)?, after(cursor, b':')?),
        ClockForm::Point => (cursor.digits(1, 2)?, after(cursor, b'.')?),
    };
    let second = if cursor.rest.first() == Some(&b':') {
        after(cursor, b':')?
    } else {
        0
    };
    let mut nanosecond = 0;
    if form == ClockForm::Colon && cursor.skip(b'.') {
        let before = cursor.rest.len();
        let fraction = cursor.digits(1, 9)?;
        let scale = u32::try_from(9 - (before - cursor.rest.len())).unwrap_or_default();
        nanosecond = fraction * 10_i32.pow(scale);
    }
    if cursor.digits_ahead() > 0 {
        return Err(TimeError::Form);
    }
    if let Some(is_afternoon) = half_of_day(cursor) {
        if !(1..=12).contains(&hour) {
            return Err(TimeError::Calendar);
        }
        hour = hour % 12 + if is_afternoon { 12 } else { 0 };
    } else if (hour, minute, second, nanosecond) == (24, 0, 0, 0) {
        return Ok(Clock::EndOfDay);
    }
    let narrow = |number: i32| i8::try_from(number).map_err(|_| TimeError::Calendar);
    Time::new(narrow(hour)?, narrow(minute)?, narrow(second)?, nanosecond)
        .map(Clock::At)
        .map_err(|_| TimeError::Calendar)
}

/// Two digits behind a separator.
fn after(cursor: &mut Cursor<'_>, separator: u8) -> Result<i32, TimeError> {
    if cursor.skip(separator) {
        cursor.digits(2, 2)
    } else {
        Err(TimeError::Form)
    }
}

/// `AM`, `p.m.`, which change the hour, and `Uhr` and `h`, which do not.
fn half_of_day(cursor: &mut Cursor<'_>) -> Option<bool> {
    let mut ahead = *cursor;
    ahead.skip_blanks();
    let letter = ahead.take()?.to_ascii_lowercase();
    let is_afternoon = match letter {
        b'a' => Some(false),
        b'p' => Some(true),
        b'h' if ahead.rest.is_empty() => None,
        b'u' if ahead.rest.eq_ignore_ascii_case(b"hr") => {
            ahead.rest = &[];
            None
        }
        _ => return None,
    };
    if is_afternoon.is_some() {
        let has_point = ahead.skip(b'.');
        if !ahead.take()?.eq_ignore_ascii_case(&b'm') {
            return None;
        }
        if has_point {
            ahead.skip(b'.');
        }
    }
    *cursor = ahead;
    is_afternoon
}

/// `Z`, `+01:00`, `+0100`, `+01`, in minutes east.
fn read_offset(cursor: &mut Cursor<'_>) -> Result<i32, TimeError> {
    let sign = match cursor.take() {
        Some(b'Z' | b'z') if cursor.rest.is_empty() => return Ok(0),
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return Err(TimeError::Form),
    };
    let hours = cursor.digits(2, 2)?;
    cursor.skip(b':');
    let minutes = if cursor.rest.is_empty() {
        0
    } else {
        cursor.digits(2, 2)?
    };
    if !cursor.rest.is_empty() {
        return Err(TimeError::Form);
    }
    if minutes > 59 {
        Err(TimeError::Calendar)
    } else {
        Ok(sign * (hours * 60 + minutes))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::{ClockForm, TimeError, TimeForm, TimeText, doubtful_form};

    fn parse(text: &str) -> Result<TimeText, TimeError> {
        super::parse(text, TimeForm::default())
    }

    #[test]
    fn an_offset_makes_an_instant() {
        for text in [
            "2026-03-01T07:05:30+01:00",
            "2026-03-01 07:05:30+0100",
            "2026-03-01t07:05:30.000+01",
        ] {
            let Ok(TimeText::Instant(moment)) = parse(text) else {
                unreachable!("{text}")
            };
            // 2026-03-01T06:05:30Z by `date -u -d @1772345130`.
            assert_eq!(moment.microseconds(), 1_772_345_130_000_000, "{text}");
            assert_eq!(moment.utc_offset_minutes(), 60, "{text}");
        }
        let Ok(TimeText::Instant(moment)) = parse("2026-03-01T01:05:30-05:00") else {
            unreachable!()
        };
        assert_eq!(
            (moment.microseconds(), moment.utc_offset_minutes()),
            (1_772_345_130_000_000, -300)
        );
    }

    #[test]
    fn the_other_forms() {
        assert_eq!(parse("2026-03-01"), Ok(TimeText::Date(date(2026, 3, 1))));
        assert_eq!(
            parse("2026-03-01 07:05"),
            Ok(TimeText::Local(date(2026, 3, 1).at(7, 5, 0, 0)))
        );
        assert_eq!(parse("7:05"), Ok(TimeText::Clock(time(7, 5, 0, 0))));
        assert_eq!(
            parse("07:05:30.25"),
            Ok(TimeText::Clock(time(7, 5, 30, 250_000_000)))
        );
        assert_eq!(parse("12:40 am"), Ok(TimeText::Clock(time(0, 40, 0, 0))));
        assert_eq!(parse("9:30PM"), Ok(TimeText::Clock(time(21, 30, 0, 0))));
        assert_eq!(parse("9:30 p.m."), Ok(TimeText::Clock(time(21, 30, 0, 0))));
        assert_eq!(parse("7:05 Uhr"), Ok(TimeText::Clock(time(7, 5, 0, 0))));
        assert_eq!(parse("24:00"), Ok(TimeText::EndOfDay));
    }

    #[test]
    fn a_date_in_any_form_takes_a_time_behind_it() {
        let expected = Ok(TimeText::Local(date(2026, 3, 13).at(19, 5, 0, 0)));
        for text in [
            "2026-03-13T19:05",
            "2026/3/13 7:05 PM",
            "13.03.2026 19:05",
            "13.3.2026, 19.05 Uhr",
            "13/03/2026 1905",
            "3/13/2026 7:05:00 PM",
            "13 Mar 2026 19:05",
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
        assert_eq!(
            parse("2026-03-13 24:00"),
            Ok(TimeText::Local(date(2026, 3, 14).at(0, 0, 0, 0)))
        );
        assert!(matches!(
            parse("13.03.2026 19:05 +01:00"),
            Ok(TimeText::Instant(_))
        ));
    }

    #[test]
    fn points_and_bare_digits_need_the_column_s_agreement() {
        assert_eq!(doubtful_form("7.05"), Some(ClockForm::Point));
        assert_eq!(doubtful_form("0705"), Some(ClockForm::Digits));
        for text in ["7:05", "7.5", "7.65", "2460", "705", "2026-03-01", "12.125"] {
            assert_eq!(doubtful_form(text), None, "{text}");
        }
        for (text, clock) in [("7.05", ClockForm::Point), ("0705", ClockForm::Digits)] {
            let form = TimeForm {
                clock,
                ..TimeForm::default()
            };
            let read = super::parse(text, form);
            assert_eq!(read, Ok(TimeText::Clock(time(7, 5, 0, 0))), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "soon",
            "2026-03-01 soon",
            "2026-03-01T07",
            "7h05",
            "2026-03-01T07:05+1",
            "07:05 xm",
        ] {
            assert_eq!(parse(text), Err(TimeError::Form), "{text}");
        }
        for text in ["2.0", "1440", "0705"] {
            assert_eq!(parse(text), Err(TimeError::Number), "{text}");
        }
        assert_eq!(parse("46082.295"), Err(TimeError::Serial));
        assert!(matches!(
            parse("01/03/2026 07:05"),
            Err(TimeError::Ambiguous { .. })
        ));
        for text in [
            "2026-02-30",
            "25:00",
            "2026-03-01T24:01",
            "2026-03-01T07:60",
            "2026-03-01T07:05+01:75",
            "13:00 pm",
        ] {
            assert_eq!(parse(text), Err(TimeError::Calendar), "{text}");
        }
        assert!(matches!(
            parse("1949-12-31T23:59Z"),
            Err(TimeError::Moment(_))
        ));
    }
}
