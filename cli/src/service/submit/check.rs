//! The first reading: every row is checked, nothing is kept but what is wrong.

use diel_import::{ImportError, ImportOptions, Row};

use super::input::Input;
use super::message::Ready;
use super::refusals::Refusals;
use crate::output;

/// What a file holds.
#[derive(Debug)]
pub(super) struct Checked {
    /// Rows that can be sent.
    pub(super) accepted: u64,
    pub(super) refused: Refusals,
    /// No good row says at which instant its sample was taken or its person woke, or waits to be told.
    pub(super) lacks_instants: bool,
    /// How the file was understood, in words.
    pub(super) reading: String,
    /// Rows that were understood in a way one may not expect.
    pub(super) notes: Vec<String>,
}

/// What was found in a stretch of the file.
#[derive(Default)]
struct Stretch {
    has_instants: bool,
    refused: Refusals,
}

impl Stretch {
    fn check(&mut self, row: &Row<'_>) {
        let waits = row.specimen.is_some() && row.minutes_since_awakening.is_none();
        self.has_instants |= row.collected.is_some() || row.awakening.is_some() || waits;
        if let Err(refused) = Ready::of(row) {
            self.refused.add_row([refused]);
        }
    }
}

/// Reads a whole file on all cores.
///
/// # Errors
/// The file cannot be understood at all.
pub(super) fn check(input: &Input, options: &ImportOptions) -> Result<Checked, ImportError> {
    let mut refused = Refusals::default();
    let mut has_instants = false;
    let summary = diel_import::scan_parallel(
        input.path(),
        options,
        &mut output::file_progress(),
        Stretch::check,
        |stretch| {
            has_instants |= stretch.has_instants;
            refused.append(stretch.refused);
        },
    )
    .map_err(|error| input.named(error))?;
    let reading = output::reading(&summary.reading, &summary.counts());
    let accepted = summary.accepted.saturating_sub(refused.rows());
    refused.append(Refusals::new(summary.refused_rows, summary.refused));
    Ok(Checked {
        accepted,
        refused,
        lacks_instants: summary.accepted > 0 && !has_instants,
        reading,
        notes: summary.notes,
    })
}
