//! What a cell would be as a header. Every row until the header is asked, so that a cell is folded once for all names.

use super::{Name, fold, is_varied};

/// The names that a text goes by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Meaning {
    canonical: Option<Name>,
    named: Names,
}

/// Some of the names, a bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Names(u32);

const _: () = assert!(Name::ALL.len() <= u32::BITS as usize);

impl Meaning {
    /// What a text names. Numbers, dates and blanks, of which most cells are, name nothing: no name begins with a digit.
    pub(crate) fn of(header: &str) -> Self {
        let first = header.chars().find(|character| !is_varied(*character));
        if first.is_none_or(|character| character.is_ascii_digit()) {
            return Self::default();
        }
        let folded = fold(header);
        let mut meaning = Self::default();
        for name in Name::ALL {
            if name.is_canonical(&folded) {
                meaning.canonical = Some(name);
                meaning.named.add(name);
            } else if name.is_alias(&folded) {
                meaning.named.add(name);
            }
        }
        meaning
    }

    /// What several texts name together.
    pub(crate) fn count(meanings: &[Self]) -> usize {
        let all = meanings.iter().fold(0, |all, of| all | of.named.0);
        all.count_ones() as usize
    }

    /// Whether it is this name, or one of its aliases.
    pub(crate) const fn is(self, name: Name) -> bool {
        self.named.0 & Names::bit(name) != 0
    }

    /// Whether it is this name itself.
    pub(crate) fn is_canonical(self, name: Name) -> bool {
        self.canonical == Some(name)
    }
}

impl Names {
    const fn bit(name: Name) -> u32 {
        1 << name as u32
    }

    const fn add(&mut self, name: Name) {
        self.0 |= Self::bit(name);
    }
}

#[cfg(test)]
mod tests {
    use super::{Meaning, Name};

    #[test]
    fn names_and_aliases_are_told_apart() {
        let meaning = Meaning::of("Collected-At");
        assert!(meaning.is_canonical(Name::CollectedAt) && meaning.is(Name::CollectedAt));
        let meaning = Meaning::of("Sampling time");
        assert!(!meaning.is_canonical(Name::CollectedAt) && meaning.is(Name::CollectedAt));
        assert!(Meaning::of("Cortisol (nmol/L)").is(Name::Concentration));
    }

    #[test]
    fn a_cell_of_a_row_names_nothing() {
        for cell in ["", " - ", "2026-03-01 07:05", "-3.5", "P001"] {
            assert_eq!(Meaning::of(cell), Meaning::default(), "{cell}");
        }
    }

    #[test]
    fn a_name_is_counted_once() {
        let meanings = ["id", "subject", "time", "remarks"].map(Meaning::of);
        assert_eq!(Meaning::count(&meanings), 2);
    }
}
