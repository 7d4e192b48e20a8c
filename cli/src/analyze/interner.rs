//! Texts that repeat, each kept once.

use std::collections::HashMap;

/// Gives every distinct text a number, in the order of first appearance.
#[derive(Debug, Default)]
pub(super) struct Interner {
    numbers: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
    /// Files are mostly sorted: the next text is mostly the last one.
    last: u32,
}

impl Interner {
    pub(super) fn number(&mut self, text: &str) -> u32 {
        if self
            .texts
            .get(self.last as usize)
            .is_some_and(|last| **last == *text)
        {
            return self.last;
        }
        self.last = match self.numbers.get(text) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
                self.numbers.insert(text.into(), number);
                self.texts.push(text.into());
                number
            }
        };
        self.last
    }

    /// The numbers here of all texts there, in the order of theirs.
    pub(super) fn numbers_of(&mut self, other: &Self) -> Vec<u32> {
        other.texts.iter().map(|text| self.number(text)).collect()
    }

    pub(super) fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", |text| text)
    }

    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.texts.len()).unwrap_or(u32::MAX)
    }
}
