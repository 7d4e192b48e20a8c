//! Times as files write them: an instant with its offset, a local date and time, a date, or a time of day alone.

use diel_core::{Moment, MomentError};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

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
             or --column hours_since_awakening=HEADER"
    )]
    Number,
    /// 30 February, 25:00.
    #[error("is no date or time of the calendar")]
    Calendar,
    /// Outside what is accepted.
    #[error(transparent)]
    Moment(#[from] MomentError),
}

/// Reads a time in one of its four forms.
pub(super) fn parse(text: &str) -> Result<TimeText, TimeError> {
    let text = text.trim();
    match parse_forms(text) {
        Err(TimeError::Form) if text.parse::<f64>().is_ok() => Err(TimeError::Number),
        read => read,
    }
}

fn parse_forms(text: &str) -> Result<TimeText, TimeError> {
    let mut cursor = Cursor {
        rest: text.as_bytes(),
    };
    if text.as_bytes().get(4) != Some(&b'-') {
        let clock = cursor.clock()?;
        return if cursor.rest.is_empty() {
            Ok(TimeText::Clock(clock))
        } else {
            Err(TimeError::Form)
        };
    }
    let date = cursor.date()?;
    if cursor.rest.is_empty() {
        return Ok(TimeText::Date(date));
    }
    if !matches!(cursor.take(), Some(b'T' | b't' | b' ')) {
        return Err(TimeError::Form);
    }
    let local = date.to_datetime(cursor.clock()?);
    if cursor.rest.is_empty() {
        return Ok(TimeText::Local(local));
    }
    let offset_minutes = cursor.offset()?;
    moment(local, offset_minutes).map(TimeText::Instant)
}

/// Reads a date.
pub(super) fn parse_date(text: &str) -> Result<Date, TimeError> {
    match parse(text)? {
        TimeText::Date(date) => Ok(date),
        TimeText::Local(local) => Ok(local.date()),
        TimeText::Instant(moment) => Ok(moment.local_date()),
        TimeText::Clock(_) => Err(TimeError::Form),
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

/// The unread end of a text.
struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn take(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn skip(&mut self, byte: u8) -> bool {
        let found = self.rest.first() == Some(&byte);
        if found {
            self.take();
        }
        found
    }

    /// Between `least` and `most` digits.
    fn digits(&mut self, least: usize, most: usize) -> Result<i32, TimeError> {
        let mut number = 0;
        let mut count = 0;
        while let Some(&byte) = self
            .rest
            .first()
            .filter(|byte| byte.is_ascii_digit() && count < most)
        {
            number = number * 10 + i32::from(byte - b'0');
            count += 1;
            self.take();
        }
        if count < least {
            Err(TimeError::Form)
        } else {
            Ok(number)
        }
    }

    fn date(&mut self) -> Result<Date, TimeError> {
        let year = self.digits(4, 4)?;
        let month = self.after(b'-')?;
        let day = self.after(b'-')?;
        let narrow = |number: i32| i8::try_from(number).map_err(|_| TimeError::Calendar);
        let year = i16::try_from(year).map_err(|_| TimeError::Calendar)?;
        Date::new(year, narrow(month)?, narrow(day)?).map_err(|_| TimeError::Calendar)
    }

    /// Two digits behind a separator.
    fn after(&mut self, separator: u8) -> Result<i32, TimeError> {
        if self.skip(separator) {
            self.digits(2, 2)
        } else {
            Err(TimeError::Form)
        }
    }

    /// `7:05`, `07:05`, `07:05:30`, `07:05:30.25`, each with ` AM` or ` PM` if need be.
    fn clock(&mut self) -> Result<Time, TimeError> {
        let mut hour = self.digits(1, 2)?;
        let minute = self.after(b':')?;
        let second = if self.rest.first() == Some(&b':') {
            self.after(b':')?
        } else {
            0
        };
        let mut nanosecond = 0;
        if self.skip(b'.') {
            let before = self.rest.len();
            let fraction = self.digits(1, 9)?;
            let scale = u32::try_from(9 - (before - self.rest.len())).unwrap_or_default();
            nanosecond = fraction * 10_i32.pow(scale);
        }
        if let Some(is_afternoon) = self.half_of_day() {
            if !(1..=12).contains(&hour) {
                return Err(TimeError::Calendar);
            }
            hour = hour % 12 + if is_afternoon { 12 } else { 0 };
        }
        let narrow = |number: i32| i8::try_from(number).map_err(|_| TimeError::Calendar);
        Time::new(narrow(hour)?, narrow(minute)?, narrow(second)?, nanosecond)
            .map_err(|_| TimeError::Calendar)
    }

    fn half_of_day(&mut self) -> Option<bool> {
        let trimmed = self.rest.trim_ascii_start();
        let is_afternoon = match trimmed
            .first_chunk::<2>()?
            .map(|byte| byte.to_ascii_lowercase())
        {
            [b'a', b'm'] => false,
            [b'p', b'm'] => true,
            _ => return None,
        };
        self.rest = trimmed.get(2..).unwrap_or_default();
        Some(is_afternoon)
    }

    /// `Z`, `+01:00`, `+0100`, `+01`, in minutes east.
    fn offset(&mut self) -> Result<i32, TimeError> {
        let sign = match self.take() {
            Some(b'Z' | b'z') if self.rest.is_empty() => return Ok(0),
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return Err(TimeError::Form),
        };
        let hours = self.digits(2, 2)?;
        self.skip(b':');
        let minutes = if self.rest.is_empty() {
            0
        } else {
            self.digits(2, 2)?
        };
        if !self.rest.is_empty() {
            return Err(TimeError::Form);
        }
        if minutes > 59 {
            Err(TimeError::Calendar)
        } else {
            Ok(sign * (hours * 60 + minutes))
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::{TimeError, TimeText, parse};

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
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "soon",
            "01/03/2026 07:05",
            "2026-3-1",
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
        for text in [
            "2026-02-30",
            "25:00",
            "2026-03-01T24:00",
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
