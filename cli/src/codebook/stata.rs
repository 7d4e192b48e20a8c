//! A do-file for Stata 14 and later.

use std::fmt::Write as _;

use diel_core::Absence;
use diel_server::table::codebook::{Kind, Variable};

use super::{label, with_reasons};

/// The do-file that reads `data`.
pub(super) fn syntax(variables: &[Variable], data: &str) -> String {
    let mut text = String::from(
        "* Made by diel codebook. A flag is a reason to look again, never a statement about a person.\nversion 14\n",
    );
    let positions = |is: fn(Kind) -> bool| {
        let numbered = variables.iter().zip(1..);
        let chosen = numbered.filter(move |(variable, _)| is(variable.kind));
        chosen
            .map(|(_, position): (_, u32)| position.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let _ = writeln!(
        text,
        "import delimited using {}, varnames(1) case(preserve) encoding(\"utf-8\") delimiters(\",\") ///\n  bindquote(strict) maxquotedrows(unlimited) asdouble ///\n  stringcols({}) numericcols({}) clear",
        quoted(data),
        positions(|kind| matches!(kind, Kind::Text(_) | Kind::Date | Kind::Truth)),
        positions(|kind| matches!(kind, Kind::Count | Kind::Number)),
    );
    for variable in variables {
        let name = variable.name;
        if variable.kind == Kind::Date {
            let _ = writeln!(
                text,
                "generate double {name}_ = date({name}, \"YMD\")\nformat {name}_ %td\norder {name}_, after({name})\ndrop {name}\nrename {name}_ {name}"
            );
        }
        let _ = writeln!(text, "label variable {name} {}", quoted(&label(variable)));
    }
    reasons(&mut text, variables);
    text
}

/// Absent numbers become extended missing values, `.a` and on, labelled with their reason.
fn reasons(text: &mut String, variables: &[Variable]) {
    let numbers = with_reasons(variables);
    if numbers.is_empty() {
        return;
    }
    let coded = || ('a'..='z').zip(Absence::ALL);
    text.push_str("label define absence");
    for (letter, reason) in coded() {
        let _ = write!(text, " .{letter} {}", quoted(reason.code()));
    }
    let _ = writeln!(text, "\nforeach number of varlist {} {{", numbers.join(" "));
    for (letter, reason) in coded() {
        let _ = writeln!(
            text,
            "  replace `number' = .{letter} if strpos(\";\" + absences + \";\", \";`number':{};\") > 0",
            reason.code()
        );
    }
    text.push_str("  label values `number' absence\n}\n");
}

/// Compound quotes, within which a quote is a quote.
fn quoted(text: &str) -> String {
    format!("`\"{text}\"'")
}

#[cfg(test)]
mod tests {
    use diel_core::Absence;
    use diel_server::table::codebook::{PROFILES, RHYTHMS};

    use super::syntax;

    #[test]
    fn text_stays_text_and_numbers_are_doubles() {
        let text = syntax(RHYTHMS, "rhythms.csv");
        assert!(
            text.contains("using `\"rhythms.csv\"', varnames(1) case(preserve)"),
            "{text}"
        );
        assert!(text.contains("stringcols(1 12 13 19 20 21 23 24 25) numericcols(2 3 4 5 6 7 8 9 10 11 14 15 16 17 18 22) clear"));
        assert!(text.contains(
            "label variable slope_ln_per_h `\"Own least-squares slope, ln(nmol/L)/h\"'\n"
        ));
    }

    #[test]
    fn each_reason_of_an_absent_number_is_a_missing_value() {
        let text = syntax(PROFILES, "profiles.csv");
        assert!(text.contains(" .j `\"few_times\"'"), "{text}");
        assert!(text.contains("replace `number' = .j if strpos(\";\" + absences + \";\", \";`number':few_times;\") > 0\n"));
        assert!(
            Absence::ALL.len() <= 26,
            "Stata has 26 extended missing values"
        );
    }
}
