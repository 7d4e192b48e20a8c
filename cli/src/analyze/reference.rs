//! A reference from a file, for an analysis without a service.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use diel_core::{PopulationModel, ReferenceTerms, References, Sex, Strata, strata_of_hours};

use crate::output;
use crate::reference_table::{self, ReferenceTable};

/// The reference of a file, under the name of the file, among those that a policy may name.
pub(super) fn read(path: &Path, residual_sd: Option<f64>) -> anyhow::Result<(String, References)> {
    let strata = strata_of_file(path, residual_sd)?;
    for gap in strata.gaps() {
        output::tell(&format!(
            "note: {}: nobody of {gap} is judged: no stratum holds them",
            path.display()
        ));
    }
    let name = strata.id().to_owned();
    Ok((name, References::default().with(Arc::new(strata))))
}

/// The reference of a file, under the name of the file.
pub(crate) fn strata_of_file(path: &Path, residual_sd: Option<f64>) -> anyhow::Result<Strata> {
    let name = path.file_stem().map_or_else(
        || "table".to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    );
    strata(path, &format!("{name}@file"), residual_sd)
}

fn strata(path: &Path, name: &str, residual_sd: Option<f64>) -> anyhow::Result<Strata> {
    let terms = |min_age_years: f64,
                 max_age_years: Option<f64>,
                 sex: Option<Sex>,
                 model: PopulationModel| ReferenceTerms {
        id: name.to_owned(),
        population: String::new(),
        assay: String::new(),
        source: path.display().to_string(),
        provisional: false,
        min_age_years,
        max_age_years,
        sex,
        model,
        basis: None,
    };
    let rows: Vec<ReferenceTerms> = match reference_table::read(path)? {
        ReferenceTable::Strata(rows) => rows
            .into_iter()
            .map(|row| terms(row.min_age_years, row.max_age_years, row.sex, row.model))
            .collect(),
        ReferenceTable::Levels(levels) => {
            let residual_sd = residual_sd.context(
                "a table of levels by hours needs --residual-sd: how far samples lie around a person's line",
            )?;
            strata_of_hours(&levels, residual_sd)
                .with_context(|| path.display().to_string())?
                .into_iter()
                .map(|(row, model)| terms(row.min_age_years, row.max_age_years, row.sex, model))
                .collect()
        }
    };
    Strata::new(rows).with_context(|| path.display().to_string())
}
