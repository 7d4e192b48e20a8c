//! Principals, their tokens and their roles.

use crate::call::access;
use crate::connect::Client;
use crate::error::Error;
use crate::v1;

impl Client {
    /// Returns whom the service takes this client for, and what they are granted.
    ///
    /// # Errors
    /// A refusal with `TOKEN_MISSING`, `TOKEN_UNKNOWN`, `TOKEN_EXPIRED` or `TOKEN_REVOKED`.
    pub async fn who_am_i(&self) -> Result<v1::WhoAmIResponse, Error> {
        self.call(v1::WhoAmIRequest {}, |transport, request| async move {
            access(transport).who_am_i(request).await
        })
        .await
    }

    /// Makes a token, which is seen in this answer only. Never tried again: a repetition would make another.
    ///
    /// # Errors
    /// A refusal with `ROLE_MISSING` unless the caller is admin of all studies, with `INVALID_FIELD` when a field breaks
    /// a rule.
    pub async fn create_token(
        &self,
        request: v1::CreateTokenRequest,
    ) -> Result<v1::CreateTokenResponse, Error> {
        self.call_once(request, |transport, request| async move {
            access(transport).create_token(request).await
        })
        .await
    }

    /// Ends the token `principals/{principal}/tokens/{token}`; `-` for the principal stands for whoever has it.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn revoke_token(&self, name: impl Into<String>) -> Result<v1::Token, Error> {
        let request = v1::RevokeTokenRequest { name: name.into() };
        self.call(request, |transport, request| async move {
            access(transport).revoke_token(request).await
        })
        .await
    }

    /// Grants a role to a principal, in a study or in all of them.
    ///
    /// # Errors
    /// A refusal with `ROLE_MISSING` unless the caller is admin there, with `RESOURCE_NOT_FOUND`.
    pub async fn grant_role(&self, request: v1::GrantRoleRequest) -> Result<v1::Principal, Error> {
        self.call(request, |transport, request| async move {
            access(transport).grant_role(request).await
        })
        .await
    }

    /// Takes a role from a principal. Never tried again: a repetition would not find it.
    ///
    /// # Errors
    /// A refusal with `ROLE_MISSING` unless the caller is admin there, with `RESOURCE_NOT_FOUND` when the principal does
    /// not have the role.
    pub async fn take_role(&self, request: v1::TakeRoleRequest) -> Result<v1::Principal, Error> {
        self.call_once(request, |transport, request| async move {
            access(transport).take_role(request).await
        })
        .await
    }
}
