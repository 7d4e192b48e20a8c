//! The machine-readable cause of a refusal.

use std::fmt;

use crate::v1::ErrorReason;

/// The reason in the `google.rpc.ErrorInfo` of a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// One that this client knows.
    Known(ErrorReason),
    /// One that a newer service knows.
    Unknown(String),
}

impl Reason {
    /// Reads a reason as it is sent, such as `RESOURCE_NOT_FOUND`.
    pub(crate) fn from_name(name: &str) -> Self {
        ErrorReason::from_str_name(&format!("{PREFIX}{name}"))
            .map_or_else(|| Self::Unknown(name.to_owned()), Self::Known)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(reason) => {
                let name = reason.as_str_name();
                formatter.write_str(name.strip_prefix(PREFIX).unwrap_or(name))
            }
            Self::Unknown(name) => formatter.write_str(name),
        }
    }
}

const PREFIX: &str = "ERROR_REASON_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_read_and_written_without_its_prefix() {
        let reason = Reason::from_name("ETAG_MISMATCH");
        assert_eq!(reason, Reason::Known(ErrorReason::EtagMismatch));
        assert_eq!(reason.to_string(), "ETAG_MISMATCH");
    }

    #[test]
    fn a_reason_from_the_future_is_kept_as_text() {
        let reason = Reason::from_name("MOON_TOO_BRIGHT");
        assert_eq!(reason, Reason::Unknown("MOON_TOO_BRIGHT".to_owned()));
        assert_eq!(reason.to_string(), "MOON_TOO_BRIGHT");
    }
}
