//! A row that may be a header.

use crate::column::{Meaning, Name};
use crate::error::ImportCause;
use crate::options::ImportOptions;

/// The texts of a row, and what each would name.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(super) texts: Vec<String>,
    pub(super) meanings: Vec<Meaning>,
}

impl Candidate {
    /// A row's fields, without those at its end that are blank.
    ///
    /// # Errors
    /// They are not UTF-8.
    pub(crate) fn of<'a>(fields: impl Iterator<Item = &'a [u8]>) -> Result<Self, ImportCause> {
        let mut texts = fields
            .map(|field| str::from_utf8(field).map(tidy))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| ImportCause::HeaderNotUtf8)?;
        let width = texts
            .iter()
            .rposition(|text| !text.is_empty())
            .map_or(0, |last| last + 1);
        texts.truncate(width);
        let meanings = texts.iter().map(|text| Meaning::of(text)).collect();
        Ok(Self { texts, meanings })
    }

    /// How many names could be columns of it: the more, the likelier it is a header.
    pub(crate) fn names(&self) -> usize {
        Meaning::count(&self.meanings)
    }

    /// Whether it has, or is told to have, what no table can do without. A row that has not is no [`Header`](super::Header),
    /// and nothing that is wrong with it is certain.
    pub(crate) fn may_be_header(&self, options: &ImportOptions) -> bool {
        let has =
            |name| options.chooses(name) || self.meanings.iter().any(|meaning| meaning.is(name));
        has(Name::Concentration)
            && (has(Name::Participant) || (options.may_wait && has(Name::Specimen)))
    }
}

/// A header on one line: spreadsheets break long ones.
pub(super) fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !tidied.is_empty() {
            tidied.push(' ');
        }
        tidied.push_str(word);
    }
    tidied
}
