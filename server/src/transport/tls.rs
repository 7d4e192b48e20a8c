//! TLS: certificates from files, read again when they change.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use tokio_rustls::rustls::{self, RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

/// How often the files are looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Where the certificates are. TLS is on when `certificate` and `key` are set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsSettings {
    /// The server's certificate and those it was signed with, PEM.
    pub certificate: Option<PathBuf>,
    /// The certificate's private key, PEM.
    pub key: Option<PathBuf>,
    /// The authorities whose certificates clients have to show, PEM. Unset: clients show none.
    pub client_ca: Option<PathBuf>,
}

impl TlsSettings {
    /// Whether TLS is served.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.certificate.is_some() && self.key.is_some()
    }

    /// Everything that keeps TLS from being served with these files; empty where it is off.
    #[must_use]
    pub fn problems(&self) -> Vec<TlsError> {
        let files = match Files::of(self) {
            Ok(Some(files)) => files,
            Ok(None) => return Vec::new(),
            Err(error) => return vec![error],
        };
        let unreadable = files.unreadable();
        if !unreadable.is_empty() {
            return unreadable;
        }
        let read = files.read();
        let usable = read.and_then(|contents| contents.config(&files, Protocol::Http2));
        usable.err().into_iter().collect()
    }
}

/// Why TLS cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// One of certificate and key alone.
    #[error("tls.certificate and tls.key go together, and one of them is not set")]
    Half,
    /// Authorities of clients without TLS.
    #[error(
        "tls.client_ca is set, and tls.certificate is not: without TLS clients show no certificate"
    )]
    ClientsOnly,
    /// A file cannot be read.
    #[error("{key}: {} cannot be read", path.display())]
    Unreadable {
        /// The setting.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file holds something else.
    #[error("{key}: {} holds no {expected} in PEM", path.display())]
    Content {
        /// The setting.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What should be in it.
        expected: &'static str,
        /// What was found.
        source: Option<pem::Error>,
    },
    /// The key is not the certificate's, or cannot be used.
    #[error("tls.certificate and tls.key cannot be used together")]
    Pair(#[source] rustls::Error),
    /// The authorities cannot be used.
    #[error("tls.client_ca cannot be used")]
    ClientAuthority(#[source] VerifierBuilderError),
    /// An authority's certificate cannot be used.
    #[error("tls.client_ca: a certificate cannot be used")]
    Authority(#[source] rustls::Error),
}

/// Which protocol is spoken inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// gRPC.
    Http2,
    /// The console.
    Http1,
}

/// TLS for one listener.
#[derive(Clone)]
pub(crate) struct Tls {
    config: Arc<RwLock<Arc<ServerConfig>>>,
    protocol: Protocol,
}

impl Tls {
    /// Reads the files; `None` when TLS is off. They are read again when they change, until the server stops: a renewed
    /// certificate needs no restart, and a broken one leaves the old in place.
    pub(crate) fn start(
        settings: &TlsSettings,
        protocol: Protocol,
        stopping: CancellationToken,
    ) -> Result<Option<Self>, TlsError> {
        let Some(files) = Files::of(settings)? else {
            return Ok(None);
        };
        let contents = files.read()?;
        let tls = Self {
            config: Arc::new(RwLock::new(contents.config(&files, protocol)?)),
            protocol,
        };
        tokio::spawn(tls.clone().watch(files, contents, stopping));
        Ok(Some(tls))
    }

    /// Shakes hands.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let config = Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner));
        TlsAcceptor::from(config).accept(stream).await
    }

    async fn watch(self, files: Files, mut contents: Contents, stopping: CancellationToken) {
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
            let found = match files.read() {
                Ok(found) if found == contents => continue,
                Ok(found) => found,
                Err(error) => {
                    tracing::warn!(%error, "kept the certificate in use");
                    continue;
                }
            };
            match found.config(&files, self.protocol) {
                Ok(config) => {
                    *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
                    contents = found;
                    tracing::info!(protocol = ?self.protocol, "took a new certificate into use");
                }
                // Certificate and key may be replaced one after the other: the next look finds them whole.
                Err(error) => tracing::warn!(%error, "kept the certificate in use"),
            }
        }
    }
}

impl TlsError {
    /// The setting at fault.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Half | Self::Pair(_) => "tls.certificate",
            Self::Unreadable { key, .. } | Self::Content { key, .. } => key,
            Self::ClientsOnly | Self::ClientAuthority(_) | Self::Authority(_) => "tls.client_ca",
        }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Tls").field(&self.protocol).finish()
    }
}

struct Files {
    certificate: PathBuf,
    key: PathBuf,
    client_ca: Option<PathBuf>,
}

impl Files {
    fn of(settings: &TlsSettings) -> Result<Option<Self>, TlsError> {
        match (&settings.certificate, &settings.key) {
            (Some(certificate), Some(key)) => Ok(Some(Self {
                certificate: certificate.clone(),
                key: key.clone(),
                client_ca: settings.client_ca.clone(),
            })),
            (None, None) if settings.client_ca.is_some() => Err(TlsError::ClientsOnly),
            (None, None) => Ok(None),
            _ => Err(TlsError::Half),
        }
    }

    fn unreadable(&self) -> Vec<TlsError> {
        let client_ca = self.client_ca.as_deref();
        [
            Some(("tls.certificate", self.certificate.as_path())),
            Some(("tls.key", self.key.as_path())),
            client_ca.map(|path| ("tls.client_ca", path)),
        ]
        .into_iter()
        .flatten()
        .filter_map(|(key, path)| read(key, path).err())
        .collect()
    }

    fn read(&self) -> Result<Contents, TlsError> {
        let client_ca = self.client_ca.as_deref();
        Ok(Contents {
            certificate: read("tls.certificate", &self.certificate)?,
            key: read("tls.key", &self.key)?,
            client_ca: client_ca
                .map(|path| read("tls.client_ca", path))
                .transpose()?,
        })
    }
}

fn read(key: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|source| TlsError::Unreadable {
        key,
        path: path.to_owned(),
        source,
    })
}

/// What the files hold. It is never printed: there is a private key in it.
#[derive(PartialEq, Eq)]
struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
}

impl Contents {
    fn config(&self, files: &Files, protocol: Protocol) -> Result<Arc<ServerConfig>, TlsError> {
        let chain = certificates("tls.certificate", &files.certificate, &self.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|source| TlsError::Content {
            key: "tls.key",
            path: files.key.clone(),
            expected: "private key",
            source: Some(source),
        })?;
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Pair)?;
        let builder = match (&self.client_ca, &files.client_ca) {
            (Some(authorities), Some(path)) => {
                let mut roots = RootCertStore::empty();
                for certificate in certificates("tls.client_ca", path, authorities)? {
                    roots.add(certificate).map_err(TlsError::Authority)?;
                }
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                        .build()
                        .map_err(TlsError::ClientAuthority)?;
                builder.with_client_cert_verifier(verifier)
            }
            _ => builder.with_no_client_auth(),
        };
        let mut config = builder
            .with_single_cert(chain, key)
            .map_err(TlsError::Pair)?;
        config.alpn_protocols = vec![match protocol {
            Protocol::Http2 => b"h2".to_vec(),
            Protocol::Http1 => b"http/1.1".to_vec(),
        }];
        Ok(Arc::new(config))
    }
}

fn certificates(
    key: &'static str,
    path: &Path,
    pem: &[u8],
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let content = |source| TlsError::Content {
        key,
        path: path.to_owned(),
        expected: "certificate",
        source,
    };
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|source| content(Some(source)))?;
    if found.is_empty() {
        return Err(content(None));
    }
    Ok(found)
}
