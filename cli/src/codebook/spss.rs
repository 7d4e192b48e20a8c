//! Syntax for SPSS and PSPP.

use std::fmt::Write as _;

use diel_core::Absence;
use diel_server::table::codebook::{Kind, Variable};

use super::{label, with_reasons};

/// The first of the numbers that stand for reasons, downwards: below every concentration, slope and area there can be.
const FIRST_REASON: i64 = -1_000_000_001;

/// The syntax that reads `data`.
pub(super) fn syntax(variables: &[Variable], data: &str) -> String {
    let mut text = String::from(
        "* Made by diel codebook. A flag is a reason to look again, never a statement about a person.\nSET DECIMAL=DOT.\n",
    );
    let _ = writeln!(
        text,
        "GET DATA /TYPE=TXT /FILE={} /ENCODING='UTF-8' /ARRANGEMENT=DELIMITED\n  /DELIMITERS=',' /QUALIFIER='\"' /FIRSTCASE=2 /VARIABLES=",
        quoted(data)
    );
    for variable in variables {
        let _ = writeln!(text, "  {} {}", variable.name, format(variable.kind));
    }
    text.push_str("  .\nVARIABLE LABELS\n");
    for variable in variables {
        let _ = writeln!(text, "  {} {}", variable.name, quoted(&label(variable)));
    }
    text.push_str("  .\n");
    reasons(&mut text, variables);
    text.push_str("EXECUTE.\n");
    text
}

/// Absent numbers take the number of their reason, which is a missing value with a label.
fn reasons(text: &mut String, variables: &[Variable]) {
    let numbers = with_reasons(variables);
    if numbers.is_empty() {
        return;
    }
    let coded = || (0..).map(|index| FIRST_REASON - index).zip(Absence::ALL);
    for name in &numbers {
        for (number, reason) in coded() {
            let _ = writeln!(
                text,
                "IF (INDEX(CONCAT(';', RTRIM(absences), ';'), ';{name}:{};') > 0) {name} = {number}.",
                reason.code()
            );
        }
    }
    let names = numbers.join(" ");
    let _ = writeln!(text, "MISSING VALUES {names} (LO THRU {FIRST_REASON}).");
    let _ = writeln!(text, "VALUE LABELS {names}");
    for (number, reason) in coded() {
        let _ = writeln!(text, "  {number} {}", quoted(reason.code()));
    }
    text.push_str("  .\n");
}

fn format(kind: Kind) -> String {
    match kind {
        Kind::Text(bytes) => format!("A{bytes}"),
        Kind::Truth => "A5".to_owned(),
        Kind::Date => "SDATE10".to_owned(),
        Kind::Count => "F8.0".to_owned(),
        Kind::Number => "F24.6".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use diel_server::table::codebook::{PROFILES, RHYTHMS};

    use super::syntax;

    #[test]
    fn quotes_are_doubled_and_units_are_said() {
        let text = syntax(RHYTHMS, "o'neil.csv");
        assert!(text.contains("/FILE='o''neil.csv'"), "{text}");
        assert!(text.contains("  slope_ln_per_h 'Own least-squares slope, ln(nmol/L)/h'\n"));
        assert!(!text.contains("MISSING VALUES"));
    }

    #[test]
    fn each_reason_of_an_absent_number_is_a_missing_value() {
        let text = syntax(PROFILES, "profiles.csv");
        assert!(
            text.contains("';mesor:few_times;') > 0) mesor = -1000000010."),
            "{text}"
        );
        assert!(text.contains("  -1000000010 'few_times'\n"));
    }
}
