//! Resource names: `studies/{study}/participants/{participant}` and the rest, read and written.

use jiff::civil::Date;

use crate::code::{check_code, check_study_id};

/// Reads a name against a pattern whose `*` stand for ids.
///
/// # Errors
/// The pattern the name should have, in words.
fn ids<'a, const N: usize>(name: &'a str, pattern: &str) -> Result<[&'a str; N], String> {
    let refuse = || {
        format!(
            "{name:?} is not a name of the form {}",
            pattern.replace('*', "{id}")
        )
    };
    let mut found = [""; N];
    let mut slots = found.iter_mut();
    let mut parts = name.split('/');
    for expected in pattern.split('/') {
        let part = parts.next().ok_or_else(refuse)?;
        if expected == "*" {
            if part.is_empty() {
                return Err(refuse());
            }
            *slots.next().ok_or_else(refuse)? = part;
        } else if part != expected {
            return Err(refuse());
        }
    }
    if parts.next().is_some() {
        return Err(refuse());
    }
    Ok(found)
}

/// The id in `studies/{study}`.
pub(crate) fn study(name: &str) -> Result<&str, String> {
    let [study] = ids(name, "studies/*")?;
    check_study_id(study)?;
    Ok(study)
}

/// The ids in `studies/{study}/{collection}/{id}`.
pub(crate) fn child<'a>(name: &'a str, collection: &str) -> Result<(&'a str, &'a str), String> {
    let [study, id] = ids(name, &format!("studies/*/{collection}/*"))?;
    check_study_id(study)?;
    check_code(id)?;
    Ok((study, id))
}

/// The ids in `studies/{study}/participants/{participant}/profiles/{date}`.
pub(crate) fn profile(name: &str) -> Result<(&str, &str, Date), String> {
    let [study, participant, date] = ids(name, "studies/*/participants/*/profiles/*")?;
    check_study_id(study)?;
    check_code(participant)?;
    let date = date
        .parse()
        .map_err(|_| format!("{date:?} in {name:?} is not a date of the form YYYY-MM-DD"))?;
    Ok((study, participant, date))
}

/// The ids in `studies/{study}/participants/{participant}/rhythm`.
pub(crate) fn rhythm(name: &str) -> Result<(&str, &str), String> {
    let [study, participant] = ids(name, "studies/*/participants/*/rhythm")?;
    check_study_id(study)?;
    check_code(participant)?;
    Ok((study, participant))
}

/// The study and, where the name goes so far, the specimen of `studies/{study}[/specimens/{specimen}]`.
pub(crate) fn study_or_specimen(name: &str) -> Result<(&str, Option<&str>), String> {
    if name.contains("/specimens/") {
        child(name, "specimens").map(|(study, specimen)| (study, Some(specimen)))
    } else {
        study(name).map(|study| (study, None))
    }
}

/// The id in `principals/{principal}`.
pub(crate) fn principal(name: &str) -> Result<&str, String> {
    let [principal] = ids(name, "principals/*")?;
    check_code(principal)?;
    Ok(principal)
}

/// The ids in `principals/{principal}/tokens/{token}`; `-` for the principal, which is none's, stands for any.
pub(crate) fn token(name: &str) -> Result<(Option<&str>, &str), String> {
    let [principal, token] = ids(name, "principals/*/tokens/*")?;
    check_code(principal)?;
    check_code(token)?;
    Ok(((principal != "-").then_some(principal), token))
}

/// `studies/{study}`.
pub(crate) fn of_study(study: &str) -> String {
    format!("studies/{study}")
}

/// `studies/{study}/{collection}/{id}`.
pub(crate) fn of_child(study: &str, collection: &str, id: impl std::fmt::Display) -> String {
    format!("studies/{study}/{collection}/{id}")
}

/// `studies/{study}/participants/{participant}/profiles/{date}`.
pub(crate) fn of_profile(study: &str, participant: &str, date: Date) -> String {
    format!("studies/{study}/participants/{participant}/profiles/{date}")
}

/// `studies/{study}/participants/{participant}/rhythm`.
pub(crate) fn of_rhythm(study: &str, participant: &str) -> String {
    format!("studies/{study}/participants/{participant}/rhythm")
}

/// `principals/{principal}`.
pub(crate) fn of_principal(principal: &str) -> String {
    format!("principals/{principal}")
}

/// `principals/{principal}/tokens/{token}`.
pub(crate) fn of_token(principal: &str, token: &str) -> String {
    format!("principals/{principal}/tokens/{token}")
}

/// `references/{reference}` of a built-in one; one of a study has a whole name.
pub(crate) fn of_reference(reference: &str) -> String {
    if reference.starts_with("studies/") {
        reference.to_owned()
    } else {
        format!("references/{reference}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        assert_eq!(study("studies/pilot"), Ok("pilot"));
        assert_eq!(
            child("studies/pilot/participants/Vp01 T1", "participants"),
            Ok(("pilot", "Vp01 T1"))
        );
        let date = jiff::civil::date(2026, 3, 29);
        assert_eq!(
            profile(&of_profile("pilot", "P1", date)),
            Ok(("pilot", "P1", date))
        );
        assert_eq!(study_or_specimen("studies/pilot"), Ok(("pilot", None)));
        assert_eq!(
            study_or_specimen("studies/pilot/specimens/S1"),
            Ok(("pilot", Some("S1")))
        );
    }

    #[test]
    fn a_token_is_named_with_its_principal_or_without() {
        let named = of_token("carol", "ab12cd34ef");
        assert_eq!(token(&named), Ok((Some("carol"), "ab12cd34ef")));
        assert_eq!(token("principals/-/tokens/ab"), Ok((None, "ab")));
        assert!(token("principals/carol").is_err());
        assert_eq!(principal(&of_principal("carol")), Ok("carol"));
    }

    #[test]
    fn other_forms_are_refused() {
        for bad in [
            "",
            "studies",
            "studies/",
            "studies/Pilot",
            "studies/pilot/x",
            "/studies/pilot",
        ] {
            assert!(study(bad).is_err(), "{bad:?}");
        }
        assert!(profile("studies/pilot/participants/P1/profiles/2026-02-30").is_err());
        assert!(child("studies/pilot/flags/", "flags").is_err());
    }
}
