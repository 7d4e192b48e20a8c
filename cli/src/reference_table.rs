//! A reference as a file: strata by age and sex, or levels by hours since awakening.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use diel_core::{LevelAtHours, PopulationModel, Sex};

/// What tells a table of levels from one of strata.
const HOURS: &str = "hours_since_awakening";

/// The columns of both.
const STRATUM: [&str; 3] = ["min_age_years", "max_age_years", "sex"];
/// The columns of strata, in the order of [`model`].
const MODEL: [&str; 7] = [
    "intercept_ln",
    "slope_ln_per_h",
    "car_ln",
    "intercept_sd",
    "slope_sd",
    "correlation",
    "residual_sd",
];
/// The columns of levels.
const LEVEL: [&str; 3] = [HOURS, "mean_ln", "sd_ln"];

/// A stratum of a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct StratumRow {
    pub(crate) min_age_years: f64,
    pub(crate) max_age_years: Option<f64>,
    pub(crate) sex: Option<Sex>,
    pub(crate) model: PopulationModel,
}

/// The rows of a file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ReferenceTable {
    Strata(Vec<StratumRow>),
    Levels(Vec<LevelAtHours>),
}

/// Reads a file. Columns may stand in any order; max_age_years, sex and car_ln may be empty or absent.
pub(crate) fn read(path: &Path) -> anyhow::Result<ReferenceTable> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let headers: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    let has_levels = headers.iter().any(|header| header == HOURS);
    let known: Vec<&str> = if has_levels {
        STRATUM.into_iter().chain(LEVEL).collect()
    } else {
        STRATUM.into_iter().chain(MODEL).collect()
    };
    if let Some(unknown) = headers
        .iter()
        .find(|header| !known.contains(&header.as_str()))
    {
        anyhow::bail!(
            "{}: `{unknown}` is not a column of a reference; there are {}",
            path.display(),
            known.join(", ")
        );
    }
    let (mut strata, mut levels) = (Vec::new(), Vec::new());
    for (number, record) in (2..).zip(reader.records()) {
        let place = || format!("{}, line {number}", path.display());
        let record = record.with_context(place)?;
        let cells = headers.iter().map(String::as_str).zip(record.iter());
        let row = Cells(cells.filter(|(_, text)| !text.is_empty()).collect());
        if has_levels {
            levels.push(row.level().with_context(place)?);
        } else {
            strata.push(row.stratum().with_context(place)?);
        }
    }
    if strata.is_empty() && levels.is_empty() {
        anyhow::bail!("{}: has no row", path.display());
    }
    Ok(if has_levels {
        ReferenceTable::Levels(levels)
    } else {
        ReferenceTable::Strata(strata)
    })
}

/// The cells of a row that hold something.
struct Cells<'a>(BTreeMap<&'a str, &'a str>);

impl Cells<'_> {
    fn maybe(&self, column: &str) -> anyhow::Result<Option<f64>> {
        let Some(text) = self.0.get(column) else {
            return Ok(None);
        };
        let number = text.parse();
        Ok(Some(number.with_context(|| {
            format!("{column}: `{text}` is not a number")
        })?))
    }

    fn number(&self, column: &str) -> anyhow::Result<f64> {
        self.maybe(column)?
            .with_context(|| format!("{column}: is missing"))
    }

    fn sex(&self) -> anyhow::Result<Option<Sex>> {
        match self
            .0
            .get("sex")
            .map(|text| text.to_ascii_lowercase())
            .as_deref()
        {
            None | Some("all" | "any") => Ok(None),
            Some("female" | "f") => Ok(Some(Sex::Female)),
            Some("male" | "m") => Ok(Some(Sex::Male)),
            Some("other") => Ok(Some(Sex::Other)),
            Some(text) => anyhow::bail!("sex: `{text}` is none of female, male, other, all"),
        }
    }

    fn stratum(&self) -> anyhow::Result<StratumRow> {
        Ok(StratumRow {
            min_age_years: self.maybe("min_age_years")?.unwrap_or(0.0),
            max_age_years: self.maybe("max_age_years")?,
            sex: self.sex()?,
            model: PopulationModel {
                intercept_ln: self.number("intercept_ln")?,
                slope_ln_per_h: self.number("slope_ln_per_h")?,
                car_ln: self.maybe("car_ln")?.unwrap_or(0.0),
                intercept_sd: self.number("intercept_sd")?,
                slope_sd: self.number("slope_sd")?,
                correlation: self.number("correlation")?,
                residual_sd: self.number("residual_sd")?,
            },
        })
    }

    fn level(&self) -> anyhow::Result<LevelAtHours> {
        Ok(LevelAtHours {
            min_age_years: self.maybe("min_age_years")?.unwrap_or(0.0),
            max_age_years: self.maybe("max_age_years")?,
            sex: self.sex()?,
            hours: self.number(HOURS)?,
            mean_ln: self.number("mean_ln")?,
            sd_ln: self.number("sd_ln")?,
        })
    }
}
