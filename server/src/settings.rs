//! What an operator can set. Every key has a default that is safe on one machine.

mod codes;
mod limits;
mod problem;
mod range;
mod secret;
mod web;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

pub use codes::CodesSettings;
pub use limits::Limits;
pub use problem::{Problem, Problems};
pub use web::{Web, WebError};

use crate::access::AccessMode;
use crate::transport::TlsSettings;

/// The settings of one server, as read from a TOML file.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The address that gRPC is served on. Others than loopback ones need tokens, and TLS that ends before.
    pub listen: SocketAddr,
    /// Where the review console is served: an address, or `off`. Unset: on the port behind that of gRPC.
    pub web: Web,
    /// `sqlite://PATH`, or `postgres://USER@HOST/DATABASE` with the host, or with those of a primary and its standbys.
    pub database: String,
    /// Whether callers need a token.
    pub access: AccessMode,
    /// A proxy on the way to this server ends TLS: with tokens, other addresses than loopback may then be listened on.
    pub behind_tls_proxy: bool,
    /// Certificates; without them TLS is not served.
    pub tls: TlsSettings,
    /// What keyed codes are made with.
    pub codes: CodesSettings,
    /// What one caller may ask for.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 50151),
            web: Web::default(),
            database: "sqlite://diel.db".to_owned(),
            access: AccessMode::default(),
            behind_tls_proxy: false,
            tls: TlsSettings::default(),
            codes: CodesSettings::default(),
            limits: Limits::default(),
        }
    }
}

impl Settings {
    /// These settings as they are shown: the console's address as it comes out, passwords as `***`.
    #[must_use]
    pub fn shown(&self) -> Self {
        Self {
            web: self.web.address(self.listen).map_or(Web::Off, Web::At),
            database: secret::masked(&self.database),
            ..self.clone()
        }
    }
}
