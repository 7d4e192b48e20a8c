use diel_core::Verdict;
use diel_store::{
    FlagFilter, FlagState, Page, PageRequest, ProfileFilter, ResultFilter, RhythmFilter,
    SpecimenFilter, SpecimenState, StoreError,
};

use crate::TestStore;
use crate::cohort::{FLAT, STEEP, STUDY, awakening, create_study, days, submission};
use crate::orders::{registration, results_only};

/// Twenty people in three groups, four days each, every fourth flat; two days only known by half.
pub(crate) async fn fill(store: &TestStore) {
    create_study(store).await;
    for person in 0..20_u32 {
        let slope = if person % 4 == 0 { FLAT } else { STEEP };
        let mut rows = days(&format!("p{person:02}"), 0..4, slope);
        for row in &mut rows {
            let collection = row.collection.as_mut().unwrap();
            collection.group = ["case", "control", "sibling"][person as usize % 3].to_owned();
            collection.age = Some(diel_core::AgeYears::new(20.0 + f64::from(person)).unwrap());
        }
        store.submit(submission(rows)).await.unwrap();
    }
    store
        .submit(submission(results_only(&days("q", 0..2, STEEP))))
        .await
        .unwrap();
    store
        .register(registration(&days("r", 0..3, STEEP)))
        .await
        .unwrap();
}

/// Walks a list page by page and returns the keys, which must rise strictly and agree with one page of everything.
macro_rules! walk {
    ($key:expr, $limit:expr, |$page:ident| $list:expr) => {{
        let mut keys = Vec::new();
        let mut request = PageRequest {
            after: None,
            limit: $limit,
        };
        loop {
            let $page = &request;
            let page: Result<Page<_, _>, StoreError> = $list.await;
            let page = page.unwrap();
            assert!(page.items.len() <= $limit);
            assert!(page.next.is_none() || page.items.len() == $limit);
            keys.extend(page.items.iter().map($key));
            match page.next {
                Some(next) => request.after = Some(next),
                None => break,
            }
        }
        let all = PageRequest {
            after: None,
            limit: 1000,
        };
        let $page = &all;
        let whole: Vec<_> = $list.await.unwrap().items.iter().map($key).collect();
        assert_eq!(keys, whole);
        keys
    }};
}

fn rises<K: PartialOrd>(keys: &[K]) -> bool {
    keys.windows(2).all(|pair| pair[0] < pair[1])
}

pub(crate) async fn pages_cover_everything_once(store: TestStore) {
    fill(&store).await;
    let any_result = ResultFilter::default();
    let any_profile = ProfileFilter::default();
    let any_flag = FlagFilter::default();
    let specimens = walk!(|it| it.code.clone(), 7, |page| store.specimens(
        STUDY,
        &SpecimenFilter::default(),
        page
    ));
    assert!(rises(&specimens) && specimens.len() == 400 + 10 + 15);
    let results = walk!(|it| (it.specimen.clone(), it.revision), 64, |page| {
        store.results(STUDY, &any_result, page)
    });
    assert!(rises(&results) && results.len() == 410);
    let batches = walk!(|it| it.id.clone(), 4, |page| store.batches(STUDY, page));
    assert!(rises(&batches) && batches.len() == 21);
    let people = walk!(|it| it.code.clone(), 21, |page| store
        .participants(STUDY, page));
    assert!(rises(&people) && people.len() == 21);
    let profiles = walk!(|it| (it.participant.clone(), it.date), 9, |page| {
        store.profiles(STUDY, &any_profile, page)
    });
    assert!(rises(&profiles) && profiles.len() == 80);
    let rhythms = walk!(|it| it.participant.clone(), 1, |page| store.rhythms(
        STUDY,
        &RhythmFilter::default(),
        page
    ));
    assert!(rises(&rhythms) && rhythms.len() == 21);
    // Five flags of equal probability: the id decides.
    let flags = walk!(
        |it| (
            -it.evidence.posterior.unwrap().probability_flat,
            it.id.clone()
        ),
        2,
        |page| { store.flags(STUDY, &any_flag, page) }
    );
    assert!(rises(&flags) && flags.len() == 5);
    let events = walk!(|it| it.sequence, 1, |page| store.flag_events(
        STUDY,
        &flags[0].1,
        page
    ));
    assert_eq!(events, [1]);
}

