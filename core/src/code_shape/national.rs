//! Numbers that states give persons, where their shape or their check digits tell them from running numbers.
//!
//! Bare runs of 9 to 11 digits (the British NHS number, the Dutch BSN, the German tax number) are left alone: a check digit
//! lets one running number in ten or eleven through, so a tenth of a study's own numbers would be refused.

/// Whether the code is one of: the Swedish and Danish personal numbers, the Finnish one, the Italian fiscal code, the Swiss
/// insurance number, the French one, the British insurance number, the social security number of the United States.
pub(super) fn is_national_number(code: &str) -> bool {
    code.is_ascii()
        && (is_swedish(code)
            || is_danish(code)
            || is_finnish(code)
            || is_italian(code)
            || is_swiss(code)
            || is_french(code)
            || is_british(code)
            || is_american(code))
}

/// `YYMMDD-NNNN` or `YYYYMMDD-NNNN`; the last digit is that of Luhn over the ten.
fn is_swedish(code: &str) -> bool {
    let Some((date, number)) = code.split_once(['-', '+']) else {
        return false;
    };
    let short = match date.len() {
        6 => date,
        8 => date.get(2..).unwrap_or_default(),
        _ => return false,
    };
    let ten = format!("{short}{number}");
    number.len() == 4 && is_month_and_day(short.get(2..4), short.get(4..6)) && is_luhn(&ten)
}

/// `DDMMYY-NNNN`, without a check digit since 2007.
fn is_danish(code: &str) -> bool {
    code.split_once('-').is_some_and(|(date, number)| {
        date.len() == 6
            && number.len() == 4
            && is_digits(number)
            && is_digits(date)
            && !date.starts_with(['6', '7', '8', '9'])
            && is_month_and_day(date.get(2..4), date.get(..2))
    })
}

/// `DDMMYY`, a sign of the century, three digits and the check character.
fn is_finnish(code: &str) -> bool {
    const CHECK: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let (Some(date), Some(sign), Some(number), Some(check)) = (
        code.get(..6),
        code.get(6..7),
        code.get(7..10),
        code.get(10..),
    ) else {
        return false;
    };
    let Ok(value) = format!("{date}{number}").parse::<usize>() else {
        return false;
    };
    is_digits(date)
        && "+-ABCDEFYXWVU".contains(sign)
        && check.len() == 1
        && check.bytes().next() == CHECK.get(value % 31).copied()
}

/// Six letters, two digits, a letter, two digits, a letter, three digits, a letter.
fn is_italian(code: &str) -> bool {
    const SHAPE: &[u8; 16] = b"AAAAAA99A99A999A";
    code.len() == SHAPE.len()
        && code.bytes().zip(SHAPE).all(|(byte, shape)| match shape {
            b'A' => byte.is_ascii_uppercase(),
            _ => byte.is_ascii_digit(),
        })
}

/// Thirteen digits from 756, with points or without; the last is that of EAN-13.
fn is_swiss(code: &str) -> bool {
    let digits: String = code.split('.').collect();
    digits.len() == 13 && digits.starts_with("756") && is_digits(&digits) && {
        let sum: u32 = digits
            .bytes()
            .map(|byte| u32::from(byte - b'0'))
            .zip([1, 3].into_iter().cycle())
            .map(|(digit, weight)| digit * weight)
            .sum();
        sum.is_multiple_of(10)
    }
}

/// Fifteen digits, sex first; the last two are 97 less the remainder of the others by 97.
fn is_french(code: &str) -> bool {
    let digits: String = code.split(' ').collect();
    let (Some(number), Some(key)) = (digits.get(..13), digits.get(13..)) else {
        return false;
    };
    let (Ok(number), Ok(key)) = (number.parse::<u64>(), key.parse::<u64>()) else {
        return false;
    };
    digits.len() == 15
        && is_digits(&digits)
        && digits.starts_with(['1', '2'])
        && 97 - number % 97 == key
}

/// Two letters, six digits and A to D. Letters that are never given out are left alone.
fn is_british(code: &str) -> bool {
    let joined: String = code.split(' ').collect();
    let (Some(letters), Some(digits), Some(last)) =
        (joined.get(..2), joined.get(2..8), joined.get(8..))
    else {
        return false;
    };
    is_digits(digits)
        && matches!(last, "A" | "B" | "C" | "D")
        && letters
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() && !b"DFIQUV".contains(&byte))
}

/// `NNN-NN-NNNN`, none of the three only zeros, the first neither 666 nor from 900.
fn is_american(code: &str) -> bool {
    let parts: Vec<&str> = code.split('-').collect();
    let [area, group, serial] = parts.as_slice() else {
        return false;
    };
    let shape = area.len() == 3 && group.len() == 2 && serial.len() == 4;
    shape
        && [area, group, serial]
            .into_iter()
            .all(|part| is_digits(part))
        && !matches!(*area, "000" | "666")
        && !area.starts_with('9')
        && *group != "00"
        && *serial != "0000"
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A day may be 60 later in numbers for persons who are not registered.
fn is_month_and_day(month: Option<&str>, day: Option<&str>) -> bool {
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<u32>().ok());
    matches!(
        (number(month), number(day)),
        (Some(1..=12), Some(1..=31 | 61..=91))
    )
}

fn is_luhn(digits: &str) -> bool {
    if !is_digits(digits) {
        return false;
    }
    let sum: u32 = digits
        .bytes()
        .rev()
        .map(|byte| u32::from(byte - b'0'))
        .zip([1, 2].into_iter().cycle())
        .map(|(digit, weight)| digit * weight)
        .map(|product| product / 10 + product % 10)
        .sum();
    sum.is_multiple_of(10)
}
