//! Columns that the file does not have, computed of its samples as `diel analyze` does.

use std::path::Path;

use diel_core::frame::{CohortFrameBuilder, CohortMember, Frame};
use diel_core::{Condition, Policy, PolicyTerms, Rules, analyse_days};

use super::FitArguments;
use crate::analyze::{Samples, days};
use crate::output;
use diel_import::TextTable;

/// Names that samples give, besides those of the conditions.
pub(super) const KNOWN: [&str; 8] = [
    "participant",
    "day",
    "cortisol",
    "hours",
    "car",
    "valid_day",
    "weekend",
    "age_years",
];

/// Derived columns, a row for each row of the file; missing in rows that no computation can use.
pub(super) struct Derived {
    pub(super) frame: Frame,
    pub(super) notes: Vec<String>,
}

/// Whether a name can be derived.
pub(super) fn is_known(name: &str) -> bool {
    KNOWN.contains(&name) || Condition::from_code(name).is_some()
}

pub(super) fn columns(
    path: &Path,
    arguments: &FitArguments,
    table: &TextTable,
) -> anyhow::Result<Derived> {
    let policy = Policy::new(&PolicyTerms {
        car_window_min: Some(arguments.car_window_min),
        ..PolicyTerms::default()
    })?;
    let mut samples = Samples::default();
    let summary = diel_import::scan_parallel(
        path,
        &arguments.import.import()?,
        &mut output::file_progress(),
        Samples::push,
        |stretch| samples.append(stretch),
    )?;
    if summary.refused_rows > 0 {
        let refused = summary.describe_refused(path);
        anyhow::ensure!(
            arguments.partial,
            "{refused}\nnothing was computed; mend these rows, or go on without them with --partial"
        );
        output::tell(&format!("warning: {refused}\nthese rows are left out"));
    }
    samples.finish(summary.has_hours);
    let (frame, lines) = analysed(&samples, &policy);
    let rows: Vec<usize> = lines
        .iter()
        .map(|line| {
            let line = *line as u64;
            table.lines().binary_search(&line).unwrap_or(usize::MAX)
        })
        .collect();
    Ok(Derived {
        frame: frame.scattered(table.lines().len(), &rows),
        notes: summary.notes,
    })
}

/// What the reader should know about rows without a derived concentration.
pub(super) fn note_on_cortisol(frame: &Frame) -> Option<String> {
    let missing = frame.column("cortisol")?.missing();
    (missing > 0).then(|| {
        format!(
            "{missing} samples have no derived `cortisol`: missing, 0, outside their day, or above {} nmol/L, which is \
             implausible; `diel analyze --profiles` says which",
            Rules::DEFAULT.implausible_above_nmol_per_l
        )
    })
}

/// A row for each sample, and the line that it comes from.
fn analysed(samples: &Samples, policy: &Policy) -> (Frame, Vec<usize>) {
    let mut builder = CohortFrameBuilder::with_unusable();
    for of_person in samples.by_participant() {
        let Some(first) = of_person.first() else {
            continue;
        };
        let (labels, of_days): (Vec<u32>, Vec<_>) = days(samples, of_person, policy)
            .into_iter()
            .map(|labelled| (labelled.label, labelled.day))
            .unzip();
        let person = samples.person(first);
        let analysis = analyse_days(&person, of_days, policy);
        let member = CohortMember {
            participant: samples.code(first),
            person,
            group: None,
            sex: None,
        };
        let labels = labels.into_iter().map(|label| samples.label(label));
        builder.add(&member, labels.zip(&analysis.profiles), policy);
    }
    builder.finish_with_positions()
}
