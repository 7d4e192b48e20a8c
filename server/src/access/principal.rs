//! Somebody who was let in, and what they are granted.

use std::sync::Arc;

use diel_store::{Grant, Role};

/// The longest name of a principal, in characters.
const NAME_CHARACTERS: usize = 64;
/// Whoever calls where no token is asked for.
const LOCAL: &str = "local";
/// Names in the audit trail that are nobody's: the service itself, callers without a name, the first token's maker.
const RESERVED: [&str; 4] = [LOCAL, "diel", "unknown", super::bootstrap::ACTOR];

/// A caller whose token is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principal {
    name: Arc<str>,
    grants: Vec<Grant>,
}

/// The studies that a principal is granted something in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Studies {
    /// All of them.
    All,
    /// These, by id, each once.
    Only(Vec<String>),
}

impl Principal {
    pub(crate) fn new(name: &str, grants: Vec<Grant>) -> Self {
        Self {
            name: name.into(),
            grants,
        }
    }

    /// Whoever calls where no token is asked for: may do everything.
    pub(crate) fn local() -> Self {
        let everything = Grant {
            study: None,
            role: Role::Admin,
        };
        Self::new(LOCAL, vec![everything])
    }

    /// The name, for the audit trail.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The name, shared.
    pub(super) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// What is granted.
    pub(crate) fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// Whether the principal has a role in a study. Who is admin has every role.
    pub(crate) fn may(&self, role: Role, study: &str) -> bool {
        self.has(role, |granted| {
            granted.is_none_or(|granted| granted == study)
        })
    }

    /// Whether the principal has a role in all studies.
    pub(crate) fn may_in_all(&self, role: Role) -> bool {
        self.has(role, |granted| granted.is_none())
    }

    /// Whether the principal has a role in any study.
    pub(crate) fn may_somewhere(&self, role: Role) -> bool {
        self.has(role, |_| true)
    }

    fn has(&self, role: Role, covers: impl Fn(Option<&str>) -> bool) -> bool {
        self.grants.iter().any(|grant| {
            (grant.role == role || grant.role == Role::Admin) && covers(grant.study.as_deref())
        })
    }

    /// The studies that the principal is granted something in.
    pub(crate) fn studies(&self) -> Studies {
        let mut only = Vec::new();
        for grant in &self.grants {
            match &grant.study {
                None => return Studies::All,
                Some(study) => only.push(study.clone()),
            }
        }
        only.sort();
        only.dedup();
        Studies::Only(only)
    }
}

/// Checks the name of a principal.
///
/// # Errors
/// The rule that the text breaks, in words.
pub(crate) fn check_name(text: &str) -> Result<(), String> {
    let is_part = |byte: u8| {
        byte.is_ascii_lowercase()
            || byte.is_ascii_digit()
            || matches!(byte, b'.' | b'-' | b'_' | b'@')
    };
    let begins = text
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if !begins || text.len() > NAME_CHARACTERS || !text.bytes().all(is_part) {
        return Err(format!(
            "{text:?} is not a principal: 1 to {NAME_CHARACTERS} of a-z, 0-9 and . - _ @, beginning with a letter or digit"
        ));
    }
    if RESERVED.contains(&text) {
        return Err(format!(
            "{text:?} is a name that the service uses in the audit trail; choose another"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(grants: &[(Role, Option<&str>)]) -> Principal {
        let grant = |(role, study): &(Role, Option<&str>)| Grant {
            study: study.map(str::to_owned),
            role: *role,
        };
        Principal::new("carol", grants.iter().map(grant).collect())
    }

    #[test]
    fn a_role_holds_where_it_is_granted_and_admin_is_every_role() {
        let carol = principal(&[(Role::Reviewer, Some("a")), (Role::Admin, Some("b"))]);
        assert!(carol.may(Role::Reviewer, "a") && !carol.may(Role::Researcher, "a"));
        assert!(Role::ALL.iter().all(|role| carol.may(*role, "b")));
        assert!(!Role::ALL.iter().any(|role| carol.may(*role, "c")));
        assert!(!carol.may_in_all(Role::Admin) && carol.may_somewhere(Role::Submitter));
        assert_eq!(carol.studies(), Studies::Only(vec!["a".into(), "b".into()]));
        let dan = principal(&[(Role::Submitter, None)]);
        assert!(dan.may(Role::Submitter, "anything") && dan.may_in_all(Role::Submitter));
        assert!(!dan.may_somewhere(Role::Admin));
        assert_eq!(dan.studies(), Studies::All);
    }

    #[test]
    fn names_that_could_be_taken_for_others_are_refused() {
        for good in ["carol", "lab-7", "c.diaz@example.org", "0_x"] {
            assert_eq!(check_name(good), Ok(()));
        }
        for bad in [
            "",
            "Carol",
            "-a",
            "a b",
            "a/b",
            "é",
            "local",
            "diel",
            "bootstrap",
            "unknown",
        ] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
        assert!(check_name(&"x".repeat(65)).is_err());
    }
}
