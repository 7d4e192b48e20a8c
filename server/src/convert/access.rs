//! Principals, their tokens and their roles.

use diel_proto::v1 as pb;
use diel_store::{Grant, PrincipalRecord, Role, Token};

use super::time::to_proto as time_to_proto;
use crate::name;
use crate::violations::Violations;

/// A role as a message.
pub(crate) const fn role_to_proto(role: Role) -> pb::Role {
    match role {
        Role::Submitter => pb::Role::Submitter,
        Role::Researcher => pb::Role::Researcher,
        Role::Reviewer => pb::Role::Reviewer,
        Role::Admin => pb::Role::Admin,
    }
}

/// Reads a role.
///
/// # Errors
/// The rule, in words.
pub(crate) fn role_from_proto(number: i32) -> Result<Role, String> {
    match pb::Role::try_from(number) {
        Ok(pb::Role::Submitter) => Ok(Role::Submitter),
        Ok(pb::Role::Researcher) => Ok(Role::Researcher),
        Ok(pb::Role::Reviewer) => Ok(Role::Reviewer),
        Ok(pb::Role::Admin) => Ok(Role::Admin),
        Ok(pb::Role::Unspecified) | Err(_) => Err(format!(
            "{number} is not a role: submitter, researcher, reviewer or admin"
        )),
    }
}

/// Reads the study of a grant; an empty text stands for all studies.
///
/// # Errors
/// The rule, in words.
pub(crate) fn place_from_proto(study: &str) -> Result<Option<String>, String> {
    if study.is_empty() {
        return Ok(None);
    }
    name::study(study).map(|id| Some(id.to_owned()))
}

/// Reads the grants of a new token.
pub(crate) fn grants_from_proto(messages: &[pb::Grant], violations: &mut Violations) -> Vec<Grant> {
    let mut grants = Vec::with_capacity(messages.len());
    for (index, message) in messages.iter().enumerate() {
        grants.extend(violations.in_row("grants", index, |violations| {
            let role = violations.take("role", role_from_proto(message.role));
            let study = violations.take("study", place_from_proto(&message.study));
            Some(Grant {
                role: role?,
                study: study?,
            })
        }));
    }
    grants
}

/// Grants as messages.
pub(crate) fn grants_to_proto(grants: &[Grant]) -> Vec<pb::Grant> {
    let message = |grant: &Grant| pb::Grant {
        role: role_to_proto(grant.role).into(),
        study: grant
            .study
            .as_deref()
            .map(name::of_study)
            .unwrap_or_default(),
    };
    grants.iter().map(message).collect()
}

/// A principal as a message.
pub(crate) fn principal_to_proto(record: &PrincipalRecord) -> pb::Principal {
    pb::Principal {
        name: name::of_principal(&record.name),
        grants: grants_to_proto(&record.grants),
        create_time: Some(time_to_proto(record.created)),
    }
}

/// A token as a message.
pub(crate) fn token_to_proto(token: &Token) -> pb::Token {
    pb::Token {
        name: name::of_token(&token.principal, &token.id),
        description: token.description.clone(),
        create_time: Some(time_to_proto(token.created)),
        expire_time: Some(time_to_proto(token.expires)),
        revoke_time: token.revoked.map(time_to_proto),
        last_use_time: token.used.map(time_to_proto),
    }
}
