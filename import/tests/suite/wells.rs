//! What is expected of the wells of a plate reader's export.

use diel_core::plate::{Well, WellRole};
use diel_import::{PlateExport, Signal};
use serde::Deserialize;

/// A well. What is not stated is not asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectedWell {
    /// The plate's place in the file, from 0.
    #[serde(default)]
    plate: usize,
    well: String,
    /// The name of the reading.
    reading: Option<String>,
    /// A number, or the code of a missing reason; empty: nothing was read.
    signal: Option<String>,
    /// `standard 82.77`, `blank`, `control CTL1`, `sample T-1 x4`, `empty`; empty: nothing is said.
    role: Option<String>,
}

impl ExpectedWell {
    pub(crate) fn differences(&self, plates: &[PlateExport]) -> Vec<String> {
        let Some(plate) = plates.get(self.plate) else {
            return vec![format!("has no plate {}", self.plate)];
        };
        let well: Well = self.well.parse().unwrap();
        let mut differences = Vec::new();
        let mut compare = |what: &str, wanted: Option<&String>, found: String| {
            if let Some(wanted) = wanted.filter(|wanted| **wanted != found) {
                differences.push(format!("{well}: {what} is {found:?}, not {wanted:?}"));
            }
        };
        let reading = plate.readings.iter().find(|reading| {
            reading.well == well
                && self
                    .reading
                    .as_ref()
                    .is_none_or(|name| *name == reading.name)
        });
        compare(
            "signal",
            self.signal.as_ref(),
            reading.map_or_else(String::new, |reading| signal(reading.signal)),
        );
        let content = plate.layout.iter().find(|content| content.well == well);
        compare(
            "role",
            self.role.as_ref(),
            content.map_or_else(String::new, |content| role(&content.role)),
        );
        differences
    }
}

fn signal(signal: Signal) -> String {
    match signal {
        Signal::Value(value) => value.to_string(),
        Signal::Missing(reason) => reason.code().to_owned(),
    }
}

fn role(role: &WellRole) -> String {
    match role {
        WellRole::Standard { nominal } => format!("standard {}", nominal.get()),
        WellRole::Blank => "blank".to_owned(),
        WellRole::Control { name } => format!("control {name}"),
        WellRole::Sample { id, dilution } if dilution.factor() == 1.0 => format!("sample {id}"),
        WellRole::Sample { id, dilution } => format!("sample {id} x{dilution}"),
        WellRole::Empty => "empty".to_owned(),
    }
}
