//! Which column is what: names and aliases in the header, and `--column` before them.

mod candidate;

use diel_core::Unit;

pub(super) use self::candidate::Candidate;
use super::column::{Meaning, Name, fold};
use super::error::ImportCause;
use super::options::{ColumnChoice, ImportOptions};
use super::reading::{ReadColumn, Why};
use super::rejects;
use super::unit::unit_in_header;
use diel_core::nearest;

/// The columns of a file.
#[derive(Debug)]
pub(super) struct Header {
    texts: Vec<String>,
    /// Of each text.
    meanings: Vec<Meaning>,
    positions: [Option<usize>; Name::ALL.len()],
    unit: Option<Unit>,
    /// Names whose column was told, not guessed.
    chosen: Vec<Name>,
    /// Minutes since awakening are told by the samples' labels.
    has_sample_minutes: bool,
}

impl Header {
    /// Finds every name's column.
    pub(super) fn new(row: Candidate, options: &ImportOptions) -> Result<Self, ImportCause> {
        let Candidate { texts, meanings } = row;
        let mut header = Self {
            texts,
            meanings,
            positions: [None; Name::ALL.len()],
            unit: None,
            chosen: Vec::new(),
            has_sample_minutes: false,
        };
        let mut chosen = Vec::new();
        for choice in &options.columns {
            if chosen.contains(&choice.name) {
                return Err(ImportCause::ChoiceTwice {
                    name: choice.name.canonical(),
                });
            }
            chosen.push(choice.name);
            let position = header.chosen_position(choice)?;
            header.set(choice.name, position);
        }
        let taken: Vec<usize> = header.positions.iter().flatten().copied().collect();
        for name in Name::ALL.into_iter().filter(|name| !chosen.contains(name)) {
            let position = header.guessed_position(name, &taken)?;
            header.set(name, position);
        }
        header.check(options)?;
        header.chosen = chosen;
        Ok(header)
    }

    /// Names that have a column, with what the file calls it and why it was taken.
    pub(super) fn columns(&self) -> impl Iterator<Item = ReadColumn> {
        Name::ALL.into_iter().filter_map(|name| {
            let position = self.position(name)?;
            let header = self.texts.get(position)?;
            let why = if self.chosen.contains(&name) {
                Why::Told
            } else if self.meanings.get(position)?.is_canonical(name) {
                Why::Named
            } else {
                Why::Alias
            };
            Some(ReadColumn {
                name: name.canonical(),
                header: header.clone(),
                why,
            })
        })
    }

    /// Where a name stands in a row.
    pub(super) fn position(&self, name: Name) -> Option<usize> {
        self.positions.get(name as usize).copied().flatten()
    }

    /// What the file calls a name's column.
    pub(super) fn text(&self, name: Name) -> &str {
        self.position(name)
            .and_then(|position| self.texts.get(position))
            .map_or(name.canonical(), String::as_str)
    }

    pub(super) const fn width(&self) -> usize {
        self.texts.len()
    }

    /// Whether rows say how long after awakening they are.
    pub(super) fn has_hours(&self) -> bool {
        self.has_sample_minutes
            || self
                .position(Name::MinutesSinceAwakening)
                .or(self.position(Name::HoursSinceAwakening))
                .is_some()
    }

    /// Whether the options say it, by the samples' labels.
    pub(super) const fn has_sample_minutes(&self) -> bool {
        self.has_sample_minutes
    }

    /// The unit that the concentrations' header states.
    pub(super) const fn unit(&self) -> Option<Unit> {
        self.unit
    }

    /// Headers that nothing is read from, but for that of the reasons in a file of rejects.
    pub(super) fn unread(&self) -> Vec<&str> {
        let unread = self.unread_texts();
        unread.filter(|text| !rejects::is_column(text)).collect()
    }

    /// Whether a column says why rows were refused before.
    pub(super) fn has_reasons(&self) -> bool {
        self.unread_texts().any(rejects::is_column)
    }

