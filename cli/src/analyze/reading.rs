//! The samples of a file, or why its rows are refused.

use std::path::Path;

use super::Samples;
use crate::output;
use crate::rejects::RejectsOption;
use diel_import::ImportOptions;

/// Reads a file on all cores and brings the samples of each participant together. Refused rows end it unless `partial`,
/// which says how many were left out. People are told how the file was understood.
pub(crate) fn read(
    path: &Path,
    options: &ImportOptions,
    partial: bool,
    is_for_people: bool,
    rejects: &RejectsOption,
) -> anyhow::Result<Samples> {
    let mut samples = Samples::default();
    let summary = diel_import::scan_parallel(
        path,
        options,
        &mut output::file_progress(),
        Samples::push,
        |stretch| samples.append(stretch),
    )?;
    if is_for_people {
        output::tell(&output::reading(&summary.reading, &summary.counts()));
    }
    if !is_for_people && !summary.reading.unread.is_empty() {
        let unread = summary.reading.unread.join(", ");
        output::tell(&format!("note: columns not read: {unread}"));
    }
    for note in &summary.notes {
        output::tell(&format!("note: {note}"));
    }
    if summary.refused_rows > 0 {
        rejects.write(path, options, |_| None)?;
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
