//! Who calls, and what they may: one gate before every method, one table of what each method needs.
//!
//! [`Gate`] turns the `authorization` of a call into a [`Caller`], which handlers take out of the request and ask
//! whether it may work in the study at hand. The same [`Verifier`] serves whatever comes in over other listeners.

mod bootstrap;
mod caller;
mod denial;
mod gate;
pub(crate) mod issue;
mod methods;
mod principal;
mod quota;
mod refused;
mod secret;
mod service;
mod stay;
mod verifier;

use serde::{Deserialize, Serialize};

pub use bootstrap::{Bootstrap, BootstrapError, bootstrap};
pub(crate) use caller::Caller;
pub(crate) use denial::{RoleMissing, TokenError};
pub(crate) use gate::{GateLayer, bearer};
pub(crate) use methods::{method_name, method_names, service_names};
pub(crate) use principal::{Principal, Studies};
pub(crate) use quota::OverRate;
pub(crate) use refused::{CAUSES, write_down};
pub use secret::Secret;
pub(crate) use stay::Stay;
pub(crate) use verifier::Verifier;

/// Whether callers need a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AccessMode {
    /// Whoever reaches the service may do everything, under the name `local`. On loopback addresses only.
    #[default]
    Open,
    /// Every call carries a token, whose principal may do what it is granted.
    Tokens,
}
