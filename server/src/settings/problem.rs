//! Everything that is wrong with settings, found without opening a port or a database.

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;

use diel_store::{Engine, StoreError};

use super::range::RANGES;
use super::{Settings, Web, secret};
use crate::access::AccessMode;
use crate::pseudonym::CodeKeyError;
use crate::transport::TlsError;

/// A setting that cannot be used: its key, its value, the rule.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// A limit lies outside its range.
    #[error("{key} = {value}: has to be {minimum} to {maximum}")]
    OutOfRange {
        /// The setting.
        key: &'static str,
        /// What is set.
        value: u64,
        /// The least.
        minimum: u64,
        /// The most.
        maximum: u64,
    },
    /// A limit is above another that it is part of.
    #[error("{key} = {value}: has to be at most {other}, which is {bound}")]
    Above {
        /// The setting.
        key: &'static str,
        /// What is set.
        value: usize,
        /// The setting it is part of.
        other: &'static str,
        /// What that is.
        bound: usize,
    },
    /// Whoever reaches the service may do everything, so nobody but this machine may reach it.
    #[error(
        "{0} = {1}: is not a loopback address; with access = \"open\" this machine only is served: \
         set access = \"tokens\""
    )]
    OpenToOthers(&'static str, SocketAddr),
    /// Tokens would travel in the open.
    #[error(
        "{0} = {1}: is not a loopback address, and tokens could be read on the way: set tls.certificate and tls.key, or \
         behind_tls_proxy = true when a proxy before it ends TLS"
    )]
    WithoutTls(&'static str, SocketAddr),
    /// Two listeners at one address.
    #[error("web = {0}: gRPC listens there; name another address, or off")]
    SameAddress(SocketAddr),
    /// The address of the database is none.
    #[error("database = {url:?}")]
    Database {
        /// What is set, without its password.
        url: String,
        /// What an address looks like.
        source: StoreError,
    },
    /// Certificates cannot be used.
    #[error(transparent)]
    Tls(TlsError),
    /// The key of codes cannot be used.
    #[error(transparent)]
    CodeKey(CodeKeyError),
}

impl Problem {
    /// The setting at fault, such as `limits.readers`.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::OutOfRange { key, .. } | Self::Above { key, .. } => key,
            Self::OpenToOthers(key, _) | Self::WithoutTls(key, _) => key,
            Self::SameAddress(_) => "web",
            Self::Database { .. } => "database",
            Self::Tls(error) => error.key(),
            Self::CodeKey(_) => "codes.key_file",
        }
    }
}

/// Everything that is wrong with settings, a line each.
#[derive(Debug)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, problem) in self.0.iter().enumerate() {
            if place > 0 {
                writeln!(formatter)?;
            }
            write!(formatter, "{problem}")?;
            let mut cause = problem.source();
            while let Some(error) = cause {
                write!(formatter, ": {error}")?;
                cause = error.source();
            }
        }
        Ok(())
    }
}

impl Error for Problems {}

impl Settings {
    /// Checks what can be checked before anything is opened: ranges and their relations, addresses, certificates, the
    /// form of the database's address.
    ///
    /// # Errors
    /// All problems at once.
    pub fn check(&self) -> Result<(), Problems> {
        let mut problems = Vec::new();
        self.check_reach("listen", self.listen, &mut problems);
        if let Some(web) = self.web.address(self.listen) {
            // Beside gRPC it is where gRPC is, of which the operator is told already.
            if self.web != Web::Beside {
                self.check_reach("web", web, &mut problems);
            }
            if web == self.listen && web.port() != 0 {
                problems.push(Problem::SameAddress(web));
            }
        }
        if let Err(source) = Engine::of(&self.database) {
            let url = secret::masked(&self.database);
            problems.push(Problem::Database { url, source });
        }
        problems.extend(self.tls.problems().into_iter().map(Problem::Tls));
        problems.extend(self.codes.key().err().map(Problem::CodeKey));
        self.check_limits(&mut problems);
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Problems(problems))
        }
    }

    /// Other addresses than loopback ones are for callers with tokens, over TLS that somebody ends.
    fn check_reach(&self, key: &'static str, address: SocketAddr, problems: &mut Vec<Problem>) {
        if address.ip().is_loopback() {
            return;
        }
        match self.access {
            AccessMode::Open => problems.push(Problem::OpenToOthers(key, address)),
            AccessMode::Tokens if self.behind_tls_proxy || self.tls.is_set() => {}
            AccessMode::Tokens => problems.push(Problem::WithoutTls(key, address)),
        }
    }

    fn check_limits(&self, problems: &mut Vec<Problem>) {
        for range in RANGES {
            let value = (range.of)(&self.limits);
            if !(range.minimum..=range.maximum).contains(&value) {
                problems.push(Problem::OutOfRange {
                    key: range.key,
                    value,
                    minimum: range.minimum,
                    maximum: range.maximum,
                });
            }
        }
        let limits = &self.limits;
        for (key, value, other, bound) in [
            (
                "limits.connections_per_address",
                limits.connections_per_address,
                "limits.connections",
                limits.connections,
            ),
            (
                "limits.message_bytes",
                limits.message_bytes,
                "limits.request_bytes",
                limits.request_bytes,
            ),
        ] {
            if value > bound {
                problems.push(Problem::Above {
                    key,
                    value,
                    other,
                    bound,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn all_problems_are_named_at_once_with_key_value_and_rule() {
        let mut settings = Settings {
            listen: "0.0.0.0:50151".parse().unwrap(),
            database: "mysql://diel:hunter2@db/diel".to_owned(),
            ..Settings::default()
        };
        settings.tls.client_ca = Some("ca.pem".into());
        settings.limits.readers = 0;
        settings.limits.connections = 100;
        let text = settings.check().unwrap_err().to_string();
        for line in [
            "listen = 0.0.0.0:50151: is not a loopback address",
            "database = \"mysql://diel:***@db/diel\": the database address is not understood: sqlite://PATH or postgres://",
            "tls.client_ca is set",
            "limits.readers = 0: has to be 1 to 1000",
            "limits.connections_per_address = 512: has to be at most limits.connections, which is 100",
        ] {
            assert!(text.contains(line), "{line}\nis not in\n{text}");
        }
        assert_eq!(text.lines().count(), 5, "{text}");
        Settings::default().check().unwrap();
    }

    #[test]
    fn other_machines_are_served_with_tokens_over_tls_that_somebody_ends() {
        let mut settings = Settings {
            listen: "0.0.0.0:50151".parse().unwrap(),
            access: AccessMode::Tokens,
            ..Settings::default()
        };
        let refused = settings.check().unwrap_err();
        assert!(matches!(refused.0[..], [Problem::WithoutTls("listen", _)]));
        settings.web = Web::At("0.0.0.0:50151".parse().unwrap());
        let refused = settings.check().unwrap_err();
        assert!(matches!(
            refused.0[..],
            [
                Problem::WithoutTls("listen", _),
                Problem::WithoutTls("web", _),
                Problem::SameAddress(_)
            ]
        ));
        settings.web = Web::Beside;
        settings.behind_tls_proxy = true;
        settings.check().unwrap();
        settings.behind_tls_proxy = false;
        settings.tls.certificate = Some("nowhere.pem".into());
        settings.tls.key = Some("nowhere.key".into());
        let refused = settings.check().unwrap_err();
        assert!(
            refused.0.iter().all(|one| matches!(one, Problem::Tls(_))),
            "{refused}"
        );
        assert_eq!(refused.0.len(), 2, "each file that cannot be read is named");
    }
}
