//! What a name that a plate reader gives to wells says they are for.

use diel_core::plate::{Dilution, Nominal, WellRole};

/// What wells of a kind are for, by the first letters of the names that the programs give.
const STANDARDS: [&str; 4] = ["std", "standard", "cal", "calibrator"];
const BLANKS: [&str; 4] = ["blk", "blank", "nsb", "substrateblank"];
const CONTROLS: [&str; 9] = [
    "ctl", "ctrl", "control", "qc", "pc", "nc", "pos", "neg", "ctrlpos",
];
/// Names that programs number through: places on the plate, no tubes.
const NUMBERED: [&str; 8] = [
    "spl", "sample", "un", "unk", "unknown", "unknowns", "x", "s",
];

/// What a well is for. A standard has a nominal concentration, else it is none that can be used.
pub(super) fn role(name: &str, nominal: Option<f64>, dilution: Dilution) -> Option<WellRole> {
    let word = word(name);
    if name.trim().is_empty() {
        return Some(WellRole::Empty);
    }
    if STANDARDS.contains(&word.as_str()) {
        let nominal = nominal.and_then(|nominal| Nominal::new(nominal).ok())?;
        return Some(WellRole::Standard { nominal });
    }
    if BLANKS.contains(&word.as_str()) {
        return Some(WellRole::Blank);
    }
    if CONTROLS.contains(&word.as_str()) {
        return Some(WellRole::Control {
            name: name.to_owned(),
        });
    }
    Some(WellRole::Sample {
        id: name.to_owned(),
        dilution,
    })
}

/// Whether a name only numbers samples through, as programs do by themselves: `SPL3:1`, `Un07`, `12`.
pub(super) fn is_numbered(name: &str) -> bool {
    let is_number = name
        .trim_start_matches(|character: char| character.is_ascii_alphabetic())
        .trim()
        .chars()
        .all(|character| character.is_ascii_digit() || matches!(character, ':' | '_' | '-' | '.'));
    let word = word(name);
    is_number && (word.is_empty() || NUMBERED.contains(&word.as_str()))
}

/// The letters that a name begins with, in lower case.
fn word(name: &str) -> String {
    name.trim()
        .chars()
        .take_while(|character| character.is_ascii_alphabetic())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Gen5 prints the part of the sample in the well, 0.25 for one in four; others the factor, 4.
pub(super) fn dilution_of_part(number: Option<f64>) -> Dilution {
    let factor = match number {
        Some(part) if part > 0.0 && part < 1.0 => 1.0 / part,
        Some(factor) => factor,
        None => 1.0,
    };
    Dilution::new(factor).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use diel_core::plate::{Dilution, WellRole};

    use super::{dilution_of_part, is_numbered, role};

    #[test]
    fn a_name_says_what_a_well_is_for() {
        let of = |name| role(name, Some(10.0), Dilution::default());
        assert!(matches!(of("STD3"), Some(WellRole::Standard { .. })));
        assert_eq!(role("STD3", None, Dilution::default()), None);
        assert_eq!(of("BLK"), Some(WellRole::Blank));
        assert!(matches!(of("CTL1"), Some(WellRole::Control { .. })));
        assert!(matches!(of("Vp01 S1"), Some(WellRole::Sample { .. })));
        assert_eq!(of(""), Some(WellRole::Empty));
        assert_eq!(dilution_of_part(Some(0.25)).factor(), 4.0);
        assert_eq!(dilution_of_part(Some(4.0)).factor(), 4.0);
    }

    #[test]
    fn programs_number_samples_through() {
        for name in ["SPL3:1", "Un07", "12", "Sample 3", "Unk_1"] {
            assert!(is_numbered(name), "{name}");
        }
        for name in ["Vp01 S1", "0010101A", "KL-33"] {
            assert!(!is_numbered(name), "{name}");
        }
    }
}
