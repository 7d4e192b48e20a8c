//! The unread end of a short text.

use super::clock::TimeError;

/// Reads from left to right; what was read is gone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            rest: text.as_bytes(),
        }
    }

    pub(super) fn take(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    pub(super) fn skip(&mut self, byte: u8) -> bool {
        let found = self.rest.first() == Some(&byte);
        if found {
            self.take();
        }
        found
    }

    pub(super) fn skip_blanks(&mut self) -> bool {
        let before = self.rest.len();
        self.rest = self.rest.trim_ascii_start();
        self.rest.len() < before
    }

    /// How many digits come next.
    pub(super) fn digits_ahead(&self) -> usize {
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit());
        digits.count()
    }

    /// Between `least` and `most` digits.
    pub(super) fn digits(&mut self, least: usize, most: usize) -> Result<i32, TimeError> {
        let count = self.digits_ahead().min(most);
        if count < least {
            return Err(TimeError::Form);
        }
        let mut number = 0;
        for _ in 0..count {
            let digit = self.take().unwrap_or(b'0') - b'0';
            number = number * 10 + i32::from(digit);
        }
        Ok(number)
    }

    /// The letters that come next.
    pub(super) fn letters(&mut self) -> &'a [u8] {
        let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
        let count = self.rest.iter().take_while(|byte| is_letter(byte)).count();
        let (letters, rest) = self.rest.split_at(count);
        self.rest = rest;
        letters
    }
}
