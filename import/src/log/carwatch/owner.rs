//! Whose log it is: what the app was told, else what the file is called.

use std::collections::BTreeSet;

use super::entry::Entry;
use crate::log::LogOptions;
use crate::log::archive::LogFile;

/// A participant, and what should be said about how the code was found.
pub(super) struct Owner {
    pub(super) code: String,
    pub(super) remark: Option<String>,
}

/// Finds the participant.
///
/// # Errors
/// Nobody is named, or several are.
pub(super) fn participant(
    file: &LogFile,
    entries: &[Entry<'_>],
    options: &LogOptions,
) -> Result<Owner, String> {
    let told: BTreeSet<String> = entries
        .iter()
        .filter(|entry| matches!(entry.action, "participant_id_set" | "subject_id_set"))
        .filter_map(|entry| {
            entry
                .text("participant_id")
                .or_else(|| entry.text("subject_id"))
        })
        .collect();
    let named = of_file_name(&file.name);
    let mut told = told.into_iter();
    let of_app = match (told.next(), told.next()) {
        (first, None) => first,
        (Some(first), Some(second)) if options.participant.is_none() => {
            return Err(format!(
                "the app was told two codes, {first} and {second}; say with --participant whose log it is"
            ));
        }
        _ => None,
    };
    if let Some(code) = &options.participant {
        let other = of_app
            .or(named)
            .filter(|other| !other.eq_ignore_ascii_case(code));
        let remark = other.map(|other| {
            format!("the log says {other}; it is taken as {code}'s, as --participant says")
        });
        return Ok(Owner {
            code: code.clone(),
            remark,
        });
    }
    match (of_app, named) {
        (Some(told), Some(named)) if !told.eq_ignore_ascii_case(&named) => Err(format!(
            "the app was told {told} and the file is called after {named}; say with --participant whose log it is"
        )),
        (Some(code), _) => Ok(Owner { code, remark: None }),
        (None, Some(code)) => Ok(Owner {
            remark: Some(format!(
                "the participant is {code}, after the name of the file, in which the app writes small letters; \
                 --participant says otherwise"
            )),
            code,
        }),
        (None, None) => Err("nothing says whose log it is; give --participant CODE".to_owned()),
    }
}

/// `carwatch_{study}_{participant}_{YYYYMMDD}.csv`, the study only in later versions.
fn of_file_name(name: &str) -> Option<String> {
    let stem = name.get(..name.len().checked_sub(4)?)?.to_lowercase();
    let rest = stem.strip_prefix("carwatch_")?;
    let parts: Vec<&str> = rest.split('_').collect();
    let is_date = |part: &&str| part.len() == 8 && part.bytes().all(|byte| byte.is_ascii_digit());
    let content = match parts.as_slice() {
        [content @ .., last] if is_date(last) => content,
        all => all,
    };
    let participant = match content {
        [] => return None,
        [only] => (*only).to_owned(),
        [_, participant @ ..] => participant.join("_"),
    };
    // The original spelling, where the file name keeps it.
    let at = stem.rfind(&participant)?;
    let original = name.get(at..at + participant.len())?;
    (!participant.is_empty()).then(|| original.to_owned())
}

#[cfg(test)]
mod tests {
    use super::of_file_name;

    #[test]
    fn the_participant_stands_behind_the_study_and_before_the_date() {
        let of = |name| of_file_name(name).unwrap_or_default();
        assert_eq!(of("carwatch_sucar-tag2_vp01_20250515.csv"), "vp01");
        assert_eq!(of("carwatch_demo_VP01_20250515.csv"), "VP01");
        assert_eq!(of("carwatch_ab12c_20191205.csv"), "ab12c");
        assert_eq!(of("carwatch_pilot_vp_07_20250515.csv"), "vp_07");
        assert_eq!(of_file_name("log.csv"), None);
        assert_eq!(of_file_name("x"), None);
    }
}
