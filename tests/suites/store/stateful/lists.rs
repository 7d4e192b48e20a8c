//! Every list, page by page: the same rows in the same order as in one page.

use diel_store::{
    Page, PageRequest, ProfileFilter, ResultFilter, RhythmFilter, SpecimenFilter, Store, StoreError,
};

use crate::state::State;

/// Walks a list in pages of `limit` rows and returns what each row is known by.
macro_rules! walk {
    ($limit:expr, |$item:ident| $key:expr, |$page:ident| $list:expr) => {{
        let mut keys = Vec::new();
        let mut request = PageRequest {
            after: None,
            limit: $limit,
        };
        loop {
            let $page = &request;
            let found: Result<Page<_, _>, StoreError> = $list.await;
            let found = found.unwrap();
            keys.extend(found.items.into_iter().map(|$item| $key));
            assert!(keys.len() <= 1000, "the list does not end");
            match found.next {
                Some(next) => request.after = Some(next),
                None => break keys,
            }
        }
    }};
}

/// Compares pages of `limit` rows with what was read in one.
pub(crate) async fn check(store: &Store, study: &str, state: &State, limit: u32) {
    let any = SpecimenFilter::default();
    let specimens = walk!(limit, |it| it.code, |page| store
        .specimens(study, &any, page));
    assert!(
        specimens
            .iter()
            .eq(state.specimens.iter().map(|row| &row.0))
    );
    let any = ResultFilter::default();
    let results = walk!(limit, |it| (it.specimen, it.revision), |page| store
        .results(study, &any, page));
    assert!(
        (results
            .iter()
            .map(|(specimen, revision)| (specimen, *revision)))
        .eq(state.results.iter().map(|row| (&row.0, row.1)))
    );
    let batches = walk!(limit, |it| it.result_count, |page| store
        .batches(study, page));
    assert!(batches.iter().eq(state.batches.iter().map(|row| &row.0)));
    let persons = walk!(limit, |it| it.code, |page| store.participants(study, page));
    assert!(
        persons
            .iter()
            .eq(state.participants.iter().map(|row| &row.0))
    );
    let any = RhythmFilter::default();
    let rhythms = walk!(limit, |it| it.participant, |page| store
        .rhythms(study, &any, page));
    assert!(rhythms.iter().eq(state.rhythms.iter().map(|row| &row.0)));
    let any = ProfileFilter::default();
    let profiles = walk!(limit, |it| (it.participant, it.date), |page| store
        .profiles(study, &any, page));
    assert!(profiles.is_sorted_by(|one, next| one < next));
    let days: u32 = state.rhythms.iter().map(|row| row.1.day_count).sum();
    assert_eq!(profiles.len(), days as usize);
}
