//! E-mail addresses and telephone numbers.

/// Whether a word of the text is `LOCAL@HOST.DOMAIN`.
pub(super) fn holds_email_address(text: &str) -> bool {
    text.contains('@')
        && text
            .split(|c: char| c.is_whitespace() || "<>(),;:\"".contains(c))
            .filter_map(|word| word.split_once('@'))
            .any(|(local, host)| !local.is_empty() && is_host(host))
}

fn is_host(host: &str) -> bool {
    let mut parts = 0;
    for part in host.trim_end_matches('.').split('.') {
        let is_part = !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-');
        if !is_part {
            return false;
        }
        parts += 1;
    }
    parts >= 2
}

/// Most and fewest digits of a number with its country: ITU-T E.164 has at most 15.
const WITH_COUNTRY: std::ops::RangeInclusive<usize> = 8..=15;
/// Digits of a number as it is dialled within a country.
const WITHIN_COUNTRY: std::ops::RangeInclusive<usize> = 10..=12;

/// Whether the code is a telephone number: `+` and the country, an area in brackets, or a trunk 0 and an area of three to
/// five digits set apart from the rest. Running numbers begin with 0 too; with two digits set apart they are left alone.
pub(super) fn is_phone_number(code: &str) -> bool {
    let separators = [' ', '-', '.', '(', ')'];
    let body = code.strip_prefix('+').unwrap_or(code);
    if !body
        .chars()
        .all(|c| c.is_ascii_digit() || separators.contains(&c))
    {
        return false;
    }
    let digits = body.chars().filter(char::is_ascii_digit).count();
    if body.len() < code.len() {
        return WITH_COUNTRY.contains(&digits);
    }
    if code.starts_with('(') {
        return WITHIN_COUNTRY.contains(&digits) && code.contains(')');
    }
    let mut groups = code.split(separators).filter(|group| !group.is_empty());
    let area = groups.next().unwrap_or_default();
    let is_area = area.starts_with('0') && !area.starts_with("00") && (3..=5).contains(&area.len());
    is_area && WITHIN_COUNTRY.contains(&digits) && groups.next().is_some_and(|rest| rest.len() >= 4)
        || code.starts_with("00 ") && WITH_COUNTRY.contains(&(digits.saturating_sub(2)))
}
