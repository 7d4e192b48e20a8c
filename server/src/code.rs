//! Codes that people choose: participants, specimens, studies, and the short texts beside them.

/// The longest participant or specimen code, in characters.
const CODE_CHARACTERS: usize = 64;

/// The longest study id, in characters: what fits a DNS label.
const STUDY_ID_CHARACTERS: usize = 63;

/// Checks a participant's or specimen's code.
///
/// # Errors
/// The rule that the text breaks, in words.
pub(crate) fn check_code(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("is empty; a code of 1 to 64 characters is required".to_owned());
    }
    if text.chars().nth(CODE_CHARACTERS).is_some() {
        return Err(format!(
            "{:?}... has {} characters; at most {CODE_CHARACTERS} are allowed",
            text.chars().take(12).collect::<String>(),
            text.chars().count()
        ));
    }
    if let Some(bad) = text.chars().find(|c| c.is_control() || *c == '/') {
        return Err(format!(
            "{text:?} contains {bad:?}; control characters and / are not allowed"
        ));
    }
    if text.trim() != text {
        return Err(format!("{text:?} begins or ends with a blank"));
    }
    Ok(())
}

/// Checks a study's id: 1 to 63 of a-z, 0-9 and -, beginning with a letter.
///
/// # Errors
/// The rule that the text breaks, in words.
pub(crate) fn check_study_id(text: &str) -> Result<(), String> {
    let letters = text
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let begins = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    if letters && begins && text.len() <= STUDY_ID_CHARACTERS {
        Ok(())
    } else {
        Err(format!(
            "{text:?} is not an id: 1 to {STUDY_ID_CHARACTERS} of a-z, 0-9 and -, beginning with a letter"
        ))
    }
}

/// Checks a text for people: `least` to `most` characters, none of them a control character.
///
/// # Errors
/// The rule that the text breaks, in words.
pub(crate) fn check_text(text: &str, least: usize, most: usize) -> Result<(), String> {
    let count = text.chars().count();
    if count < least {
        return Err(format!(
            "is empty; {least} to {most} characters are required"
        ));
    }
    if count > most {
        return Err(format!(
            "has {count} characters; at most {most} are allowed"
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(format!("{text:?} contains a control character"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_what_laboratories_write_on_tubes() {
        for good in ["Vp01 T1 S1", "P000123", "é-7", "429", "a:b+c#d"] {
            assert_eq!(check_code(good), Ok(()), "{good}");
        }
        for bad in ["", " a", "a ", "a/b", "a\nb", &"x".repeat(65)] {
            assert!(check_code(bad).is_err(), "{bad:?}");
        }
        assert!(
            check_code(&"é".repeat(64)).is_ok(),
            "characters count, not bytes"
        );
    }

    #[test]
    fn study_ids_are_dns_labels() {
        for good in ["pilot", "a", "study-2"] {
            assert_eq!(check_study_id(good), Ok(()), "{good}");
        }
        for bad in ["", "Pilot", "2nd", "-a", "a_b", &"x".repeat(64)] {
            assert!(check_study_id(bad).is_err(), "{bad:?}");
        }
    }
}
