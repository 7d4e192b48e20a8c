//! Codes of tubes and participants as the service takes them.

/// The longest code or label, in characters.
const LONGEST_CODE: usize = 64;

/// Checks a code that becomes part of a resource's name.
///
/// # Errors
/// The rule that it breaks.
pub(super) fn check_code(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("is empty");
    }
    check_label(text)?;
    if text.contains('/') {
        return Err("has a `/` in it, which codes must not have");
    }
    Ok(())
}

/// Checks a label.
///
/// # Errors
/// The rule that it breaks.
pub(super) fn check_label(text: &str) -> Result<(), &'static str> {
    if text.chars().count() > LONGEST_CODE {
        return Err("is longer than 64 characters");
    }
    if text.chars().any(char::is_control) {
        return Err("has a control character in it");
    }
    Ok(())
}
