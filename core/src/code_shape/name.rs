//! Names of persons.

/// The longest name that is looked for, in words.
const MOST_WORDS: usize = 3;

/// Whether the code is `Surname, Given`, or two or three capitalised words set apart by blanks, points or underscores.
pub(super) fn is_name(code: &str) -> bool {
    match code.split_once(',') {
        Some((surname, given)) => is_listed(surname) && is_listed(given),
        None => {
            let words: Vec<&str> = code.split([' ', '_', '.']).collect();
            (2..=MOST_WORDS).contains(&words.len()) && words.into_iter().all(is_capitalised)
        }
    }
}

/// One side of `Surname, Given`, in capitals throughout or not.
fn is_listed(side: &str) -> bool {
    let mut words = side.split_whitespace();
    let first = words.next().unwrap_or_default();
    is_word(first)
        && first.chars().next().is_some_and(char::is_uppercase)
        && words.all(|word| is_word(word.trim_end_matches('.')))
}

/// A word such as `Anna`, `O'Brien` or `Müller-Lüdenscheid`; not `A1`, `SITE` or `x`.
fn is_capitalised(word: &str) -> bool {
    is_word(word)
        && word.chars().next().is_some_and(char::is_uppercase)
        && word.chars().nth(1).is_some()
        && word.chars().any(char::is_lowercase)
}

fn is_word(word: &str) -> bool {
    word.chars().any(char::is_alphabetic)
        && word
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '\u{2019}'))
}
