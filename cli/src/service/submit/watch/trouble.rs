//! What keeps a file from being sent, and whether it lies in the file.

use std::io;

use diel_client::{Code, Error};
use diel_import::ImportError;

use super::taken::Verdict;
use crate::service::submit::unsent::Unsent;

/// A failure that may pass: the file stays where it is.
#[derive(Debug)]
pub(super) enum Trouble {
    /// No file would fare better.
    Service(anyhow::Error),
    /// Others may.
    File(anyhow::Error),
}

/// Whether a call's failure keeps all files back: the service is away or busy, does not know the study or this caller.
pub(super) fn of_call(error: Error) -> Trouble {
    match error.code() {
        Code::Unavailable
        | Code::DeadlineExceeded
        | Code::ResourceExhausted
        | Code::Unauthenticated
        | Code::PermissionDenied
        | Code::NotFound => Trouble::Service(error.into()),
        _ => Trouble::File(error.into()),
    }
}

/// Whether a failure lies in the file, which is then refused.
///
/// # Errors
/// It does not, or may pass.
pub(super) fn judge(error: anyhow::Error) -> Result<Verdict, Trouble> {
    match error.downcast_ref::<Unsent>() {
        Some(Unsent::Rows { refused, .. }) => {
            return Ok(Verdict::of_rows(refused.rows(), refused.records()));
        }
        Some(unsent @ Unsent::NoInstants { .. }) => {
            return Ok(Verdict::refused(&unsent.to_string()));
        }
        Some(Unsent::Changed { .. }) => return Err(Trouble::File(error)),
        None => {}
    }
    if let Some(call) = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<Error>())
    {
        return Err(match of_call(call.clone()) {
            Trouble::Service(_) => Trouble::Service(error),
            Trouble::File(_) => Trouble::File(error),
        });
    }
    // A broken workbook is an error of input too; only one that the system reports may pass.
    let is_of_the_system = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.raw_os_error().is_some());
    if error.is::<ImportError>() && !is_of_the_system {
        return Ok(Verdict::refused(&format!("{error:#}")));
    }
    Err(Trouble::File(error))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may panic")]

    use std::path::PathBuf;

    use super::*;

    #[test]
    fn only_what_lies_in_the_file_refuses_it() {
        let file = PathBuf::from("plate.csv");
        let verdict = judge(Unsent::NoInstants { file: file.clone() }.into()).unwrap();
        assert!(verdict.said().contains("no row says at which instant"));
        let changed = Unsent::Changed {
            file,
            accepted: 3,
            sent: 2,
        };
        assert!(matches!(judge(changed.into()), Err(Trouble::File(_))));
        assert!(matches!(
            judge(Error::Timeout.into()),
            Err(Trouble::Service(_))
        ));
        let lost = anyhow::Error::from(Error::Timeout).context("3 rows were answered");
        assert!(matches!(judge(lost), Err(Trouble::Service(_))));
        let share = io::Error::from_raw_os_error(5);
        assert!(matches!(judge(share.into()), Err(Trouble::File(_))));
    }
}
