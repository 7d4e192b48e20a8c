//! How times are known, and what holds on a day, as tables write it.

use diel_core::{Condition, Conditions, TimeSource};

/// Reads how a time is known.
///
/// # Errors
/// The rule, in words.
pub(super) fn source(text: &str) -> Result<Option<TimeSource>, &'static str> {
    let folded: String = text
        .chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    match folded.as_str() {
        "" => Ok(None),
        "selfreport" | "self" | "diary" | "report" => Ok(Some(TimeSource::SelfReport)),
        "electronic" | "app" | "cap" | "barcode" | "alarm" => Ok(Some(TimeSource::Electronic)),
        "actigraphy" | "actigraph" | "polysomnography" => Ok(Some(TimeSource::Actigraphy)),
        _ => Err("is none of self-report, electronic and actigraphy"),
    }
}

/// Reads the codes of conditions, separated by `;`.
///
/// # Errors
/// The code that is none.
pub(super) fn conditions(text: &str) -> Result<Conditions, String> {
    let mut found = Conditions::default();
    for code in text
        .split(';')
        .map(str::trim)
        .filter(|code| !code.is_empty())
    {
        let condition = Condition::from_code(code)
            .ok_or_else(|| format!("`{code}` is no condition; `diel codes` lists them"))?;
        found.insert(condition);
    }
    Ok(found)
}