pub(crate) async fn filters_choose_and_pages_still_cover(store: TestStore) {
    fill(&store).await;
    let case_or_sibling = || vec!["case".to_owned(), "sibling".to_owned()];

    let filter = SpecimenFilter {
        participant: Some("p03".to_owned()),
        ..SpecimenFilter::default()
    };
    assert_eq!(
        walk!(|it| it.code.clone(), 3, |page| store
            .specimens(STUDY, &filter, page))
        .len(),
        20
    );
    for (state, count) in [
        (SpecimenState::Complete, 400),
        (SpecimenState::WaitingForCollection, 10),
        (SpecimenState::WaitingForResult, 15),
    ] {
        let filter = SpecimenFilter {
            state: Some(state),
            ..SpecimenFilter::default()
        };
        let found = walk!(|it| it.code.clone(), 6, |page| store
            .specimens(STUDY, &filter, page));
        assert!(rises(&found) && found.len() == count, "{state:?}");
    }

    let batch = store
        .batches(
            STUDY,
            &PageRequest {
                after: None,
                limit: 1,
            },
        )
        .await
        .unwrap()
        .items
        .remove(0)
        .id;
    let filter = ResultFilter {
        specimen: None,
        batch: Some(batch),
    };
    assert_eq!(
        walk!(|it| it.specimen.clone(), 6, |page| store
            .results(STUDY, &filter, page))
        .len(),
        20
    );

    let filter = ProfileFilter {
        groups: case_or_sibling(),
        min_age_years: Some(25.0),
        max_age_years: Some(35.0),
        first_date: Some(awakening(1).local_date()),
        last_date: Some(awakening(2).local_date()),
        max_slope_ln_per_h: Some(-0.1),
        min_slope_ln_per_h: Some(-0.2),
        valid_only: true,
        through: None,
        participant: None,
    };
    // People 5 to 15 of groups 0 and 2 of 3, without every fourth: 5, 6, 9, 11, 14, 15. Two days each.
    let found = walk!(|it| it.participant.clone(), 5, |page| store
        .profiles(STUDY, &filter, page));
    assert_eq!(
        found,
        [
            "p05", "p05", "p06", "p06", "p09", "p09", "p11", "p11", "p14", "p14", "p15", "p15"
        ]
    );
    let filter = ProfileFilter {
        participant: Some("p07".to_owned()),
        ..ProfileFilter::default()
    };
    assert_eq!(
        walk!(|it| it.date, 3, |page| store.profiles(STUDY, &filter, page)).len(),
        4
    );

    let filter = RhythmFilter {
        groups: case_or_sibling(),
        verdicts: vec![Verdict::FlatForReview],
        flag_states: vec![FlagState::Open, FlagState::Resolved],
        min_age_years: Some(21.0),
        max_age_years: Some(60.0),
        min_slope_ln_per_h: Some(-0.1),
        max_slope_ln_per_h: Some(0.1),
    };
    // Every fourth without person 0, without group 1 (4, 16).
    let found = walk!(|it| it.participant.clone(), 1, |page| store
        .rhythms(STUDY, &filter, page));
    assert_eq!(found, ["p08", "p12"]);

    let filter = FlagFilter {
        states: vec![FlagState::Open],
        groups: vec!["control".to_owned()],
        min_probability: Some(0.5),
        participant: None,
        ..FlagFilter::default()
    };
    let mut found = walk!(|it| it.participant.clone(), 1, |page| store
        .flags(STUDY, &filter, page));
    found.sort();
    assert_eq!(found, ["p04", "p16"]);
    let filter = FlagFilter {
        participant: Some("p08".to_owned()),
        ..FlagFilter::default()
    };
    assert_eq!(
        walk!(|it| it.participant.clone(), 1, |page| store
            .flags(STUDY, &filter, page)),
        ["p08"]
    );
    let filter = FlagFilter {
        states: vec![FlagState::Withdrawn],
        ..FlagFilter::default()
    };
    assert!(
        walk!(|it| it.participant.clone(), 1, |page| store
            .flags(STUDY, &filter, page))
        .is_empty()
    );
}
