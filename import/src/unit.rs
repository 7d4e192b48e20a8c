//! Units in headers: `cortisol_nmol_l`, `Cortisol (µg/dL)`.

use diel_core::Unit;

use super::column::fold;

/// Units at the end of a concentration's header, folded.
const UNIT_ENDINGS: [(&str, Unit); 8] = [
    ("nmoll", Unit::NmolPerL),
    ("nmolperl", Unit::NmolPerL),
    ("ugdl", Unit::UgPerDl),
    ("ugperdl", Unit::UgPerDl),
    ("ngml", Unit::NgPerMl),
    ("ngperml", Unit::NgPerMl),
    ("ugl", Unit::UgPerL),
    ("ugperl", Unit::UgPerL),
];

/// What a concentration's header begins with, folded.
const CONCENTRATIONS: [&str; 12] = [
    "cortisol",
    "cortisolconcentration",
    "cortisolresult",
    "salivarycortisol",
    "salivacortisol",
    "cort",
    "concentration",
    "conc",
    "value",
    "result",
    "kortisol",
    "konzentration",
];

/// Whether a folded header is that of a concentration with its unit behind, such as `cortisolnmoll`.
pub(super) fn is_concentration_with_unit(folded: &str) -> bool {
    let plain = plain(folded);
    CONCENTRATIONS.into_iter().any(|start| {
        let rest = plain.strip_prefix(start);
        rest.is_some_and(|rest| UNIT_ENDINGS.iter().any(|(ending, _)| rest == *ending))
    })
}

/// The unit at the end of a header: `cortisol_nmol_l`, `cortisol (ug/dL)`.
pub(super) fn unit_in_header(header: &str) -> Option<Unit> {
    let plain = plain(&fold(header));
    UNIT_ENDINGS
        .iter()
        .find(|(ending, _)| plain.ends_with(ending))
        .map(|(_, unit)| *unit)
}

/// The header of concentrations that says their unit, where there is one to say.
pub(super) const fn concentration_header(unit: Option<Unit>) -> &'static str {
    match unit {
        Some(Unit::NmolPerL) => "cortisol_nmol_l",
        Some(Unit::UgPerDl) => "cortisol_ug_dl",
        Some(Unit::NgPerMl) => "cortisol_ng_ml",
        Some(Unit::UgPerL) => "cortisol_ug_l",
        None => "cortisol",
    }
}

fn plain(folded: &str) -> String {
    let letters = folded
        .chars()
        .filter(|character| !matches!(character, '(' | ')' | '[' | ']' | '/' | '.' | ',' | ':'));
    letters
        .map(|character| {
            if matches!(character, '\u{b5}' | '\u{3bc}') {
                'u'
            } else {
                character
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use diel_core::Unit;

    use super::{is_concentration_with_unit, unit_in_header};
    use crate::column::fold;

    #[test]
    fn every_unit_is_known_in_a_header() {
        for (text, unit) in [
            ("cortisol_nmol_l", Unit::NmolPerL),
            ("cortisol_ug_dl", Unit::UgPerDl),
            ("cortisol_ng_mL", Unit::NgPerMl),
            ("Cortisol [\u{b5}g/L]", Unit::UgPerL),
            ("Kortisol, nmol/l", Unit::NmolPerL),
            ("Cort nmol/L", Unit::NmolPerL),
            ("Result (ug/dL)", Unit::UgPerDl),
            ("Salivary cortisol: ng/ml", Unit::NgPerMl),
            ("concentration nmol per L", Unit::NmolPerL),
        ] {
            assert_eq!(unit_in_header(text), Some(unit), "{text}");
            assert!(is_concentration_with_unit(&fold(text)), "{text}");
        }
    }

    #[test]
    fn other_headers_state_none() {
        for text in ["cortisol", "cortisol_mg_dl", "value_raw"] {
            assert_eq!(unit_in_header(text), None, "{text}");
            assert!(!is_concentration_with_unit(&fold(text)), "{text}");
        }
    }
}
