//! Dates as people and spreadsheets write them.
//!
//! `2026-03-01`, `2026/3/1` and `20260301` say their order themselves; `1 March 2026` and `Mar 1, 2026` say which is the
//! month. With points, `1.3.2026`, the day comes first, as wherever points are used. `3/4/2026` says nothing: a day above
//! 12 somewhere in the file decides, or whoever sends it, else it is refused with both readings.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use super::clock::TimeError;
use super::cursor::Cursor;

/// Which number of a date is what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// 31/12/2026
    DayMonthYear,
    /// 12/31/2026
    MonthDayYear,
    /// 2026/12/31, and 26/12/31.
    YearMonthDay,
}

impl DateOrder {
    /// The name that [`FromStr`] reads.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DayMonthYear => "dmy",
            Self::MonthDayYear => "mdy",
            Self::YearMonthDay => "ymd",
        }
    }
}

impl fmt::Display for DateOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DayMonthYear => "day, month, year",
            Self::MonthDayYear => "month, day, year",
            Self::YearMonthDay => "year, month, day",
        })
    }
}

impl FromStr for DateOrder {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::DayMonthYear, Self::MonthDayYear, Self::YearMonthDay]
            .into_iter()
            .find(|order| order.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| {
                format!("`{text}` is none of dmy (31/12/2026), mdy (12/31/2026), ymd (2026/12/31)")
            })
    }
}

/// How the dates of a file are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Order {
    /// Nobody knows.
    #[default]
    Unknown,
    /// A day above 12 in the file showed it.
    Seen(DateOrder),
    /// Whoever sends the file said it. It holds for dates with points too, and lets years have two digits.
    Stated(DateOrder),
}

/// Three numbers with the same separator between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numeric {
    first: i32,
    second: i32,
    third: i32,
    separator: u8,
    /// Digits of the first and the third number.
    widths: (usize, usize),
}

/// What a numeric date shows about the order of the file's dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// It can only be read like this.
    Order(DateOrder),
    /// It can be read in two ways.
    Nothing,
}

impl Numeric {
    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        let mut ahead = *cursor;
        let mut number = |most: usize| {
            let width = ahead.digits_ahead();
            let number = ahead.digits(1, 4).ok().filter(|_| width <= most)?;
            Some((number, width, ahead.take()))
        };
        let (first, first_width, separator) = number(4)?;
        let separator = separator.filter(|byte| matches!(byte, b'/' | b'.' | b'-'))?;
        let (second, _, again) = number(2)?;
        if again != Some(separator) {
            return None;
        }
        let third_width = ahead.digits_ahead();
        let third = ahead.digits(1, 4).ok().filter(|_| third_width <= 4)?;
        *cursor = ahead;
        Some(Self {
            first,
            second,
            third,
            separator,
            widths: (first_width, third_width),
        })
    }

    const fn begins_with_year(self) -> bool {
        self.widths.0 > 2
    }

    /// What the numbers show where they may stand in either order; `None` where the form itself says the order.
    pub(super) fn shown(self) -> Option<Shown> {
        if self.begins_with_year() || self.separator == b'.' {
            return None;
        }
        match (self.first, self.second) {
            (13.., 1..=12) => Some(Shown::Order(DateOrder::DayMonthYear)),
            (1..=12, 13..) => Some(Shown::Order(DateOrder::MonthDayYear)),
            (first, second) if first == second => None,
            _ => Some(Shown::Nothing),
        }
    }

    fn date(self, order: Order) -> Result<Date, TimeError> {
        if self.begins_with_year() {
            return calendar(self.first, self.second, self.third);
        }
        let (stated, is_stated) = match order {
            Order::Stated(stated) => (Some(stated), true),
            _ if self.separator == b'.' => (Some(DateOrder::DayMonthYear), false),
            Order::Seen(seen) => (Some(seen), false),
            Order::Unknown => match self.shown() {
                Some(Shown::Order(shown)) => (Some(shown), false),
                Some(Shown::Nothing) => (None, false),
                None => (Some(DateOrder::DayMonthYear), false),
            },
        };
        let ordered = |order: DateOrder| match order {
            DateOrder::DayMonthYear => (self.third, self.widths.1, self.second, self.first),
            DateOrder::MonthDayYear => (self.third, self.widths.1, self.first, self.second),
            DateOrder::YearMonthDay => (self.first, self.widths.0, self.second, self.third),
        };
        let date = |order: DateOrder| {
            let (year, width, month, day) = ordered(order);
            calendar(full_year(year, width, is_stated)?, month, day)
        };
        let Some(order) = stated else {
            return Err(TimeError::Ambiguous {
                day_first: date(DateOrder::DayMonthYear)?,
                month_first: date(DateOrder::MonthDayYear)?,
            });
        };
        let (_, _, month, _) = ordered(order);
        if month > 12 {
            return Err(TimeError::OtherOrder(order));
        }
        date(order)
    }
}

