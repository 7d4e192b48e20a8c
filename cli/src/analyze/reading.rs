//! The samples of a file, or why its rows are refused.

use std::path::Path;

use super::Samples;
use crate::output;
use diel_import::ImportOptions;

/// Reads a file on all cores and brings the samples of each participant together. Refused rows end it unless `partial`,
/// which says how many were left out.
pub(crate) fn read(path: &Path, options: &ImportOptions, partial: bool) -> anyhow::Result<Samples> {
    let mut samples = Samples::default();
    let summary = diel_import::scan_parallel(
        path,
        options,
        &mut output::file_progress(),
        Samples::push,
        |stretch| samples.append(stretch),
    )?;
    for note in &summary.notes {
        output::tell(&format!("note: {note}"));
    }
    if summary.refused_rows > 0 {
        let refused = summary.describe_refused(path);
        if !partial {
            anyhow::bail!(
                "{refused}\nnothing was computed; mend these rows, or go on without them with --partial"
            );
        }
        output::tell(&format!("warning: {refused}\nthese rows are left out"));
    }
    samples.finish(summary.has_hours);
    Ok(samples)
}