    fn unread_texts(&self) -> impl Iterator<Item = &str> {
        let is_read = |position: usize| self.positions.contains(&Some(position));
        let texts = self.texts.iter().enumerate();
        texts
            .filter(move |(position, text)| !text.is_empty() && !is_read(*position))
            .map(|(_, text)| text.as_str())
    }

    fn set(&mut self, name: Name, position: Option<usize>) {
        if let Some(slot) = self.positions.get_mut(name as usize) {
            *slot = position;
        }
    }

    fn chosen_position(&self, choice: &ColumnChoice) -> Result<Option<usize>, ImportCause> {
        let Some(wanted) = &choice.header else {
            return Ok(None);
        };
        let exact = self.find(|text| text == candidate::tidy(wanted));
        let found = if exact.is_empty() {
            self.find(|text| fold(text) == fold(wanted))
        } else {
            exact
        };
        match found.as_slice() {
            [] => Err(ImportCause::HeaderAbsent {
                name: choice.name.canonical(),
                header: wanted.clone(),
                nearest: nearest(wanted, self.texts.iter().map(String::as_str))
                    .unwrap_or_default()
                    .to_owned(),
                headers: self.list(),
            }),
            [position] => Ok(Some(*position)),
            [_, ..] => Err(ImportCause::HeaderTwice {
                name: choice.name.canonical(),
                header: wanted.clone(),
            }),
        }
    }

    /// The column under a name itself, else the only one under an alias.
    fn guessed_position(&self, name: Name, taken: &[usize]) -> Result<Option<usize>, ImportCause> {
        let free = |is_it: &dyn Fn(&Meaning) -> bool| -> Vec<usize> {
            let meanings = self.meanings.iter().enumerate();
            meanings
                .filter(|(position, meaning)| is_it(meaning) && !taken.contains(position))
                .map(|(position, _)| position)
                .collect()
        };
        let canonical = free(&|meaning| meaning.is_canonical(name));
        let found = if canonical.is_empty() {
            free(&|meaning| meaning.is(name))
        } else {
            canonical
        };
        let texts: Vec<&str> = found
            .iter()
            .filter_map(|&position| Some(self.texts.get(position)?.as_str()))
            .collect();
        match texts.as_slice() {
            [] | [_] => Ok(found.first().copied()),
            [first, rest @ ..] if rest.iter().any(|text| text == first) => {
                Err(ImportCause::HeaderTwice {
                    name: name.canonical(),
                    header: (*first).to_owned(),
                })
            }
            [first, ..] => Err(ImportCause::ColumnAmbiguous {
                name: name.canonical(),
                candidates: quoted(&texts),
                example: (*first).to_owned(),
            }),
        }
    }

    fn check(&mut self, options: &ImportOptions) -> Result<(), ImportCause> {
        // A specimen alone waits for its collection facts, which name the participant.
        let waits = options.may_wait && self.position(Name::Specimen).is_some();
        for name in [Name::Participant, Name::Concentration] {
            let is_needed = name == Name::Concentration || !waits;
            if is_needed && self.position(name).is_none() {
                return Err(ImportCause::ColumnMissing {
                    name: name.canonical(),
                    headers: self.list(),
                });
            }
        }
        self.has_sample_minutes = !options.sample_minutes.is_empty() && !self.has_hours();
        if self.has_sample_minutes && self.position(Name::Label).is_none() {
            return Err(ImportCause::ColumnMissing {
                name: Name::Label.canonical(),
                headers: self.list(),
            });
        }
        if self.position(Name::CollectedAt).is_none() && !self.has_hours() && !waits {
            return Err(ImportCause::TimesMissing {
                headers: self.list(),
            });
        }
        let header = self.text(Name::Concentration).to_owned();
        self.unit = unit_in_header(&header);
        match (self.unit, options.unit) {
            (Some(stated), Some(option)) if stated != option => Err(ImportCause::UnitConflict {
                option: option.ucum(),
                header,
                stated: stated.ucum(),
            }),
            (None, None) if self.position(Name::Unit).is_none() => {
                Err(ImportCause::UnitMissing { header })
            }
            _ => Ok(()),
        }
    }

