//! What the header of a wide table's column says: what it holds, of which sample, on which day.

use diel_core::Unit;

use super::words::{
    ANALYTE, AWAKENING, BESIDE_AWAKENING, DATE, MINUTES, OTHER, SAMPLE, SPECIMEN, TIME,
};
use crate::column::fold;
use crate::unit::unit_in_header;

/// What a column holds of a sample, or of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A concentration, in this unit where the header says so.
    Concentration(Option<Unit>),
    CollectedAt,
    Date,
    AwakeningAt,
    Minutes,
    Specimen,
}

/// A header taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) kind: Kind,
    /// The label of the day, as the header has it: `D1`.
    pub(super) day: Option<String>,
    /// The label of the sample, as the header has it: `S1`.
    pub(super) label: Option<String>,
}

/// Takes a header apart; `None` where it speaks of no sample and no day.
pub(super) fn parse(header: &str) -> Option<Name> {
    let (mut words, unit) = without_unit(words(header));
    let is_other = |word: &String| OTHER.contains(&word.to_lowercase().as_str());
    if words.iter().any(is_other) {
        return None;
    }
    let day = take_day(&mut words);
    let mut has = |known: &[&str]| {
        let before = words.len();
        words.retain(|word| !known.contains(&word.to_lowercase().as_str()));
        words.len() < before
    };
    let kind = if has(&ANALYTE) {
        Kind::Concentration(unit)
    } else if has(&SPECIMEN) {
        Kind::Specimen
    } else if has(&MINUTES) {
        has(&TIME);
        Kind::Minutes
    } else if has(&TIME) {
        Kind::CollectedAt
    } else if has(&DATE) {
        Kind::Date
    } else if words.iter().any(|word| is_awakening(word)) {
        Kind::AwakeningAt
    } else {
        return None;
    };
    let is_awakening_alone = words.iter().any(|word| is_awakening(word))
        && words.iter().all(|word| {
            is_awakening(word) || BESIDE_AWAKENING.contains(&word.to_lowercase().as_str())
        });
    match kind {
        Kind::AwakeningAt if !is_awakening_alone => None,
        Kind::AwakeningAt => Some(Name {
            kind,
            day,
            label: None,
        }),
        _ => Some(Name {
            kind,
            day,
            label: label(words),
        }),
    }
}

impl Name {
    /// The day without its case, by which columns join.
    pub(super) fn folded_day(&self) -> Option<String> {
        self.day.as_deref().map(str::to_lowercase)
    }

    /// The label without its case, by which columns join.
    pub(super) fn folded_label(&self) -> Option<String> {
        self.label.as_deref().map(str::to_lowercase)
    }

    /// A time labelled with the awakening alone: that of the awakening, unless a sample is labelled so.
    pub(super) fn or_awakening(mut self, labels: &[Option<String>]) -> Self {
        let is_awakening = self.kind == Kind::CollectedAt
            && !labels.contains(&self.label)
            && self
                .label
                .as_deref()
                .is_some_and(|label| label.split('_').all(is_beside_awakening))
            && self
                .label
                .as_deref()
                .is_some_and(|label| label.split('_').any(is_awakening));
        if is_awakening {
            self.kind = Kind::AwakeningAt;
            self.label = None;
        }
        self
    }
}

/// The label of a column that has nothing but it in its header, such as `S1`, `0`, `Sample 2`.
pub(super) fn bare_label(header: &str) -> Option<Name> {
    let mut words = words(header);
    let day = take_day(&mut words);
    let label = label(words)?;
    let letters = label.chars().take_while(char::is_ascii_alphabetic).count();
    let digits = label.chars().skip(letters).count();
    let is_sample = letters <= 2
        && (1..=2).contains(&digits)
        && label
            .chars()
            .skip(letters)
            .all(|character| character.is_ascii_digit());
    is_sample.then_some(Name {
        kind: Kind::Concentration(None),
        day,
        label: Some(label),
    })
}

fn is_awakening(word: &str) -> bool {
    AWAKENING.contains(&word.to_lowercase().as_str())
}

fn is_beside_awakening(word: &str) -> bool {
    is_awakening(word) || BESIDE_AWAKENING.contains(&word.to_lowercase().as_str())
}

/// The words of a header. Digits behind a word for the analyte, a time or a day are a word of their own: `cort1`.
fn words(header: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in header.split(|character: char| !character.is_alphanumeric()) {
        let letters = word.trim_end_matches(|character: char| character.is_ascii_digit());
        let known = [ANALYTE.as_slice(), &TIME, &DATE, &MINUTES, &SPECIMEN]
            .iter()
            .any(|known| known.contains(&letters.to_lowercase().as_str()));
        if known && letters.len() < word.len() {
            let (word, digits) = word.split_at(letters.len());
            words.push(word.to_owned());
            words.push(digits.to_owned());
        } else if !word.is_empty() {
            words.push(word.to_owned());
        }
    }
    words
}

/// Takes the words out that together name a unit.
fn without_unit(mut words: Vec<String>) -> (Vec<String>, Option<Unit>) {
    let mut first = None;
    while let (rest, Some(unit)) = without_one_unit(&words) {
        first = first.or(Some(unit));
        words = rest;
    }
    (words, first)
}

