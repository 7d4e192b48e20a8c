//! A formula's text, cut into tokens.

use std::fmt;

use super::error::{FormulaCause, FormulaError};

/// A piece of a formula.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    /// A name, `true` where it stood in backticks.
    Name(String, bool),
    /// An operator, parenthesis or comma.
    Sign(&'static str),
    End,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Name(name, _) => write!(f, "`{name}`"),
            Self::Sign(sign) => write!(f, "`{sign}`"),
            Self::End => f.write_str("the end"),
        }
    }
}

/// Longer signs before those that they begin with.
const SIGNS: [&str; 23] = [
    "%in%", "==", "!=", "<=", ">=", "||", "**", "+", "-", "*", "/", "^", ":", "(", ")", "~", "|",
    "<", ">", ",", "=", "[", "]",
];

/// Cuts a formula; each token with the byte it begins at, the last one [`Token::End`].
pub(super) fn tokens(formula: &str) -> Result<Vec<(usize, Token)>, FormulaError> {
    let mut tokens = Vec::new();
    let mut rest = formula;
    loop {
        rest = rest.trim_start();
        let at = formula.len() - rest.len();
        let (token, length) = first(rest).map_err(|cause| FormulaError::at(formula, at, cause))?;
        let is_end = token == Token::End;
        tokens.push((at, token));
        if is_end {
            return Ok(tokens);
        }
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// The first token of a text without blanks before it, and its length in bytes.
fn first(text: &str) -> Result<(Token, usize), FormulaCause> {
    let mut characters = text.chars();
    let Some(character) = characters.next() else {
        return Ok((Token::End, 0));
    };
    let second = characters.next();
    if character.is_ascii_digit()
        || (character == '.' && second.is_some_and(|next| next.is_ascii_digit()))
    {
        return number(text);
    }
    match character {
        '"' | '\'' => quoted(text, character),
        '`' => backticked(text),
        '.' | '_' => Ok(name(text)),
        letter if letter.is_alphabetic() => Ok(name(text)),
        _ => SIGNS
            .into_iter()
            .find(|sign| text.starts_with(sign))
            .map(|sign| {
                (
                    Token::Sign(if sign == "**" { "^" } else { sign }),
                    sign.len(),
                )
            })
            .ok_or(FormulaCause::Character { character }),
    }
}

pub(super) fn is_of_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '.' | '_')
}

fn name(text: &str) -> (Token, usize) {
    let length = text.find(|c| !is_of_name(c)).unwrap_or(text.len());
    let name = text.get(..length).unwrap_or(text).to_owned();
    (Token::Name(name, false), length)
}

fn number(text: &str) -> Result<(Token, usize), FormulaCause> {
    let bytes = text.as_bytes();
    let mut length = 0;
    while let Some(&byte) = bytes.get(length) {
        let before = length.checked_sub(1).and_then(|at| bytes.get(at));
        let is_sign_of_exponent =
            matches!(byte, b'+' | b'-') && matches!(before, Some(b'e' | b'E'));
        if !(byte.is_ascii_alphanumeric() || byte == b'.' || is_sign_of_exponent) {
            break;
        }
        length += 1;
    }
    let digits = text.get(..length).unwrap_or(text);
    match digits.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok((Token::Number(number), length)),
        _ => Err(FormulaCause::Number {
            text: digits.to_owned(),
        }),
    }
}

/// Text in quotes; a backslash takes the next character as it is.
fn quoted(text: &str, quote: char) -> Result<(Token, usize), FormulaCause> {
    let mut inside = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some((_, escaped)) => inside.push(escaped),
                None => break,
            },
            _ if character == quote => return Ok((Token::Text(inside), at + quote.len_utf8())),
            _ => inside.push(character),
        }
    }
    Err(FormulaCause::Unclosed { quote })
}

fn backticked(text: &str) -> Result<(Token, usize), FormulaCause> {
    let inside = text.get(1..).unwrap_or_default();
    match inside.find('`') {
        Some(0) | None => Err(FormulaCause::Unclosed { quote: '`' }),
        Some(end) => {
            let name = inside.get(..end).unwrap_or_default().to_owned();
            Ok((Token::Name(name, true), end + 2))
        }
    }
}
