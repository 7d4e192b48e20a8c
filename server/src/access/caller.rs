//! Who makes a call, as its handler knows them.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diel_store::Role;
use tonic::Request;

use super::AccessMode;
use super::denial::{Place, RoleMissing};
use super::methods::{self, Method, Scope};
use super::principal::Principal;
use super::quota::Account;
use super::secret::Secret;
use super::stay::Stay;
use super::verifier::Verifier;
use crate::refusal::Refusal;

/// A principal at one method. The gate puts it into the request; the handler takes it out and asks it about the study.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(super) principal: Arc<Principal>,
    pub(super) method: &'static Method,
    pub(super) verifier: Verifier,
    pub(super) token: Option<Secret>,
    pub(super) address: Option<IpAddr>,
    /// Whether the handler has asked: the gate holds back the answer of one that has not.
    pub(super) asked: Arc<AtomicBool>,
}

impl Caller {
    /// Takes the caller out of a request.
    ///
    /// # Errors
    /// [`Refusal::Defect`] when the request did not come through the gate.
    pub(crate) fn take<T>(mut request: Request<T>) -> Result<(Self, T), Refusal> {
        let caller = request.extensions_mut().remove::<Self>();
        let caller = caller.ok_or(Refusal::Defect("a call that came around the gate"))?;
        Ok((caller, request.into_inner()))
    }

    /// Somebody who was let in over another listener than gRPC's and would call a method, by its name such as
    /// `diel.v1.Reviews/GetFlag`.
    ///
    /// # Errors
    /// [`Refusal::RoleMissing`] and [`Refusal::OverRate`] as at the gate, [`Refusal::Defect`] for a method that is not in the table.
    pub(crate) fn elsewhere(
        verifier: &Verifier,
        principal: Arc<Principal>,
        method: &str,
        token: Option<Secret>,
        address: Option<IpAddr>,
    ) -> Result<Self, Refusal> {
        let method = methods::find(method).ok_or(Refusal::Defect("no such method"))?;
        let caller = Self {
            principal,
            method,
            verifier: verifier.clone(),
            token,
            address,
            asked: Arc::default(),
        };
        caller.pay()?;
        caller.enter()?;
        Ok(caller)
    }

    /// The name, for the audit trail.
    pub(crate) fn name(&self) -> &str {
        self.principal.name()
    }

    /// Who it is.
    pub(crate) fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Lets the call go on in a study.
    ///
    /// # Errors
    /// [`Refusal::RoleMissing`] when the caller has none of the method's roles in it.
    pub(crate) fn in_study(&self, study: &str) -> Result<(), Refusal> {
        self.note_that_it_asked();
        self.check(
            |role| self.principal.may(role, study),
            || Place::Study(study.to_owned()),
        )
    }

    /// Lets the call go on in all studies.
    ///
    /// # Errors
    /// [`Refusal::RoleMissing`] when the caller has none of the method's roles in all of them.
    pub(crate) fn in_all_studies(&self) -> Result<(), Refusal> {
        self.note_that_it_asked();
        self.check(|role| self.principal.may_in_all(role), || Place::AllStudies)
    }

    /// Lets the call go on where it touches no study.
    ///
    /// # Errors
    /// [`Refusal::RoleMissing`] when the caller has none of the method's roles in any study.
    pub(crate) fn in_any_study(&self) -> Result<(), Refusal> {
        self.note_that_it_asked();
        self.check_somewhere()
    }

    /// The same caller as of now, for streams: the token may have ended and roles may have gone.
    ///
    /// # Errors
    /// As the gate.
    pub(crate) async fn renewed(&self) -> Result<Self, Refusal> {
        let token = self.token.as_ref().map(Secret::reveal);
        let verified = self.verifier.verify(token).await;
        let principal = verified.map_err(|error| self.verifier.turn_away(error, self.address))?;
        let renewed = Self {
            principal,
            ..self.clone()
        };
        renewed.enter()?;
        Ok(renewed)
    }

    /// The caller for as long as a stream lasts, about a study or, with `None`, about what lies outside any.
    pub(crate) fn staying(self, study: Option<&str>) -> Stay {
        Stay {
            caller: self,
            study: study.map(str::to_owned),
        }
    }

    /// Takes the call from what its caller may ask for.
    ///
    /// # Errors
    /// [`Refusal::OverRate`] when the caller calls too often.
    pub(super) fn pay(&self) -> Result<(), Refusal> {
        let account = match self.verifier.mode() {
            AccessMode::Open => {
                Account::Address(self.address.map(|address| address.to_canonical()))
            }
            AccessMode::Tokens => Account::Principal(self.principal.shared_name()),
        };
        let paid = self.verifier.quota().take(account, self.method);
        paid.map_err(|over| {
            let refused = self.verifier.refused();
            refused.rate(self.name(), self.method.name, self.address);
            Refusal::OverRate(over)
        })
    }

    /// What can be decided before the request is read.
    pub(super) fn enter(&self) -> Result<(), Refusal> {
        match self.method.scope {
            Scope::Own => {
                self.note_that_it_asked();
                Ok(())
            }
            Scope::AllStudies => self.in_all_studies(),
            Scope::AnyStudy | Scope::Messages => self.in_any_study(),
            Scope::Study => self.check_somewhere(),
        }
    }

    /// Whether the handler has asked about the study, where it has to.
    pub(super) fn has_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    fn note_that_it_asked(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    fn check_somewhere(&self) -> Result<(), Refusal> {
        self.check(
            |role| self.principal.may_somewhere(role),
            || Place::AnyStudy,
        )
    }

    fn check(
        &self,
        may: impl Fn(Role) -> bool,
        place: impl FnOnce() -> Place,
    ) -> Result<(), Refusal> {
        if self.method.roles.iter().any(|role| may(*role)) {
            return Ok(());
        }
        let missing = RoleMissing {
            principal: self.name().to_owned(),
            method: self.method.name,
            roles: self.method.roles,
            place: place(),
        };
        self.verifier.refused().role(&missing, self.address);
        Err(Refusal::RoleMissing(missing))
    }
}
