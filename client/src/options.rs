//! What a client is told before it connects.

use std::fmt;
use std::time::Duration;

use crate::retry::RetryPolicy;

/// How to reach a service. [`ClientOptions::new`] fills in everything but the address.
#[derive(Clone)]
#[non_exhaustive]
pub struct ClientOptions {
    /// The address, `http://HOST:PORT` or `https://HOST:PORT`; or those of several servers of one database, with commas
    /// between.
    pub url: String,
    /// The certificate authority of an `https` service, in PEM; the machine's own authorities when absent.
    pub ca_certificate: Option<String>,
    /// The certificate that this client shows and its private key, both in PEM, where the service asks for one.
    pub client_certificate: Option<(String, String)>,
    /// The token sent with every call as `authorization: Bearer`.
    pub token: Option<String>,
    /// Longest wait for a connection. Default 10 s.
    pub connect_timeout: Duration,
    /// Longest wait for the answer to one try of a unary call. Default 60 s.
    pub request_timeout: Duration,
    /// When a call is tried again.
    pub retry: RetryPolicy,
}

impl ClientOptions {
    /// Options with every default, for the service at `url`, or at several with commas between.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ca_certificate: None,
            client_certificate: None,
            token: None,
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
            retry: RetryPolicy::default(),
        }
    }

    /// Sends `token` with every call.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Trusts the authority of this PEM certificate, and no other.
    #[must_use]
    pub fn ca_certificate(mut self, pem: impl Into<String>) -> Self {
        self.ca_certificate = Some(pem.into());
        self
    }

    /// Shows this certificate, with its private key, to a service that asks for one. Both in PEM.
    #[must_use]
    pub fn client_certificate(
        mut self,
        certificate: impl Into<String>,
        key: impl Into<String>,
    ) -> Self {
        self.client_certificate = Some((certificate.into(), key.into()));
        self
    }

    /// Replaces the retry policy.
    #[must_use]
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Replaces the longest wait for one answer.
    #[must_use]
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }
}

/// Everything but the token, which has no business in a log.
impl fmt::Debug for ClientOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientOptions")
            .field("url", &self.url)
            .field("token", &self.token.as_ref().map(|_| "..."))
            .field("connect_timeout", &self.connect_timeout)
            .field("request_timeout", &self.request_timeout)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}