    fn find(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<usize> {
        let texts = self.texts.iter().enumerate();
        texts
            .filter(|(_, text)| is_wanted(text))
            .map(|(position, _)| position)
            .collect()
    }

    fn list(&self) -> String {
        quoted(&self.texts.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

fn quoted(texts: &[&str]) -> String {
    texts
        .iter()
        .map(|text| format!("`{text}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may panic")]

    use diel_core::Unit;

    use super::{Candidate, Header, Name};
    use crate::ImportOptions;

    fn header(texts: &[&str], columns: &[&str]) -> Result<Header, String> {
        let options = ImportOptions {
            columns: columns.iter().map(|text| text.parse().unwrap()).collect(),
            ..ImportOptions::default()
        };
        let row = Candidate::of(texts.iter().map(|text| text.as_bytes())).unwrap();
        Header::new(row, &options).map_err(|error| error.to_string())
    }

    #[test]
    fn aliases_ignore_case_dashes_and_blanks() {
        let header = header(
            &[
                "Subject",
                "Sampling-Time",
                "Cortisol (nmol/L)",
                "Wake Time",
                "Sample",
            ],
            &[],
        )
        .unwrap();
        let positions = [
            Name::Participant,
            Name::CollectedAt,
            Name::Concentration,
            Name::AwakeningAt,
            Name::Label,
        ];
        assert_eq!(
            positions.map(|name| header.position(name)),
            [Some(0), Some(1), Some(2), Some(3), Some(4)]
        );
        assert_eq!(header.unit(), Some(Unit::NmolPerL));
    }

    #[test]
    fn a_chosen_column_is_not_guessed_for_another_name() {
        let columns = ["hours_since_awakening=time"];
        let header = header(&["subject", "day", "time", "cortisol", "unit"], &columns).unwrap();
        assert_eq!(header.position(Name::HoursSinceAwakening), Some(2));
        assert_eq!(header.position(Name::CollectedAt), None);
    }

    #[test]
    fn what_cannot_be_decided_is_refused_with_the_choice() {
        let error = header(&["id", "subject", "time", "cortisol_nmol_l"], &[]).unwrap_err();
        assert!(
            error.contains("`id`, `subject`") && error.contains("--column participant=id"),
            "{error}"
        );
        let error = header(&["id", "time", "cortisol_nmol_l", "cortisol_nmol_l"], &[]).unwrap_err();
        assert!(error.contains("`cortisol_nmol_l` twice"), "{error}");
        let error = header(&["id", "time", "cortisol_nmol_l"], &["label=sampel"]).unwrap_err();
        assert!(
            error.contains("no column `sampel`; did you mean"),
            "{error}"
        );
    }

    #[test]
    fn columns_without_a_header_at_the_end_are_none() {
        let header = header(&["id", "time", "cortisol\n nmol/l", "", " "], &[]).unwrap();
        assert_eq!(header.width(), 3);
        let column = header
            .columns()
            .find(|column| column.name == "concentration");
        assert_eq!(column.unwrap().header, "cortisol nmol/l");
    }

    #[test]
    fn what_is_needed_is_named() {
        assert!(
            header(&["time", "cortisol_nmol_l"], &[])
                .unwrap_err()
                .contains("no column is `participant`")
        );
        assert!(
            header(&["id", "cortisol_nmol_l"], &[])
                .unwrap_err()
                .contains("when a sample was taken")
        );
        let error = header(&["id", "time", "cortisol"], &[]).unwrap_err();
        assert!(
            ["nmol/L", "ug/dL", "ng/mL", "ug/L"]
                .iter()
                .all(|unit| error.contains(unit)),
            "{error}"
        );
    }
}
