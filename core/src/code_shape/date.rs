//! Dates of birth, as they are written.

use jiff::civil::Date;

/// The first year of birth that is looked for.
const FIRST_YEAR: i16 = 1900;

/// What may stand between the numbers of a date.
const SEPARATORS: [char; 5] = ['-', '.', '/', '_', ' '];

/// Whether a date with separators stands anywhere in the code, set apart from other digits.
pub(super) fn is_within(code: &str, today: Date) -> bool {
    let starts = code.char_indices().filter(|(at, c)| {
        let before = code
            .get(..*at)
            .and_then(|before| before.chars().next_back());
        c.is_ascii_digit() && !before.is_some_and(|before| before.is_ascii_digit())
    });
    starts
        .filter_map(|(at, _)| code.get(at..))
        .any(|rest| leading(rest).is_some_and(|[first, second, third]| {
            is_of(first, second, third, today)
        }))
        // Two digits of a year could be anything beside others; alone they are how a day is written.
        || is_date(code, today)
}

/// Whether the code is a date with separators and nothing else.
pub(super) fn is_date(code: &str, today: Date) -> bool {
    let Some([first, second, third]) = leading(code) else {
        return false;
    };
    if first.len() + second.len() + third.len() + 2 != code.len() {
        return false;
    }
    let has_short_year = third.len() == 2 && first.len() <= 2 && code.contains('.');
    is_of(first, second, third, today)
        || has_short_year
            && ["19", "20"]
                .into_iter()
                .any(|century| is_of(first, second, &format!("{century}{third}"), today))
}

/// Whether the code is eight digits that are a date, year first or last.
pub(super) fn is_eight_digits(code: &str, today: Date) -> bool {
    if code.len() != 8 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let part = |from: usize, to: usize| code.get(from..to).unwrap_or_default();
    is_of(part(0, 4), part(4, 6), part(6, 8), today)
        || is_of(part(0, 2), part(2, 4), part(4, 8), today)
}

/// The three numbers that the text begins with, the same separator between them and no digit behind.
fn leading(text: &str) -> Option<[&str; 3]> {
    let number = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (first, rest) = text.split_at_checked(number(text))?;
    let separator = rest.chars().next().filter(|c| SEPARATORS.contains(c))?;
    let rest = rest.strip_prefix(separator)?;
    let (second, rest) = rest.split_at_checked(number(rest))?;
    let rest = rest.strip_prefix(separator)?;
    let (third, _) = rest.split_at_checked(number(rest))?;
    (!first.is_empty() && !second.is_empty() && !third.is_empty()).then_some([first, second, third])
}

/// Year first, or day and month in either order and then the year; years have four digits.
fn is_of(first: &str, second: &str, third: &str, today: Date) -> bool {
    let of = |year: &str, month: &str, day: &str| {
        if year.len() != 4 || month.len() > 2 || day.len() > 2 {
            return false;
        }
        let (Ok(year), Ok(month), Ok(day)) = (year.parse(), month.parse(), day.parse()) else {
            return false;
        };
        year >= FIRST_YEAR && Date::new(year, month, day).is_ok_and(|date| date <= today)
    };
    of(first, second, third) || of(third, second, first) || of(third, first, second)
}