fn without_one_unit(words: &[String]) -> (Vec<String>, Option<Unit>) {
    for length in [3, 2, 1] {
        for (at, some) in words.windows(length).enumerate() {
            let text = fold(&some.join(""));
            let is_unit = text.len() <= "nmolperl".len()
                && ["n", "u", "\u{b5}", "\u{3bc}"]
                    .iter()
                    .any(|first| text.starts_with(first));
            if let Some(unit) = unit_in_header(&text).filter(|_| is_unit) {
                let behind = words.get(at + length..).unwrap_or_default();
                let before = words.get(..at).unwrap_or_default();
                return ([before, behind].concat(), Some(unit));
            }
        }
    }
    (words.to_vec(), None)
}

/// Takes out the word that names a day: `D1`, `day2`, `Day 2`, `Tag3`.
fn take_day(words: &mut Vec<String>) -> Option<String> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    for at in 0..words.len() {
        let word = words.get(at)?;
        let lower = word.to_lowercase();
        let behind = ["day", "tag", "d"]
            .iter()
            .find_map(|day| lower.strip_prefix(day));
        let next_is_number = words.get(at + 1).is_some_and(|next| is_digits(next));
        match behind {
            Some(number) if is_digits(number) => return Some(words.remove(at)),
            Some("") if lower != "d" && next_is_number => {
                let day = words.remove(at);
                return Some(format!("{day}{}", words.remove(at)));
            }
            _ => {}
        }
    }
    None
}

/// What is left of a header names the sample. A word that only says so is left out where another follows.
fn label(mut words: Vec<String>) -> Option<String> {
    let is_sample = |word: &String| SAMPLE.contains(&word.to_lowercase().as_str());
    if words.iter().any(|word| !is_sample(word)) {
        words.retain(|word| !is_sample(word));
    }
    (!words.is_empty()).then(|| words.join("_"))
}

#[cfg(test)]
mod tests {
    use diel_core::Unit;

    use super::{Kind, bare_label, parse};

    fn parts(header: &str) -> Option<(Kind, String, String)> {
        let name = parse(header)?;
        Some((
            name.kind,
            name.day.unwrap_or_default(),
            name.label.unwrap_or_default(),
        ))
    }

    #[test]
    fn a_header_says_what_of_which_sample_on_which_day() {
        let nmol = Kind::Concentration(Some(Unit::NmolPerL));
        let plain = Kind::Concentration(None);
        for (header, kind, day, label) in [
            ("cort_s1", plain, "", "s1"),
            ("S1_cortisol", plain, "", "S1"),
            ("cort1", plain, "", "1"),
            ("cort_d2_s3", plain, "d2", "s3"),
            ("cortisol_nmol_l_s1", nmol, "", "s1"),
            ("Cortisol S10 (nmol/L)", nmol, "", "S10"),
            (
                "cort_s2_\u{b5}g/dL",
                Kind::Concentration(Some(Unit::UgPerDl)),
                "",
                "s2",
            ),
            ("Day 2 sample 3 cortisol", plain, "Day2", "3"),
            ("time_s1", Kind::CollectedAt, "", "s1"),
            ("S1_time", Kind::CollectedAt, "", "S1"),
            ("sampling_time_D1_B1", Kind::CollectedAt, "D1", "B1"),
            ("sample_barcode_D1_B1", Kind::Specimen, "D1", "B1"),
            (
                "awakening_time_D1_app",
                Kind::CollectedAt,
                "D1",
                "awakening_app",
            ),
            ("date_D1", Kind::Date, "D1", ""),
            ("wake_d2", Kind::AwakeningAt, "d2", ""),
            ("min_s1", Kind::Minutes, "", "s1"),
        ] {
            assert_eq!(
                parts(header),
                Some((kind, day.to_owned(), label.to_owned())),
                "{header}"
            );
        }
        for header in [
            "subject",
            "awakening_type_D1",
            "sample_scanned_D1_B1",
            "sample_mismatches_D1",
            "age_years",
            "cortisone_s1",
            "cort_cv_s1",
            "cort_auc_g",
            "bmi",
            "",
        ] {
            assert_eq!(parts(header), None, "{header}");
        }
    }

    #[test]
    fn a_time_of_the_awakening_is_no_sample_s_unless_one_is_labelled_so() {
        let name = || parse("awakening_time_D1_app").map(|name| name.or_awakening(&[]));
        assert_eq!(name().map(|name| name.kind), Some(Kind::AwakeningAt));
        let labels = [Some("wake".to_owned())];
        let name = parse("time_wake").map(|name| name.or_awakening(&labels));
        assert_eq!(name.map(|name| name.kind), Some(Kind::CollectedAt));
    }

    #[test]
    fn a_bare_label_is_short() {
        for header in ["S1", "0", "10", "Sample 2", "B12", "D1 S2"] {
            assert!(bare_label(header).is_some(), "{header}");
        }
        for header in ["subject", "condition", "age", "cv", "1000", "nmol1", "D1"] {
            assert!(bare_label(header).is_none(), "{header}");
        }
    }
}
