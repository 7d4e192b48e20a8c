//! What a study holds, without what differs between any two runs: ids, and hashes over them.

use diel_core::Measurement;
use diel_store::{
    FlagFilter, FlagState, PageRequest, ResultFilter, RhythmFilter, RhythmNumbers, SpecimenFilter,
    Store, StoreError,
};

/// Everything that a caller can see of the study, in the order of lists.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct State {
    /// Of the study, and of its policy.
    pub(crate) versions: (i64, i64),
    /// Results, whether it is recalled, version, and results in force that say a concentration or a limit.
    pub(crate) batches: Vec<(i64, bool, i64, usize)>,
    /// Whether it has collection facts, and a result.
    pub(crate) specimens: Vec<(String, bool, bool)>,
    pub(crate) results: Vec<(String, i32, Measurement)>,
    pub(crate) participants: Vec<(String, String, i64)>,
    pub(crate) rhythms: Vec<(String, RhythmNumbers)>,
    pub(crate) flags: Vec<(String, FlagState, i64)>,
    /// The last number of the audit trail.
    pub(crate) entries: i64,
}

fn everything<K>() -> PageRequest<K> {
    PageRequest {
        after: None,
        limit: 1000,
    }
}

/// The state of the study; that of nothing when there is no study.
pub(crate) async fn of(store: &Store, id: &str) -> Result<State, StoreError> {
    let study = match store.study(id).await {
        Err(StoreError::NotFound { .. }) => return Ok(State::default()),
        study => study?,
    };
    let batches = store.batches(id, &everything()).await?.items;
    let any = SpecimenFilter::default();
    let specimens = store.specimens(id, &any, &everything()).await?.items;
    let any = ResultFilter::default();
    let results = store.results(id, &any, &everything()).await?.items;
    let persons = store.participants(id, &everything()).await?.items;
    let any = RhythmFilter::default();
    let rhythms = store.rhythms(id, &any, &everything()).await?.items;
    let any = FlagFilter::default();
    let flags = store.flags(id, &any, &everything()).await?.items;
    let mut flags: Vec<_> = (flags.into_iter())
        .map(|flag| (flag.participant, flag.state, flag.version))
        .collect();
    flags.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(State {
        versions: (study.version, study.policy.version),
        batches: (batches.into_iter())
            .map(|batch| {
                let measured = batch.assessment.map_or(0, |it| it.below_limit.of);
                let is_recalled = batch.recall.is_some();
                (batch.result_count, is_recalled, batch.version, measured)
            })
            .collect(),
        specimens: (specimens.into_iter())
            .map(|specimen| {
                let (facts, result) = (specimen.collection.is_some(), specimen.result.is_some());
                (specimen.code, facts, result)
            })
            .collect(),
        results: (results.into_iter())
            .map(|result| (result.specimen, result.revision, result.measurement))
            .collect(),
        participants: (persons.into_iter())
            .map(|person| (person.code, person.group, person.version))
            .collect(),
        rhythms: (rhythms.into_iter())
            .map(|rhythm| (rhythm.participant, rhythm.rhythm))
            .collect(),
        flags,
        entries: store.audit_head(Some(id)).await?.sequence,
    })
}