/// What a text that begins with a numeric date shows about the order of dates.
pub(super) fn shown(text: &str) -> Option<Shown> {
    Numeric::read(&mut Cursor::new(text))?.shown()
}

/// Reads the date that a text begins with. `None` where it begins with none; nothing is read then.
pub(super) fn read(cursor: &mut Cursor<'_>, order: Order) -> Result<Option<Date>, TimeError> {
    if let Some(date) = read_iso(cursor) {
        return date.map(Some);
    }
    if let Some(numeric) = Numeric::read(cursor) {
        return numeric.date(order).map(Some);
    }
    if let Some(named) = read_named(cursor) {
        return named.map(Some);
    }
    // 20260301
    if cursor.digits_ahead() == 8 {
        let (year, month, day) = (
            cursor.digits(4, 4)?,
            cursor.digits(2, 2)?,
            cursor.digits(2, 2)?,
        );
        if !(1900..=2199).contains(&year) {
            return Err(TimeError::Form);
        }
        return calendar(year, month, day).map(Some);
    }
    Ok(None)
}

/// `2026-03-01`, which most dates are.
fn read_iso(cursor: &mut Cursor<'_>) -> Option<Result<Date, TimeError>> {
    let (date, rest) = cursor.rest.split_first_chunk::<10>()?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *date else {
        return None;
    };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0, |number, digit| {
            digit
                .is_ascii_digit()
                .then(|| number * 10 + i32::from(digit - b'0'))
        })
    };
    let (year, month, day) = (
        number(&[y1, y2, y3, y4])?,
        number(&[m1, m2])?,
        number(&[d1, d2])?,
    );
    cursor.rest = rest;
    Some(calendar(year, month, day))
}

/// `1 March 2026`, `01-Mar-2026`, `1. M\u{e4}rz 2026`, `March 1, 2026`.
fn read_named(cursor: &mut Cursor<'_>) -> Option<Result<Date, TimeError>> {
    let mut ahead = *cursor;
    let between = |ahead: &mut Cursor<'_>| {
        while matches!(ahead.rest.first(), Some(b' ' | b'-' | b'.' | b',')) {
            ahead.take();
        }
    };
    let day_or_month = if ahead.digits_ahead() > 0 {
        let day = ahead.digits(1, 2).ok()?;
        between(&mut ahead);
        (day, month(ahead.letters())?)
    } else {
        let month = month(ahead.letters())?;
        between(&mut ahead);
        (ahead.digits(1, 2).ok()?, month)
    };
    between(&mut ahead);
    let year = ahead.digits(4, 4).ok()?;
    *cursor = ahead;
    let (day, month) = day_or_month;
    Some(calendar(year, month, day))
}

/// The number of a month by its name or the first three letters of it, in English or German.
fn month(name: &[u8]) -> Option<i32> {
    const NAMES: [&[&str]; 12] = [
        &["january", "januar", "j\u{e4}nner"],
        &["february", "februar"],
        &["march", "m\u{e4}rz", "maerz", "mrz"],
        &["april"],
        &["may", "mai"],
        &["june", "juni"],
        &["july", "juli"],
        &["august"],
        &["september", "sept"],
        &["october", "oktober"],
        &["november"],
        &["december", "dezember"],
    ];
    let name = str::from_utf8(name).ok()?.to_lowercase();
    let is_name = |full: &&str| {
        *full == name || (name.chars().count() == 3 && full.starts_with(name.as_str()))
    };
    (1..)
        .zip(NAMES)
        .find(|(_, names)| names.iter().any(is_name))
        .map(|(number, _)| number)
}

