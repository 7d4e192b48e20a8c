//! Batches that are messages already, in the canonical JSON of protobuf.

use std::path::Path;

use anyhow::Context as _;
use diel_client::{Client, v1};
use diel_interchange::json;

use super::Mode;
use crate::output;
use crate::service::{answer, whole_file};

/// Sends SubmitBatchRequest messages, one behind another, and prints the answer to each as a line of JSON.
///
/// # Errors
/// The file is no such JSON, the service cannot be reached, or it refused something.
pub(super) async fn submit(
    client: &Client,
    parent: &str,
    file: &Path,
    mode: Mode,
) -> anyhow::Result<()> {
    let shown = file.display();
    let text = whole_file::read(file)?;
    let mut refused = 0_usize;
    for (position, request) in (1..).zip(json::read_all::<v1::SubmitBatchRequest>(&text)) {
        let mut request = request.with_context(|| format!("{shown}: message {position}"))?;
        if request.parent.is_empty() {
            parent.clone_into(&mut request.parent);
        }
        anyhow::ensure!(
            request.parent == parent,
            "{shown}: message {position}: parent {}: is not {parent}, which --study names",
            request.parent
        );
        request.validate_only |= mode.validate_only;
        request.allow_partial |= mode.partial;
        match client.submit_batch(request).await {
            Ok(answer) => {
                refused += answer.refused_rows.len();
                answer::say(&json::write(&answer)?)?;
            }
            Err(error) if error.refusal().is_none() => return Err(error.into()),
            Err(error) => {
                refused += 1;
                output::tell(&format!("{shown}: message {position}: {error}"));
            }
        }
    }
    anyhow::ensure!(
        refused == 0,
        "{shown}: rows or messages were refused; mend them and send the file again"
    );
    Ok(())
}
