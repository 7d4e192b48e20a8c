//! Populations that designs are for.

use std::sync::Arc;

use diel_core::{AgeYears, Person, PopulationModel, Reference, ReferenceTerms, Sex, Strata};
use diel_proto::v1 as pb;

use crate::convert::participant::sex_from_proto;
use crate::name;
use crate::violations::Violations;

/// A population that is asked for.
#[derive(Debug)]
pub(crate) struct Population {
    pub(crate) model: Model,
    /// Chooses among strata.
    pub(crate) person: Person,
}

/// Where the numbers of a population are.
#[derive(Debug)]
pub(crate) enum Model {
    Here(Strata),
    OfStudy { study: String, reference: String },
}

/// Reads a population.
pub(crate) fn population(
    message: Option<&pb::Population>,
    violations: &mut Violations,
) -> Option<Population> {
    let Some(message) = message else {
        violations.add("population", "is missing");
        return None;
    };
    violations.within("population", |violations| {
        let age = message
            .age_years
            .and_then(|years| violations.take("age_years", AgeYears::new(years)));
        let sex = sex_from_proto(message.sex, violations);
        let model = match &message.model {
            Some(pb::population::Model::Reference(name)) => {
                violations.take("reference", named(name))
            }
            Some(pb::population::Model::Numbers(numbers)) => {
                violations.within("numbers", |violations| of_numbers(numbers, violations))
            }
            None => {
                violations.add(
                    "reference",
                    "is missing, and so is numbers; one of them is required",
                );
                None
            }
        };
        Some(Population {
            model: model?,
            person: Person {
                age,
                sex,
                ..Person::default()
            },
        })
    })
}

fn named(name: &str) -> Result<Model, String> {
    let Some(builtin) = name.strip_prefix("references/") else {
        let (study, reference) = name::child(name, "references")?;
        return Ok(Model::OfStudy {
            study: study.to_owned(),
            reference: reference.to_owned(),
        });
    };
    let found = Reference::find(builtin).ok_or_else(|| {
        let known: Vec<String> = Reference::builtin()
            .iter()
            .map(|reference| name::of_reference(reference.id()))
            .collect();
        format!(
            "{name:?} is not a reference; known are {}",
            known.join(", ")
        )
    })?;
    Ok(Model::Here(Strata::of(Arc::clone(found))))
}

fn of_numbers(message: &pb::ReferenceStratum, violations: &mut Violations) -> Option<Model> {
    let sex = sex_from_proto(message.sex, violations);
    let reference = Reference::new(ReferenceTerms {
        id: "numbers".to_owned(),
        population: String::new(),
        assay: String::new(),
        source: String::new(),
        provisional: false,
        min_age_years: message.min_age_years,
        max_age_years: message.max_age_years,
        sex: (sex != Sex::Unspecified).then_some(sex),
        model: PopulationModel {
            intercept_ln: message.intercept_ln,
            slope_ln_per_h: message.slope_ln_per_h,
            car_ln: message.car_ln,
            intercept_sd: message.intercept_sd,
            slope_sd: message.slope_sd,
            correlation: message.intercept_slope_correlation,
            residual_sd: message.residual_sd,
        },
        basis: None,
    });
    violations
        .take("", reference)
        .map(|reference| Model::Here(Strata::of(Arc::new(reference))))
}
