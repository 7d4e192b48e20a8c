//! Why a call failed.

mod reason;
mod refusal;

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use tonic::{Code, Status, TimeoutExpired};

pub use reason::Reason;
pub use refusal::Refusal;

use crate::v1;

/// Why a call failed. Clones share their source.
///
/// # Examples
///
/// ```
/// use diel_client::{Client, Code, v1};
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
/// let client = Client::connect(url).await?;
/// let Err(error) = client.get_study("studies/nowhere").await else {
///     return Err("there is no such study".into());
/// };
/// assert_eq!(error.code(), Code::NotFound);
/// assert!(error.is(v1::ErrorReason::ResourceNotFound));
///
/// let unplaced = v1::CreateStudyRequest {
///     study_id: "pilot".to_owned(),
///     study: Some(v1::Study { display_name: "Pilot".to_owned(), ..Default::default() }),
///     ..Default::default()
/// };
/// let Err(error) = client.create_study(unplaced).await else {
///     return Err("a study needs a time zone".into());
/// };
/// assert!(error.violations().iter().any(|violation| violation.field.contains("time_zone")));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is not one of a service.
    #[error("{url:?} is not the address of a service: write http://HOST:PORT or https://HOST:PORT")]
    Url {
        /// The address as given.
        url: String,
    },
    /// The token holds characters that cannot stand in a header.
    #[error("the token holds characters other than visible ASCII")]
    Token,
    /// The certificate cannot be used.
    #[error("TLS cannot be set up{}", causes(&**source))]
    Tls {
        /// What the TLS library says.
        source: Arc<tonic::transport::Error>,
    },
    /// Nothing answers at the address, or the connection broke and did not come back.
    #[error("the service cannot be reached, or the connection broke{}", causes(&**source))]
    Connection {
        /// What the transport says.
        source: Arc<dyn StdError + Send + Sync>,
    },
    /// No answer came in time. What was sent may or may not have been stored: send it again with its request id.
    #[error("no answer came in time")]
    Timeout,
    /// The service refused, and says why.
    #[error("{0}")]
    Refused(Arc<Refusal>),
    /// The service answered something that the protocol does not allow.
    #[error("the service broke the protocol: {what}")]
    Protocol {
        /// What it did.
        what: &'static str,
    },
}

impl Error {
    /// The refusal, when the service answered with one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The gRPC code: the service's, or the one that describes this failure best.
    pub fn code(&self) -> Code {
        match self {
            Self::Url { .. } | Self::Token => Code::InvalidArgument,
            Self::Tls { .. } | Self::Protocol { .. } => Code::Internal,
            Self::Connection { .. } => Code::Unavailable,
            Self::Timeout => Code::DeadlineExceeded,
            Self::Refused(refusal) => refusal.code(),
        }
    }

    /// Whether the service refused for this reason.
    pub fn is(&self, reason: v1::ErrorReason) -> bool {
        self.refusal().and_then(Refusal::reason) == Some(&Reason::Known(reason))
    }

    /// The fields at fault; empty unless the service named some.
    pub fn violations(&self) -> &[v1::FieldViolation] {
        self.refusal().map_or(&[], Refusal::violations)
    }

    /// How long the service asks to be left alone.
    pub fn retry_delay(&self) -> Option<Duration> {
        self.refusal().and_then(Refusal::retry_delay)
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        // Only statuses made on this side have a source: what the service sends arrives as a code and text.
        if status.source().is_none() {
            return Self::Refused(Arc::new(Refusal::from(status)));
        }
        if timed_out(&status) {
            return Self::Timeout;
        }
        Self::Connection {
            source: Arc::new(status),
        }
    }
}

impl From<v1::SubmissionError> for Error {
    fn from(error: v1::SubmissionError) -> Self {
        Self::Refused(Arc::new(Refusal::from(error)))
    }
}

fn timed_out(status: &Status) -> bool {
    let mut cause = status.source();
    while let Some(error) = cause {
        if error.is::<TimeoutExpired>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The last link of a chain of causes: the one that says something, such as "Connection refused".
fn causes(error: &(dyn StdError + 'static)) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    format!(": {last}")
}
