//! What the service says when it refuses.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use diel_proto::ERROR_DOMAIN;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::Reason;
use crate::v1;

/// A refusal: its code, its reason, the fields at fault and when to come back.
#[derive(Clone, Debug)]
pub struct Refusal {
    code: Code,
    message: String,
    reason: Option<Reason>,
    violations: Vec<v1::FieldViolation>,
    retry_delay: Option<Duration>,
    metadata: HashMap<String, String>,
}

impl Refusal {
    /// The gRPC code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The message, for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The reason; absent when something between client and service refused, such as a proxy.
    pub fn reason(&self) -> Option<&Reason> {
        self.reason.as_ref()
    }

    /// What the service says beside the reason, such as who moved a flag on: `etag`, `kind`, `actor`, `decision`. Empty
    /// for most refusals.
    pub fn metadata(&self) -> &HashMap<String, String> {
        &self.metadata
    }

    /// The fields at fault.
    pub fn violations(&self) -> &[v1::FieldViolation] {
        &self.violations
    }

    /// How long the service asks to be left alone.
    pub fn retry_delay(&self) -> Option<Duration> {
        self.retry_delay
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.message.is_empty() {
            formatter.write_str(self.code.description())?;
        } else {
            formatter.write_str(&self.message)?;
        }
        match &self.reason {
            Some(reason) => write!(formatter, " ({reason})"),
            None => write!(formatter, " ({:?})", self.code),
        }
    }
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let info = details
            .error_info()
            .filter(|info| info.domain == ERROR_DOMAIN);
        let reason = info.map(|info| Reason::from_name(&info.reason));
        let violations = details.bad_request().map_or_else(Vec::new, |request| {
            let fields = request.field_violations.iter();
            fields
                .map(|violation| v1::FieldViolation {
                    field: violation.field.clone(),
                    description: violation.description.clone(),
                    reason: violation.reason.clone(),
                })
                .collect()
        });
        Self {
            code: status.code(),
            message: status.message().to_owned(),
            reason,
            violations,
            retry_delay: details.retry_info().and_then(|info| info.retry_delay),
            metadata: info.map_or_else(HashMap::new, |info| info.metadata.clone()),
        }
    }
}

impl From<v1::SubmissionError> for Refusal {
    fn from(error: v1::SubmissionError) -> Self {
        Self {
            code: Code::from_i32(error.code),
            message: error.message,
            reason: (!error.reason.is_empty()).then(|| Reason::from_name(&error.reason)),
            violations: error.violations,
            retry_delay: None,
            metadata: HashMap::new(),
        }
    }
}
