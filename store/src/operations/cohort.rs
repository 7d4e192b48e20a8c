//! The persons of a cohort, gathered slice by slice for a fit.

use std::collections::HashMap;

use diel_core::Policy;

use super::judge::Analysing;
use super::write::begin_snapshot;
use super::{Conn, ground, history, participants};
use crate::fault::Fault;
use crate::{CohortPerson, CohortSlice, FitSpecification, PageRequest, Participant, Sex};

/// The next participants, all from one state of the database, with those analysed that the specification asks for.
pub(crate) async fn slice(
    conn: &mut Conn,
    study: &str,
    specification: &FitSpecification,
    page: &PageRequest<String>,
) -> Result<CohortSlice, Fault> {
    let mut snapshot = begin_snapshot(conn).await?;
    let ground = ground::read(&mut snapshot, study).await?;
    let page = participants::page(&mut snapshot, ground.no, page).await?;
    let looked_at = u32::try_from(page.items.len()).unwrap_or(u32::MAX);
    let chosen: Vec<Participant> = page
        .items
        .into_iter()
        .filter(|participant| is_asked_for(specification, participant, &ground.rule))
        .collect();
    let persons = chosen
        .iter()
        .map(|participant| (participant.code.as_str(), participant.person()));
    let evidence = history::evidence(&mut snapshot, ground.no, persons).await?;
    snapshot.rollback().await?;
    let analyses = Analysing::start(evidence, &ground.rule).finish().await?;
    let mut analyses: HashMap<_, _> = analyses.into_iter().collect();
    let persons = chosen.into_iter().filter_map(|participant| {
        let analysis = analyses.remove(&participant.code)?;
        Some(CohortPerson {
            participant,
            analysis,
        })
    });
    Ok(CohortSlice {
        persons: persons.collect(),
        looked_at,
        next: page.next,
        rule: ground.rule,
    })
}

fn is_asked_for(
    specification: &FitSpecification,
    participant: &Participant,
    rule: &Policy,
) -> bool {
    let age = participant.age.map(diel_core::AgeYears::get);
    let old_enough = specification
        .min_age_years
        .is_none_or(|least| age.is_some_and(|age| age >= least));
    let young_enough = specification
        .max_age_years
        .is_none_or(|below| age.is_some_and(|age| age < below));
    (specification.group.is_empty() || specification.group == participant.group)
        && (specification.sex == Sex::Unspecified || specification.sex == participant.sex)
        && (!specification.judged_days_only
            || participant
                .conditions
                .intersection(rule.excluding())
                .is_empty())
        && old_enough
        && young_enough
}
