//! Why a call is refused, and the one place that turns causes into gRPC codes and details.

mod meanwhile;
mod summary;

use std::collections::HashMap;
use std::time::Duration;

use diel_proto::ERROR_DOMAIN;
use diel_proto::v1::{ErrorReason, FieldViolation, SubmissionError};
use diel_store::{Conflict, RefusedAmendment, ReviewRefusal, StoreError};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::access::{OverRate, RoleMissing, TokenError};
use crate::call::CallId;
use crate::convert::policy;
use crate::frames::FrameError;
use crate::name;
use crate::violations::{Violation, Violations};
use meanwhile::Metadata;

/// When a caller that met a limit may come back.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// A cause of refusal, before it has a gRPC code.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Fields break rules.
    Invalid(Violations),
    /// The page token was not issued for these arguments.
    PageToken,
    /// More rows than one call may carry.
    TooLarge {
        field: &'static str,
        rows: usize,
        most: usize,
    },
    /// The service is at a limit of its own or stopping.
    Overloaded(&'static str),
    /// Rows whose specimens are stored with other content; `rows` is the repeated field they lie in.
    Conflicts {
        rows: &'static str,
        conflicts: Vec<Conflict>,
    },
    /// The store refused.
    Store(StoreError),
    /// Two fits whose criteria cannot be compared.
    NotComparable(String),
    /// The study keeps codes keyed, and this service has not its key.
    CodeKey {
        study: String,
        /// There is none at all; else it is another one.
        is_missing: bool,
    },
    /// The token lets nobody in.
    Token(TokenError),
    /// The caller has no role for it.
    RoleMissing(RoleMissing),
    /// The caller calls too often.
    OverRate(OverRate),
    /// A task of the server ended without an answer.
    Defect(&'static str),
}

impl Refusal {
    /// A refusal of one field.
    pub(crate) fn field(field: &str, description: impl Into<String>) -> Self {
        let mut violations = Violations::new();
        violations.add(field, description);
        Self::Invalid(violations)
    }

    /// A refusal of a resource name.
    pub(crate) fn name(field: &'static str) -> impl FnOnce(String) -> Self {
        move |description| Self::field(field, description)
    }

    fn code(&self) -> Code {
        match self {
            Self::Invalid(_) | Self::PageToken | Self::TooLarge { .. } => Code::InvalidArgument,
            Self::Overloaded(_) | Self::OverRate(_) => Code::Unavailable,
            Self::Conflicts { .. } => Code::AlreadyExists,
            Self::NotComparable(_) | Self::CodeKey { .. } => Code::FailedPrecondition,
            Self::Token(_) => Code::Unauthenticated,
            Self::RoleMissing(_) => Code::PermissionDenied,
            Self::Defect(_) => Code::Internal,
            Self::Store(error) => match error {
                StoreError::NotFound { .. } => Code::NotFound,
                StoreError::AlreadyExists { .. }
                | StoreError::NameSpent { .. }
                | StoreError::RequestIdReused { .. } => Code::AlreadyExists,
                StoreError::EtagMismatch { .. }
                | StoreError::FlagMovedOn { .. }
                | StoreError::HeadMoved { .. } => Code::Aborted,
                StoreError::StateForbids { .. }
                | StoreError::StudyDeleted { .. }
                | StoreError::ReferenceInUse { .. }
                | StoreError::Review { .. }
                | StoreError::Freeze(_) => Code::FailedPrecondition,
                StoreError::Unavailable(_) | StoreError::InDoubt(_) | StoreError::DiskFailed => {
                    Code::Unavailable
                }
                _ => Code::Internal,
            },
        }
    }

    fn reason(&self) -> ErrorReason {
        match self {
            Self::Invalid(_) => ErrorReason::InvalidField,
            Self::PageToken => ErrorReason::InvalidPageToken,
            Self::TooLarge { .. } => ErrorReason::BatchTooLarge,
            Self::Overloaded(_) => ErrorReason::Overloaded,
            Self::OverRate(_) => ErrorReason::RateLimited,
            Self::Conflicts { .. } => ErrorReason::SpecimenConflict,
            Self::NotComparable(_) => ErrorReason::FitsNotComparable,
            Self::CodeKey { .. } => ErrorReason::StateForbids,
            Self::Token(error) => reason_of_token(error),
            Self::RoleMissing(_) => ErrorReason::RoleMissing,
            Self::Defect(_) => ErrorReason::Internal,
            Self::Store(error) => match error {
                StoreError::NotFound { .. } => ErrorReason::ResourceNotFound,
                StoreError::AlreadyExists { .. } | StoreError::NameSpent { .. } => {
                    ErrorReason::ResourceExists
                }
                StoreError::RequestIdReused { .. } => ErrorReason::RequestIdReused,
                StoreError::EtagMismatch { .. }
                | StoreError::FlagMovedOn { .. }
                | StoreError::HeadMoved { .. } => ErrorReason::EtagMismatch,
                StoreError::Review { refusal, .. } => of_review(refusal),
                StoreError::StateForbids { .. } | StoreError::ReferenceInUse { .. } => {
                    ErrorReason::StateForbids
                }
                StoreError::StudyDeleted { .. } => ErrorReason::StudyDeleted,
                StoreError::Freeze(_) => ErrorReason::FitNotAReference,
                StoreError::Unavailable(_) | StoreError::InDoubt(_) | StoreError::DiskFailed => {
                    ErrorReason::StoreUnavailable
                }
                _ => ErrorReason::Internal,
            },
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Invalid(violations) => {
                summary::of_violations(violations.iter(), violations.len())
            }
            Self::PageToken => {
                "page_token: was not issued for these arguments; begin again without \
                                a token"
                    .to_owned()
            }
            Self::TooLarge { field, rows, most } => format!(
                "{field}: {rows} rows; at most {most} are allowed in one call: split them, or stream \
                 them with SubmitBatches"
            ),
            Self::Overloaded(what) => format!("{what}; nothing was stored, try again"),
            Self::Conflicts { .. } => {
                let violations = self.violations();
                summary::of_violations(violations.iter(), violations.len())
            }
            Self::NotComparable(why) => format!("the fits cannot be compared: {why}"),
            Self::CodeKey { study, is_missing } => {
                let what = if *is_missing { "no key" } else { "another key" };
                format!(
                    "studies/{study} keeps codes keyed, and this service has {what}: set codes.key_file to the key that it was made with"
                )
            }
            Self::Token(error) => error.to_string(),
            Self::RoleMissing(missing) => missing.to_string(),
            Self::OverRate(over) => format!("{over}; nothing was stored, try again"),
            Self::Defect(_) => internal(),
            Self::Store(error) => match error {
                StoreError::Unavailable(_) => {
                    "the database cannot be reached or refused the write; nothing was stored, try \
                     again"
                        .to_owned()
                }
                StoreError::InDoubt(_) => {
                    "the database went away while it stored this; it may have been stored: send it \
                     again under the same request id"
                        .to_owned()
                }
                StoreError::NotFound { .. }
                | StoreError::AlreadyExists { .. }
                | StoreError::NameSpent { .. }
                | StoreError::StudyDeleted { .. }
                | StoreError::ReferenceInUse { .. }
                | StoreError::HeadMoved { .. }
                | StoreError::RequestIdReused { .. }
                | StoreError::EtagMismatch { .. }
                | StoreError::FlagMovedOn { .. }
                | StoreError::Review { .. }
                | StoreError::StateForbids { .. }
                | StoreError::Freeze(_)
                | StoreError::DiskFailed => error.to_string(),
                _ => internal(),
            },
        }
    }

    fn violations(&self) -> Vec<Violation> {
        match self {
            Self::Invalid(violations) => violations.iter().cloned().collect(),
            Self::TooLarge { field, .. } => vec![Violation {
                field: (*field).to_owned(),
                description: self.message(),
                row: None,
            }],
            Self::PageToken => vec![Violation {
                field: "page_token".to_owned(),
                description: self.message(),
                row: None,
            }],
            Self::Conflicts { rows, conflicts } => conflicts
                .iter()
                .map(|conflict| conflict_violation(rows, conflict))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// What programs are told beside the reason.
    fn metadata(&self) -> Metadata {
        let missing = match self {
            Self::Store(error) => return meanwhile::metadata(error),
            Self::RoleMissing(missing) => missing,
            Self::OverRate(over) => {
                return Metadata::from([
                    ("limit".to_owned(), over.limit.to_owned()),
                    ("per_second".to_owned(), over.per_second.to_string()),
                ]);
            }
            _ => return Metadata::new(),
        };
        let mut metadata = Metadata::from([
            ("method".to_owned(), missing.method.to_owned()),
            ("role".to_owned(), missing.roles()),
        ]);
        if let Some(study) = missing.study() {
            metadata.insert("study".to_owned(), name::of_study(study));
        }
        metadata
    }

    /// When to come back.
    fn retry_after(&self) -> Duration {
        match self {
            Self::OverRate(over) => over.wait,
            _ => RETRY_AFTER,
        }
    }

    /// Logs a failure that is the service's own, once, with its causes.
    fn log(&self) {
        match self {
            Self::Store(error) if matches!(self.code(), Code::Internal | Code::Unavailable) => {
                tracing::error!(error = ?error, "the store failed");
            }
            Self::Defect(what) => tracing::error!(what, "a defect"),
            _ => {}
        }
    }

    /// The same cause as the answer to one message of a stream.
    pub(crate) fn into_submission_error(self) -> SubmissionError {
        self.log();
        SubmissionError {
            code: self.code() as i32,
            message: self.message(),
            reason: reason_name(self.reason()),
            violations: self
                .violations()
                .into_iter()
                .map(|violation| field_violation(violation, self.reason()))
                .collect(),
        }
    }
}

/// Says where the cause is, and nothing of it.
fn internal() -> String {
    let mut text =
        "a defect of diel, not of the request; the server's log has the cause".to_owned();
    if let Some(call) = CallId::current() {
        text.push_str(&format!(" under {}", call.as_str()));
    }
    text
}

impl From<FrameError> for Refusal {
    fn from(error: FrameError) -> Self {
        tracing::error!(%error, "a frame");
        Self::Defect("rows that do not make a frame")
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflicts(conflicts) => Self::Conflicts {
                rows: "results",
                conflicts,
            },
            StoreError::Amendments(refused) => {
                let mut violations = Violations::new();
                add_amendments(&refused, &mut violations);
                Self::Invalid(violations)
            }
            // Everything but the existence of what they name was checked before.
            StoreError::Policy(error) => {
                let mut violations = Violations::new();
                violations.within("policy", |violations| policy::add(&error, violations));
                Self::Invalid(violations)
            }
            StoreError::Strata(error) => {
                let text = error.to_string();
                match text.split_once(": ") {
                    Some((field, rule)) => Self::field(field, rule),
                    None => Self::field("strata", text),
                }
            }
            other => Self::Store(other),
        }
    }
}

impl From<Violations> for Refusal {
    fn from(violations: Violations) -> Self {
        Self::Invalid(violations)
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        refusal.log();
        let mut details = ErrorDetails::with_error_info(
            reason_name(refusal.reason()),
            ERROR_DOMAIN,
            refusal
                .metadata()
                .into_iter()
                .map(|(key, value)| (key, summary::name(value)))
                .collect::<HashMap<_, _>>(),
        );
        let violations = refusal.violations();
        if !violations.is_empty() {
            for (field, description) in summary::that_fits(&violations) {
                details.add_bad_request_violation(field, description);
            }
        }
        if refusal.code() == Code::Unavailable {
            details.set_retry_info(Some(refusal.retry_after()));
        }
        if let (Code::Internal | Code::Unavailable, Some(call)) =
            (refusal.code(), CallId::current())
        {
            details.set_request_info(call.as_str(), "");
        }
        let message = summary::message(refusal.message());
        Self::with_error_details(refusal.code(), message, details)
    }
}

/// Notes rows of amendments that cannot be stored.
pub(crate) fn add_amendments(refused: &[RefusedAmendment], violations: &mut Violations) {
    for one in refused {
        let row = usize::try_from(one.row).unwrap_or(usize::MAX);
        violations.in_row("results", row, |violations| {
            violations.add(one.field(), one.refusal.to_string());
        });
    }
}

/// The violation of a row whose specimen is stored with other content.
pub(crate) fn conflict_violation(rows: &str, conflict: &Conflict) -> Violation {
    Violation {
        field: format!("{rows}[{}].{}", conflict.row, conflict.field),
        description: format!(
            "specimen {:?} is stored with {} and given with {}; nothing was changed: AmendResult \
             changes a result",
            conflict.specimen, conflict.stored, conflict.given
        ),
        row: Some(conflict.row),
    }
}

/// A violation as a message.
pub(crate) fn field_violation(violation: Violation, reason: ErrorReason) -> FieldViolation {
    FieldViolation {
        field: violation.field,
        description: violation.description,
        reason: reason_name(reason),
    }
}

/// The reason for a missing role, as it is sent.
pub(crate) const ROLE_MISSING: &str = "ROLE_MISSING";

/// The reason for a token that lets nobody in, as it is sent.
pub(crate) fn token_reason(error: &TokenError) -> &'static str {
    reason_word(reason_of_token(error))
}

fn reason_of_token(error: &TokenError) -> ErrorReason {
    match error {
        TokenError::Missing => ErrorReason::TokenMissing,
        TokenError::Unknown => ErrorReason::TokenUnknown,
        TokenError::Expired => ErrorReason::TokenExpired,
        TokenError::Revoked => ErrorReason::TokenRevoked,
        TokenError::Store(_) => ErrorReason::StoreUnavailable,
    }
}

const fn of_review(refusal: &ReviewRefusal) -> ErrorReason {
    match refusal {
        ReviewRefusal::Claimed(_) => ErrorReason::FlagClaimed,
        ReviewRefusal::SameReviewer { .. } | ReviewRefusal::OwnDecision { .. } => {
            ErrorReason::OtherReviewerNeeded
        }
        _ => ErrorReason::StateForbids,
    }
}

fn reason_name(reason: ErrorReason) -> String {
    reason_word(reason).to_owned()
}

fn reason_word(reason: ErrorReason) -> &'static str {
    reason.as_str_name().trim_start_matches("ERROR_REASON_")
}
