//! References of studies and built-in ones.

use diel_core::{LevelAtHours, PopulationModel, Reference, Sex, Strata, strata_of_hours};
use diel_proto::v1 as pb;
use diel_store::{NewReference, NewStratum, StoredReference};
use jiff::Timestamp;

use super::participant::{sex_from_proto, sex_to_proto};
use super::time::to_proto as time_to_proto;
use crate::code::{check_study_id, check_text};
use crate::name;
use crate::violations::Violations;

/// The longest description, in characters.
const TEXT_CHARACTERS: usize = 1000;
/// The most rows of a table.
const ROWS: usize = 1000;

/// A reference of a study as a message.
pub(crate) fn to_proto(stored: &StoredReference) -> pb::Reference {
    strata_to_proto(&stored.strata, Some(stored.created))
}

/// Strata as a message.
pub(crate) fn strata_to_proto(strata: &Strata, created: Option<Timestamp>) -> pb::Reference {
    let first = strata.first();
    let terms = first.terms();
    let basis = terms.basis.as_ref();
    let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    pb::Reference {
        name: name::of_reference(first.id()),
        population: first.population().to_owned(),
        source: first.source().to_owned(),
        provisional: first.provisional(),
        min_age_years: first.min_age_years(),
        max_age_years: first.max_age_years(),
        intercept_ln: first.intercept_ln(),
        slope_ln_per_h: first.slope_ln_per_h(),
        car_ln: first.car_ln(),
        intercept_sd: first.intercept_sd(),
        slope_sd: first.slope_sd(),
        intercept_slope_correlation: first.correlation(),
        residual_sd: first.residual_sd(),
        assay: terms.assay.clone(),
        fit: basis.map(|basis| basis.fit.clone()).unwrap_or_default(),
        formula: basis.map(|basis| basis.formula.clone()).unwrap_or_default(),
        person_count: basis.map_or(0, |basis| count(basis.persons)),
        persons_with_days_count: basis.map_or(0, |basis| count(basis.persons_with_days)),
        counted_days: basis.map_or(0, |basis| count(basis.days)),
        sample_count: basis.map_or(0, |basis| count(basis.samples)),
        input_digest: basis
            .map(|basis| digest(basis.input_digest))
            .unwrap_or_default(),
        software_version: basis
            .map(|basis| basis.software.clone())
            .unwrap_or_default(),
        create_time: created.map(time_to_proto),
        strata: if strata.is_strict() {
            strata
                .iter()
                .map(|stratum| stratum_to_proto(stratum))
                .collect()
        } else {
            Vec::new()
        },
        gaps: strata.gaps().iter().map(ToString::to_string).collect(),
    }
}

/// A digest as it is written.
pub(crate) fn digest(bytes: [u8; 32]) -> String {
    blake3::Hash::from_bytes(bytes).to_hex().to_string()
}

fn stratum_to_proto(reference: &Reference) -> pb::ReferenceStratum {
    pb::ReferenceStratum {
        min_age_years: reference.min_age_years(),
        max_age_years: reference.max_age_years(),
        sex: sex_to_proto(reference.sex().unwrap_or_default()) as i32,
        intercept_ln: reference.intercept_ln(),
        slope_ln_per_h: reference.slope_ln_per_h(),
        car_ln: reference.car_ln(),
        intercept_sd: reference.intercept_sd(),
        slope_sd: reference.slope_sd(),
        intercept_slope_correlation: reference.correlation(),
        residual_sd: reference.residual_sd(),
    }
}

/// Checks the id of a reference.
pub(crate) fn check_id(id: &str, violations: &mut Violations) {
    violations.take("reference_id", check_study_id(id));
}

/// Checks whom a reference describes and how cortisol was measured in them.
pub(crate) fn check_texts(population: &str, assay: &str, violations: &mut Violations) {
    violations.take("population", check_text(population, 1, TEXT_CHARACTERS));
    violations.take("assay", check_text(assay, 0, TEXT_CHARACTERS));
}

/// Reads a table.
pub(crate) fn from_proto(
    request: &pb::CreateReferenceRequest,
    violations: &mut Violations,
) -> Option<NewReference> {
    check_id(&request.reference_id, violations);
    check_texts(&request.population, &request.assay, violations);
    violations.take("source", check_text(&request.source, 0, TEXT_CHARACTERS));
    for (field, rows) in [
        ("strata", request.strata.len()),
        ("levels", request.levels.len()),
    ] {
        if rows > ROWS {
            violations.add(field, format!("{rows} rows; at most {ROWS} are allowed"));
            return None;
        }
    }
    let strata = match (request.strata.is_empty(), request.levels.is_empty()) {
        (false, true) => Some(strata(request, violations)),
        (true, false) => levels(request, violations),
        (true, true) => {
            violations.add(
                "strata",
                "is empty, and so is levels; one of them is required",
            );
            None
        }
        (false, false) => {
            violations.add(
                "levels",
                "stands beside strata; only one of them is allowed",
            );
            None
        }
    };
    Some(NewReference {
        name: request.reference_id.clone(),
        population: request.population.clone(),
        assay: request.assay.clone(),
        source: request.source.clone(),
        strata: strata?,
    })
}

fn strata(request: &pb::CreateReferenceRequest, violations: &mut Violations) -> Vec<NewStratum> {
    if request.residual_sd.is_some() {
        violations.add("residual_sd", "belongs to levels; each stratum has its own");
    }
    let rows = request.strata.iter().enumerate();
    rows.map(|(row, stratum)| {
        let sex = violations.in_row("strata", row, |violations| {
            sex_from_proto(stratum.sex, violations)
        });
        NewStratum {
            min_age_years: stratum.min_age_years,
            max_age_years: stratum.max_age_years,
            sex: stated(sex),
            model: PopulationModel {
                intercept_ln: stratum.intercept_ln,
                slope_ln_per_h: stratum.slope_ln_per_h,
                car_ln: stratum.car_ln,
                intercept_sd: stratum.intercept_sd,
                slope_sd: stratum.slope_sd,
                correlation: stratum.intercept_slope_correlation,
                residual_sd: stratum.residual_sd,
            },
        }
    })
    .collect()
}

fn levels(
    request: &pb::CreateReferenceRequest,
    violations: &mut Violations,
) -> Option<Vec<NewStratum>> {
    let Some(residual_sd) = request.residual_sd else {
        violations.add("residual_sd", "is missing; it is required with levels");
        return None;
    };
    let rows = request.levels.iter().enumerate();
    let rows: Vec<LevelAtHours> = rows
        .map(|(row, level)| {
            let sex = violations.in_row("levels", row, |violations| {
                sex_from_proto(level.sex, violations)
            });
            LevelAtHours {
                min_age_years: level.min_age_years,
                max_age_years: level.max_age_years,
                sex: stated(sex),
                hours: level.hours_since_awakening,
                mean_ln: level.mean_ln,
                sd_ln: level.sd_ln,
            }
        })
        .collect();
    let strata = violations.take("levels", strata_of_hours(&rows, residual_sd))?;
    let stratum = |(row, model): (LevelAtHours, PopulationModel)| NewStratum {
        min_age_years: row.min_age_years,
        max_age_years: row.max_age_years,
        sex: row.sex,
        model,
    };
    Some(strata.into_iter().map(stratum).collect())
}

fn stated(sex: Sex) -> Option<Sex> {
    (sex != Sex::Unspecified).then_some(sex)
}
