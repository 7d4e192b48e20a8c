//! The service `diel.v1.Access`.

use diel_proto::v1 as pb;
use diel_store::Grant;
use jiff::SignedDuration;
use tonic::{Request, Response, Status};

use super::issue::{self, IssueError, LONGEST_LIFE, USUAL_LIFE, Wanted};
use super::principal::check_name;
use super::{AccessMode, Caller};
use crate::code::check_text;
use crate::convert::access;
use crate::name;
use crate::page::Binding;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::violations::Violations;

/// The longest description of a token, in characters.
const DESCRIPTION_CHARACTERS: usize = 200;

#[tonic::async_trait]
impl pb::access_server::Access for Service {
    async fn who_am_i(
        &self,
        request: Request<pb::WhoAmIRequest>,
    ) -> Result<Response<pb::WhoAmIResponse>, Status> {
        let (caller, _) = Caller::take(request)?;
        let open_access = self.verifier.mode() == AccessMode::Open;
        let principal = if open_access {
            pb::Principal {
                name: name::of_principal(caller.name()),
                grants: access::grants_to_proto(caller.principal().grants()),
                create_time: None,
            }
        } else {
            let record = self.store.principal(caller.name()).await;
            access::principal_to_proto(&record.map_err(Refusal::from)?)
        };
        Ok(Response::new(pb::WhoAmIResponse {
            principal: Some(principal),
            open_access,
        }))
    }

    async fn create_token(
        &self,
        request: Request<pb::CreateTokenRequest>,
    ) -> Result<Response<pb::CreateTokenResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let call = self.plain_call(&caller, request.validate_only);
        let wanted = wanted(&request, call.now)?;
        let issued = issue::issue(&self.store, &wanted, &call).await;
        let (secret, bearer) = issued.map_err(|error| match error {
            IssueError::Store(error) => Refusal::from(error),
            IssueError::Randomness(_) => Refusal::Defect("the system gives no random bytes"),
        })?;
        self.verifier.forget();
        let secret = if request.validate_only {
            String::new()
        } else {
            secret.reveal().to_owned()
        };
        Ok(Response::new(pb::CreateTokenResponse {
            secret,
            token: Some(access::token_to_proto(&bearer.token)),
            principal: Some(access::principal_to_proto(&bearer.principal)),
        }))
    }

    async fn list_tokens(
        &self,
        request: Request<pb::ListTokensRequest>,
    ) -> Result<Response<pb::ListTokensResponse>, Status> {
        let (_, request) = Caller::take(request)?;
        let principal = if request.parent.is_empty() {
            None
        } else {
            Some(name::principal(&request.parent).map_err(Refusal::name("parent"))?)
        };
        let binding = Binding::plain("ListTokens", &request.parent);
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self
            .store
            .tokens(principal, &page)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(pb::ListTokensResponse {
            tokens: page.items.iter().map(access::token_to_proto).collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }

    async fn revoke_token(
        &self,
        request: Request<pb::RevokeTokenRequest>,
    ) -> Result<Response<pb::Token>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (principal, id) = name::token(&request.name).map_err(Refusal::name("name"))?;
        let call = self.plain_call(&caller, false);
        let revoked = self
            .store
            .revoke_token(principal, id, &call)
            .await
            .map_err(Refusal::from)?;
        self.verifier.forget();
        Ok(Response::new(access::token_to_proto(&revoked)))
    }

    async fn list_principals(
        &self,
        request: Request<pb::ListPrincipalsRequest>,
    ) -> Result<Response<pb::ListPrincipalsResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let study = if request.parent.is_empty() {
            caller.in_all_studies()?;
            None
        } else {
            let study = name::study(&request.parent).map_err(Refusal::name("parent"))?;
            caller.in_study(study)?;
            Some(study)
        };
        let binding = Binding::plain("ListPrincipals", &request.parent);
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self
            .store
            .principals(study, &page)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(pb::ListPrincipalsResponse {
            principals: page.items.iter().map(access::principal_to_proto).collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }

    async fn grant_role(
        &self,
        request: Request<pb::GrantRoleRequest>,
    ) -> Result<Response<pb::Principal>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (principal, grant) = change(&caller, &request.name, request.role, &request.study)?;
        let call = self.plain_call(&caller, false);
        let changed = self
            .store
            .grant_role(principal, grant, &call)
            .await
            .map_err(Refusal::from)?;
        self.verifier.forget();
        Ok(Response::new(access::principal_to_proto(&changed)))
    }

    async fn take_role(
        &self,
        request: Request<pb::TakeRoleRequest>,
    ) -> Result<Response<pb::Principal>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (principal, grant) = change(&caller, &request.name, request.role, &request.study)?;
        let call = self.plain_call(&caller, false);
        let changed = self
            .store
            .take_role(principal, grant, &call)
            .await
            .map_err(Refusal::from)?;
        self.verifier.forget();
        Ok(Response::new(access::principal_to_proto(&changed)))
    }
}

fn wanted(request: &pb::CreateTokenRequest, now: jiff::Timestamp) -> Result<Wanted, Refusal> {
    let mut violations = Violations::new();
    let principal = violations.take("parent", name::principal(&request.parent));
    if let Some(principal) = principal {
        violations.take("parent", check_name(principal));
    }
    violations.take(
        "description",
        check_text(&request.description, 0, DESCRIPTION_CHARACTERS),
    );
    let life = violations.take("lifetime_days", life(request.lifetime_days));
    let grants = access::grants_from_proto(&request.grants, &mut violations);
    violations.into_result()?;
    let missing = || Refusal::Defect("a token without violations and without content");
    Ok(Wanted {
        principal: principal.ok_or_else(missing)?.to_owned(),
        description: request.description.clone(),
        expires: issue::after(now, life.ok_or_else(missing)?),
        grants,
        only_first: false,
    })
}

fn life(days: i32) -> Result<SignedDuration, String> {
    if days == 0 {
        return Ok(USUAL_LIFE);
    }
    let life = SignedDuration::from_hours(24 * i64::from(days));
    if days < 0 || life > LONGEST_LIFE {
        return Err(format!(
            "{days} days are not 1 to {}",
            LONGEST_LIFE.as_hours() / 24
        ));
    }
    Ok(life)
}

/// What is to be granted or taken, once it is clear that the caller may.
fn change<'a>(
    caller: &Caller,
    principal: &'a str,
    role: i32,
    study: &str,
) -> Result<(&'a str, Grant), Refusal> {
    let study = access::place_from_proto(study).map_err(Refusal::name("study"))?;
    match &study {
        Some(study) => caller.in_study(study)?,
        None => caller.in_all_studies()?,
    }
    let mut violations = Violations::new();
    let principal = violations.take("name", name::principal(principal));
    let role = violations.take("role", access::role_from_proto(role));
    violations.into_result()?;
    let (Some(principal), Some(role)) = (principal, role) else {
        return Err(Refusal::Defect(
            "a grant without violations and without content",
        ));
    };
    Ok((principal, Grant { study, role }))
}
