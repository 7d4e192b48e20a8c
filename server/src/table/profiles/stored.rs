//! The same cells from rows of the store, without a message in between.

use diel_core::{Features, Finding};
use diel_store::{ProfileParts, ProfileRow};

use super::{Day, Records, instant};

/// What columns need to be read.
pub(crate) fn parts<'n>(columns: impl Iterator<Item = &'n str>) -> ProfileParts {
    let mut parts = ProfileParts::default();
    for column in columns {
        match column {
            "awakening_at" => {
                // An awakening that nobody recorded is not told, and a finding says so.
                parts.awakening = true;
                parts.findings = true;
            }
            "sample_count" => parts.sample_count = true,
            "findings" => parts.findings = true,
            "absences" => parts.absences = true,
            "valid" => parts.valid = true,
            other => {
                let features = Features::NAMES.into_iter().zip(&mut parts.features);
                if let Some((_, is_read)) = features.into_iter().find(|(name, _)| *name == other) {
                    *is_read = true;
                }
            }
        }
    }
    parts
}

/// Hands over the cells of days; its texts are made in the same places for each.
#[derive(Debug, Default)]
pub(crate) struct StoredDays {
    awakening: String,
    findings: String,
    absences: String,
}

impl StoredDays {
    /// Hands over the cells of a day. What was not read of it is absent, 0 or false.
    pub(crate) fn write(&mut self, records: &mut dyn Records, row: &ProfileRow<'_>) {
        self.awakening.clear();
        if let Some(moment) = row.awakening
            && !row.findings.contains(Finding::AwakeningAssumed)
        {
            instant::push_local(&mut self.awakening, moment);
        }
        self.findings.clear();
        for finding in row.findings.iter() {
            join(&mut self.findings, &[finding.code()]);
        }
        self.absences.clear();
        for (feature, reason) in row.absences {
            join(&mut self.absences, &[feature, ":", reason.code()]);
        }
        Day {
            participant: row.participant,
            date: row.date,
            awakening: &self.awakening,
            sample_count: row.sample_count,
            features: row.features,
            findings: &self.findings,
            absences: &self.absences,
            valid: row.valid,
        }
        .write(records);
    }
}

/// Appends to texts that are joined by `;`.
fn join(text: &mut String, pieces: &[&str]) {
    if !text.is_empty() {
        text.push(';');
    }
    text.extend(pieces.iter().copied());
}

#[cfg(test)]
mod tests {
    use super::parts;
    use crate::table::codebook::PROFILES;

    #[test]
    fn every_column_is_read_for_itself() {
        let all = parts(PROFILES.iter().map(|variable| variable.name));
        assert!(all.awakening && all.sample_count && all.valid && all.absences && all.findings);
        assert!(all.features.iter().all(|is_read| *is_read));
        for variable in PROFILES {
            let alone = parts([variable.name].into_iter());
            let is_key = ["participant", "day", "sampling_date"].contains(&variable.name);
            assert_eq!(alone == Default::default(), is_key, "{}", variable.name);
        }
    }
}
