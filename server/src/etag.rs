//! Etags: a resource's version, as a text that callers hand back and never read.

use crate::refusal::Refusal;

/// The etag of a version.
pub(crate) fn write(version: i64) -> String {
    format!("v{version}")
}

/// The version of an etag.
///
/// # Errors
/// A missing etag, or one that diel never wrote.
pub(crate) fn read(field: &str, etag: &str) -> Result<i64, Refusal> {
    if etag.is_empty() {
        return Err(Refusal::field(
            field,
            "is missing; the etag of the resource as you read it is required",
        ));
    }
    etag.strip_prefix('v')
        .and_then(|version| version.parse().ok())
        .ok_or_else(|| Refusal::field(field, format!("{etag:?} is not an etag of this service")))
}
