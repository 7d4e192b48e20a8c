//! Where the review console is served.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// Where the review console is served, if at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum Web {
    /// On the port behind that of gRPC; on a free one where gRPC has a free one.
    #[default]
    Beside,
    /// At this address.
    At(SocketAddr),
    /// Nowhere.
    Off,
}

/// A text that is no place for the console.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither an address such as 127.0.0.1:50152 nor off")]
pub struct WebError(String);

impl TryFrom<String> for Web {
    type Error = WebError;

    fn try_from(text: String) -> Result<Self, WebError> {
        match text.as_str() {
            "off" => Ok(Self::Off),
            address => address.parse().map(Self::At).map_err(|_| WebError(text)),
        }
    }
}

impl From<Web> for String {
    /// What [`Web`] is read from; empty where the address depends on gRPC's.
    fn from(web: Web) -> Self {
        match web {
            Web::Beside => Self::new(),
            Web::At(address) => address.to_string(),
            Web::Off => "off".to_owned(),
        }
    }
}

impl Web {
    /// The address to listen on beside gRPC's.
    #[must_use]
    pub fn address(self, grpc: SocketAddr) -> Option<SocketAddr> {
        match self {
            Self::Off => None,
            Self::At(address) => Some(address),
            Self::Beside => {
                let port = match grpc.port() {
                    0 => 0,
                    // Behind the last port there is none: any free one will do.
                    port => port.checked_add(1).unwrap_or(0),
                };
                Some(SocketAddr::new(grpc.ip(), port))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn the_console_stands_beside_grpc_unless_told_otherwise() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        let beside = |grpc: &str| Web::Beside.address(address(grpc));
        assert_eq!(beside("127.0.0.1:50151"), Some(address("127.0.0.1:50152")));
        assert_eq!(beside("[::1]:0"), Some(address("[::1]:0")));
        assert_eq!(beside("127.0.0.1:65535"), Some(address("127.0.0.1:0")));
        let told = |text: &str| Web::try_from(text.to_owned()).unwrap();
        assert_eq!(told("off").address(address("127.0.0.1:1")), None);
        assert_eq!(
            told("127.0.0.1:8080").address(address("127.0.0.1:1")),
            Some(address("127.0.0.1:8080"))
        );
        assert!(Web::try_from("8080".to_owned()).is_err());
    }
}
