//! HTTP/2 from the socket to the routes: who may connect, how long a connection lasts, and how it ends.
//!
//! tonic's own server waits at shutdown for peers that never answer, counts neither connections nor the bytes of
//! requests, and reads a certificate once. This is its place under tonic's routes.

mod accept;
mod account;
mod budget;
mod connection;
mod deadline;
mod framing;
mod malformed;
mod opening;
mod patience;
mod places;
mod tls;

pub(crate) use accept::{accept, serve};
pub(crate) use account::AccountLayer;
pub(crate) use budget::BudgetLayer;
pub(crate) use connection::Terms;
pub(crate) use malformed::{MalformedLayer, undecodable};
pub(crate) use patience::PatienceLayer;
pub(crate) use places::{Place, Places};
pub(crate) use tls::{Protocol, Tls};
pub use tls::{TlsError, TlsSettings};
