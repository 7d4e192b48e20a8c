//! Texts that repeat, each kept once.

use std::collections::HashMap;
use std::sync::Arc;

use super::scatter;

/// A column of texts: a code a row, and the texts that the codes stand for.
#[derive(Debug, Clone, PartialEq)]
pub struct Labels {
    codes: Arc<[u32]>,
    levels: Arc<[String]>,
}

impl Labels {
    /// The code of a missing label.
    pub const MISSING: u32 = u32::MAX;

    /// Labels of texts, with levels in order of first appearance.
    ///
    /// ```
    /// let labels = diel_core::frame::Labels::from_texts([Some("b"), None, Some("a"), Some("b")]);
    /// assert_eq!(labels.levels(), ["b", "a"]);
    /// assert_eq!(labels.codes()[3], 0);
    /// ```
    pub fn from_texts<'a>(texts: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut builder = LabelsBuilder::default();
        for text in texts {
            builder.push(text);
        }
        builder.finish()
    }

    /// The level of each row, an index into [`Labels::levels`], or [`Labels::MISSING`].
    #[must_use]
    pub const fn codes(&self) -> &Arc<[u32]> {
        &self.codes
    }

    /// The texts, each once.
    #[must_use]
    pub fn levels(&self) -> &[String] {
        &self.levels
    }

    pub(super) fn scattered(&self, rows: usize, positions: &[usize]) -> Self {
        Self {
            codes: scatter(&self.codes, Self::MISSING, rows, positions),
            levels: Arc::clone(&self.levels),
        }
    }
}

/// Collects labels row by row.
#[derive(Debug, Clone, Default)]
pub struct LabelsBuilder {
    codes: Vec<u32>,
    numbers: HashMap<String, u32>,
    levels: Vec<String>,
}

impl LabelsBuilder {
    /// Adds a row.
    pub fn push(&mut self, text: Option<&str>) {
        let code = text.map_or(Labels::MISSING, |text| self.number(text));
        self.codes.push(code);
    }

    fn number(&mut self, text: &str) -> u32 {
        // Tables are mostly sorted: the next label is mostly the last one.
        if let Some(&last) = self.codes.last()
            && self
                .levels
                .get(last as usize)
                .is_some_and(|known| known == text)
        {
            return last;
        }
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.levels.len()).unwrap_or(Labels::MISSING);
        self.numbers.insert(text.to_owned(), number);
        self.levels.push(text.to_owned());
        number
    }

    /// The column.
    #[must_use]
    pub fn finish(self) -> Labels {
        Labels {
            codes: self.codes.into(),
            levels: self.levels.into(),
        }
    }
}
