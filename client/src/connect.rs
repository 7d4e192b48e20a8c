//! Connecting: from options to a client that can be cloned and shared.

use std::sync::Arc;
use std::time::Duration;

use tonic::Code;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

use crate::credentials::Credentials;
use crate::error::Error;
use crate::options::ClientOptions;
use crate::replicas::{Replicas, any_of};
use crate::retry::RetryPolicy;

/// Calls that leave a connection silent for longer are probed, so that a dead peer is noticed within this time and
/// [`KEEP_ALIVE_TIMEOUT`].
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(30);

/// How long a peer may take to answer a probe.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// The channel of every call: HTTP/2 with the caller's token.
pub(crate) type Transport = InterceptedService<Channel, Credentials>;

/// A connection to a diel service. Clones share it; it comes back by itself after it broke, on another server where the
/// service has several.
#[derive(Clone, Debug)]
pub struct Client {
    replicas: Arc<Replicas>,
    request_timeout: Duration,
    retry: Arc<RetryPolicy>,
}

impl Client {
    /// Connects to the service at `url` (`http://HOST:PORT` or `https://HOST:PORT`, or several with commas between, which
    /// are servers of one database) with the default options.
    ///
    /// Of several, one is taken by chance. A call that finds it not available is tried again on the next, by
    /// [`RetryPolicy`], and so are the calls after it.
    ///
    /// # Errors
    /// [`Error::Url`] when `url` is not such an address, [`Error::Connection`] when nothing answers at any.
    pub async fn connect(url: impl Into<String>) -> Result<Self, Error> {
        Self::with_options(ClientOptions::new(url)).await
    }

    /// Connects as the options say.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use diel_client::{Client, ClientOptions, RetryPolicy};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let settings = diel_server::Settings {
    /// #     listen: "127.0.0.1:0".parse()?,
    /// #     database: format!("sqlite://{}", folder.path().join("diel.db").display()),
    /// #     ..Default::default()
    /// # };
    /// # let service = diel_server::start(settings, std::sync::Arc::new(diel_server::SystemClock)).await?;
    /// # let url = format!("http://{}", service.address());
    /// # let token = "secret";
    /// let options = ClientOptions::new(url)
    ///     .token(token)
    ///     .request_timeout(Duration::from_secs(10))
    ///     .retry(RetryPolicy::default().max_tries(3));
    /// let client = Client::with_options(options).await?;
    /// assert!(client.get_study("studies/nowhere").await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Client::connect`]; [`Error::Token`] and [`Error::Tls`] when the token or the certificate cannot be used.
    pub async fn with_options(options: ClientOptions) -> Result<Self, Error> {
        let credentials = Credentials::new(options.token.as_deref())?;
        let mut endpoints: Vec<Endpoint> = (options.url.split(','))
            .map(|url| endpoint(url, &options))
            .collect::<Result<_, _>>()?;
        let first = any_of(endpoints.len());
        endpoints.rotate_left(first);
        let with_credentials =
            |channel: Channel| InterceptedService::new(channel, credentials.clone());
        let (first, others) = connect(endpoints).await?;
        let others = others
            .iter()
            .map(|endpoint| with_credentials(endpoint.connect_lazy()));
        let replicas = Replicas::new(with_credentials(first), others.collect());
        Ok(Self {
            replicas: Arc::new(replicas),
            request_timeout: options.request_timeout,
            retry: Arc::new(options.retry),
        })
    }

    pub(crate) fn transport(&self) -> Transport {
        self.replicas.transport()
    }

    /// The number of the server that calls go to now.
    pub(crate) fn server(&self) -> usize {
        self.replicas.current()
    }

    /// The pause before the next try after `tries` tries, the last of which failed with `error` on this server, which is
    /// left for another where there are several; none when it is time to give up.
    pub(crate) fn pause(&self, tries: u32, error: &Error, server: usize) -> Option<Duration> {
        if error.code() == Code::Unavailable {
            self.replicas.leave(server);
        }
        self.retry.pause(tries, error)
    }

    pub(crate) fn request_timeout(&self) -> Duration {
        self.request_timeout
    }

    pub(crate) fn retry(&self) -> &RetryPolicy {
        &self.retry
    }
}

/// Connects to the first of the servers that answers; returns the others in the order in which they follow it.
async fn connect(mut endpoints: Vec<Endpoint>) -> Result<(Channel, Vec<Endpoint>), Error> {
    let mut tries = 1;
    loop {
        let connected = match endpoints.first() {
            Some(endpoint) => endpoint.connect().await,
            None => return Err(Error::Url { url: String::new() }),
        };
        match connected {
            Ok(channel) => {
                endpoints.remove(0);
                return Ok((channel, endpoints));
            }
            Err(error) if tries == endpoints.len() => {
                return Err(Error::Connection {
                    source: Arc::new(error),
                });
            }
            Err(_) => endpoints.rotate_left(1),
        }
        tries += 1;
    }
}

fn endpoint(url: &str, options: &ClientOptions) -> Result<Endpoint, Error> {
    let url = url.trim();
    let wrong_url = || Error::Url {
        url: url.to_owned(),
    };
    let endpoint = Endpoint::from_shared(url.to_owned()).map_err(|_| wrong_url())?;
    if endpoint.uri().host().is_none() {
        return Err(wrong_url());
    }
    let endpoint = match endpoint.uri().scheme_str() {
        Some("http") => endpoint,
        Some("https") => endpoint.tls_config(tls(options)).map_err(tls_error)?,
        _ => return Err(wrong_url()),
    };
    endpoint
        .user_agent(concat!("diel-client/", env!("CARGO_PKG_VERSION")))
        .map_err(tls_error)
        .map(|endpoint| {
            endpoint
                .connect_timeout(options.connect_timeout)
                .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
                .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
        })
}

fn tls(options: &ClientOptions) -> ClientTlsConfig {
    let config = ClientTlsConfig::new();
    let config = match &options.ca_certificate {
        Some(pem) => config.ca_certificate(Certificate::from_pem(pem)),
        None => config.with_native_roots(),
    };
    match &options.client_certificate {
        Some((certificate, key)) => config.identity(Identity::from_pem(certificate, key)),
        None => config,
    }
}

fn tls_error(error: tonic::transport::Error) -> Error {
    Error::Tls {
        source: Arc::new(error),
    }
}