/// A year of two digits only where the order of dates is stated: 00 to 69 are 2000 to 2069, 70 to 99 are 1970 to 1999.
const fn full_year(year: i32, width: usize, is_stated: bool) -> Result<i32, TimeError> {
    match (width, year) {
        (4, _) => Ok(year),
        (2, 0..=69) if is_stated => Ok(2000 + year),
        (2, _) if is_stated => Ok(1900 + year),
        (2, _) => Err(TimeError::ShortYear),
        _ => Err(TimeError::Form),
    }
}

fn calendar(year: i32, month: i32, day: i32) -> Result<Date, TimeError> {
    let narrow = |number: i32| i8::try_from(number).map_err(|_| TimeError::Calendar);
    let year = i16::try_from(year).map_err(|_| TimeError::Calendar)?;
    Date::new(year, narrow(month)?, narrow(day)?).map_err(|_| TimeError::Calendar)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::{DateOrder, Order, Shown, shown};
    use crate::clock::TimeError;
    use crate::cursor::Cursor;

    fn read(text: &str, order: Order) -> Result<Option<Date>, TimeError> {
        let mut cursor = Cursor::new(text);
        let date = super::read(&mut cursor, order)?;
        assert!(date.is_none() || cursor.rest.is_empty(), "{text}");
        Ok(date)
    }

    #[test]
    fn some_forms_say_their_order_themselves() {
        let first_of_march = Ok(Some(date(2026, 3, 1)));
        for text in [
            "2026-03-01",
            "2026-3-1",
            "2026/03/01",
            "2026.03.01",
            "20260301",
            "01.03.2026",
            "1.3.2026",
            "1 March 2026",
            "01-Mar-2026",
            "1. M\u{e4}rz 2026",
            "March 1, 2026",
            "MAR 1 2026",
        ] {
            assert_eq!(read(text, Order::Unknown), first_of_march, "{text}");
        }
        assert_eq!(
            read("03/03/2026", Order::Unknown),
            Ok(Some(date(2026, 3, 3)))
        );
    }

    #[test]
    fn others_need_a_word() {
        assert_eq!(
            read("3/4/2026", Order::Unknown),
            Err(TimeError::Ambiguous {
                day_first: date(2026, 4, 3),
                month_first: date(2026, 3, 4),
            })
        );
        let dmy = DateOrder::DayMonthYear;
        let mdy = DateOrder::MonthDayYear;
        for known in [Order::Seen, Order::Stated] {
            assert_eq!(read("3/4/2026", known(dmy)), Ok(Some(date(2026, 4, 3))));
            assert_eq!(read("3-4-2026", known(mdy)), Ok(Some(date(2026, 3, 4))));
        }
        assert_eq!(
            read("13/4/2026", Order::Unknown),
            Ok(Some(date(2026, 4, 13)))
        );
        assert_eq!(
            read("13/4/2026", Order::Seen(mdy)),
            Err(TimeError::OtherOrder(mdy))
        );
        assert_eq!(shown("3/4/2026 07:05"), Some(Shown::Nothing));
        assert_eq!(shown("13/4/2026"), Some(Shown::Order(dmy)));
        assert_eq!(shown("4/13/2026"), Some(Shown::Order(mdy)));
        assert_eq!(shown("4.13.2026"), None);
    }

    #[test]
    fn a_year_of_two_digits_needs_a_stated_order() {
        assert_eq!(read("01.03.26", Order::Unknown), Err(TimeError::ShortYear));
        let stated = Order::Stated(DateOrder::DayMonthYear);
        assert_eq!(read("01.03.26", stated), Ok(Some(date(2026, 3, 1))));
        assert_eq!(read("01/03/70", stated), Ok(Some(date(1970, 3, 1))));
        let stated = Order::Stated(DateOrder::YearMonthDay);
        assert_eq!(read("26-03-01", stated), Ok(Some(date(2026, 3, 1))));
    }

    #[test]
    fn what_is_no_date_is_left_alone() {
        for text in [
            "07:05", "7.05", "0705", "soon", "S1", "2.0", "1.3.", "may be",
        ] {
            assert_eq!(read(text, Order::Unknown), Ok(None), "{text}");
        }
        for text in ["2026-02-30", "30.2.2026", "31 April 2026", "2026-13-01"] {
            assert_eq!(
                read(text, Order::Unknown),
                Err(TimeError::Calendar),
                "{text}"
            );
        }
    }
}
