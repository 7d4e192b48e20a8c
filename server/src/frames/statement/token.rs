//! The words of a statement.

use super::StatementError;

/// A word of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or a keyword, as written.
    Word(String),
    /// A name in double quotation marks, which is never a keyword.
    Name(String),
    /// A text in single quotation marks.
    Text(String),
    /// What begins as a number does.
    Number(String),
    /// Anything else: one character, or a comparison of two.
    Sign(String),
}

impl Token {
    /// Whether this is a keyword, in capitals or not.
    pub(super) fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    /// Whether this is a sign.
    pub(super) fn is_sign(&self, sign: &str) -> bool {
        matches!(self, Self::Sign(found) if found == sign)
    }

    /// As it is told in a refusal.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Word(text) | Self::Number(text) => text.clone(),
            Self::Name(text) | Self::Sign(text) => format!("\"{text}\""),
            Self::Text(text) => format!("'{text}'"),
        }
    }
}

/// Cuts a statement into its words.
///
/// # Errors
/// [`StatementError::Unclosed`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, StatementError> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, behind) = match first {
            '\'' => quoted(rest, '\'').map(|(text, behind)| (Token::Text(text), behind))?,
            '"' => quoted(rest, '"').map(|(text, behind)| (Token::Name(text), behind))?,
            first if first.is_alphabetic() || first == '_' => {
                let (word, behind) = run(rest, |next| next.is_alphanumeric() || next == '_');
                (Token::Word(word), behind)
            }
            first if is_number(rest, first) => {
                let (number, behind) = number(rest);
                (Token::Number(number), behind)
            }
            first => {
                let two = ["<=", ">=", "<>", "!="].into_iter();
                let length = two
                    .map(|sign| (sign, sign.len()))
                    .find(|(sign, _)| rest.starts_with(sign))
                    .map_or(first.len_utf8(), |(_, length)| length);
                let (sign, behind) = rest.split_at(length);
                (Token::Sign(sign.to_owned()), behind)
            }
        };
        tokens.push(token);
        rest = behind.trim_start();
    }
    Ok(tokens)
}

/// Whether a number begins here: a digit, or one behind a sign or a point.
fn is_number(rest: &str, first: char) -> bool {
    let begins = |text: &str| text.starts_with(|next: char| next.is_ascii_digit());
    first.is_ascii_digit() || (matches!(first, '-' | '+') && begins(rest.get(1..).unwrap_or("")))
}

/// Digits, a point, an exponent with its sign; whether it is a number is the reader's to say.
fn number(rest: &str) -> (String, &str) {
    let mut before = ' ';
    run(rest, |next| {
        let is_part = next.is_ascii_alphanumeric()
            || next == '.'
            || (matches!(next, '-' | '+') && matches!(before, ' ' | 'e' | 'E'));
        before = next;
        is_part
    })
}

fn run(rest: &str, mut is_part: impl FnMut(char) -> bool) -> (String, &str) {
    let end = rest.find(|next| !is_part(next)).unwrap_or(rest.len());
    let (taken, behind) = rest.split_at(end);
    (taken.to_owned(), behind)
}

/// What stands between two marks; a mark in it is written twice.
fn quoted(rest: &str, mark: char) -> Result<(String, &str), StatementError> {
    let mut text = String::new();
    let mut pieces = rest.get(1..).unwrap_or_default();
    loop {
        let (piece, behind) = pieces.split_once(mark).ok_or(StatementError::Unclosed)?;
        text.push_str(piece);
        match behind.strip_prefix(mark) {
            Some(more) => {
                text.push(mark);
                pieces = more;
            }
            None => return Ok((text, behind)),
        }
    }
}
