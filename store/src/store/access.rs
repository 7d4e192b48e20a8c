//! Principals, tokens, roles, and the calls that were refused.

use jiff::Timestamp;

use super::{Store, read, write};
use crate::{
    Bearer, Call, Grant, NewToken, Page, PageRequest, PrincipalRecord, RefusedCalls, StoreError,
    Token,
};

impl Store {
    /// Who bears the token of this hash, whether the token is still good or not; `None` for an unknown one.
    ///
    /// # Errors
    /// Those of the engine only.
    pub async fn bearer(&self, hash: &[u8; 32]) -> Result<Option<Bearer>, StoreError> {
        read!(self, tokens::bearer(hash))
    }

    /// The id of a token that is good for an admin of all studies; without one nobody can let others in.
    ///
    /// # Errors
    /// Those of the engine only.
    pub async fn admin_token(&self, now: Timestamp) -> Result<Option<String>, StoreError> {
        read!(self, tokens::of_admin(now))
    }

    /// Keeps a token, makes its principal unless there is one, and grants it what goes with the token.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] for the id, or, with `only_first`, when an admin of all studies has a usable
    /// token; [`StoreError::NotFound`] for a study of a grant.
    pub async fn create_token(&self, new: NewToken, call: &Call) -> Result<Bearer, StoreError> {
        write!(
            self,
            tokens::CreateToken {
                new,
                call: call.clone()
            }
        )
    }

    /// Tokens by principal and id, ended ones too.
    ///
    /// # Errors
    /// Those of the engine only.
    pub async fn tokens(
        &self,
        principal: Option<&str>,
        page: &PageRequest<(String, String)>,
    ) -> Result<Page<Token, (String, String)>, StoreError> {
        read!(self, tokens::list(principal, page))
    }

    /// Ends a token, whose principal may be named. One that was revoked before stays as it is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn revoke_token(
        &self,
        principal: Option<&str>,
        id: &str,
        call: &Call,
    ) -> Result<Token, StoreError> {
        write!(
            self,
            tokens::RevokeToken {
                principal: principal.map(str::to_owned),
                id: id.to_owned(),
                call: call.clone()
            }
        )
    }

    /// Notes when a token was last used.
    ///
    /// # Errors
    /// Those of the engine only.
    pub async fn note_token_use(&self, id: &str, at: Timestamp) -> Result<(), StoreError> {
        write!(
            self,
            tokens::NoteUse {
                id: id.to_owned(),
                at,
                call: by_diel(at)
            }
        )
    }

    /// A principal with its grants.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn principal(&self, name: &str) -> Result<PrincipalRecord, StoreError> {
        read!(self, principals::read(name))
    }

    /// Principals by name; of one study those that are granted something in it by its name.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn principals(
        &self,
        study: Option<&str>,
        page: &PageRequest<String>,
    ) -> Result<Page<PrincipalRecord, String>, StoreError> {
        read!(self, principals::list(study, page))
    }

    /// Grants a role to a principal; one that it has stays.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the principal or the study.
    pub async fn grant_role(
        &self,
        principal: &str,
        grant: Grant,
        call: &Call,
    ) -> Result<PrincipalRecord, StoreError> {
        self.change_grant(principal, grant, true, call).await
    }

    /// Takes a role from a principal.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the principal, the study, or a role that it does not have.
    pub async fn take_role(
        &self,
        principal: &str,
        grant: Grant,
        call: &Call,
    ) -> Result<PrincipalRecord, StoreError> {
        self.change_grant(principal, grant, false, call).await
    }

    async fn change_grant(
        &self,
        principal: &str,
        grant: Grant,
        is_granted: bool,
        call: &Call,
    ) -> Result<PrincipalRecord, StoreError> {
        write!(
            self,
            principals::ChangeGrant {
                principal: principal.to_owned(),
                grant: grant.clone(),
                is_granted,
                call: call.clone(),
            }
        )
    }

    /// Writes lines about refused calls into the audit trail that belongs to no study, all of them or none.
    ///
    /// # Errors
    /// Those of the engine only.
    pub async fn note_refused_calls(
        &self,
        refused: Vec<RefusedCalls>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        write!(
            self,
            refused_calls::NoteRefused {
                refused,
                call: by_diel(now)
            }
        )
    }
}

fn by_diel(now: Timestamp) -> Call {
    super::studies::by_worker("diel", now)
}
