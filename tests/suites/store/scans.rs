use diel_core::{Absence, Features, Findings, Moment};
use diel_store::{PageRequest, ProfileFilter, ProfileParts, ProfileRow, StoreError, StoredProfile};

use crate::TestStore;
use crate::cohort::STUDY;
use crate::paging::fill;

/// All that a scan tells of a day.
#[derive(Debug, PartialEq)]
struct Day {
    participant: String,
    date: String,
    awakening: Option<Moment>,
    sample_count: i64,
    valid: bool,
    features: Vec<Option<f64>>,
    absences: Vec<(&'static str, Absence)>,
    findings: Findings,
}

fn scanned(row: &ProfileRow<'_>) -> Day {
    Day {
        participant: row.participant.to_owned(),
        date: row.date.to_owned(),
        awakening: row.awakening,
        sample_count: row.sample_count,
        valid: row.valid,
        features: row.features.to_vec(),
        absences: row.absences.to_vec(),
        findings: row.findings,
    }
}

fn listed(profile: &StoredProfile) -> Day {
    let features = profile.features.iter();
    Day {
        participant: profile.participant.clone(),
        date: profile.date.to_string(),
        awakening: profile.awakening,
        sample_count: profile.sample_count.into(),
        valid: profile.valid,
        features: features.map(|(_, feature)| feature.ok()).collect(),
        absences: profile
            .features
            .iter()
            .filter_map(|(name, feature)| Some((name, feature.err()?)))
            .collect(),
        findings: profile.findings,
    }
}

fn all() -> ProfileParts {
    ProfileParts {
        awakening: true,
        sample_count: true,
        valid: true,
        features: Features::NAMES.map(|_| true),
        absences: true,
        findings: true,
    }
}

/// Everything that a scan tells, page by page.
async fn scan(store: &TestStore, filter: &ProfileFilter, parts: ProfileParts) -> Vec<Day> {
    let mut days = Vec::new();
    let mut after = None;
    loop {
        let page = PageRequest { after, limit: 7 };
        let scanning = store.scan_profiles(STUDY, filter, parts, &page, days, |days, row| {
            days.push(scanned(row));
        });
        let next;
        (days, next) = scanning.await.unwrap();
        if next.is_none() {
            return days;
        }
        after = next;
    }
}

pub(crate) async fn a_scan_tells_what_the_list_tells(store: TestStore) {
    fill(&store).await;
    let filters = [
        ProfileFilter::default(),
        ProfileFilter {
            participant: Some("p07".to_owned()),
            ..ProfileFilter::default()
        },
        ProfileFilter {
            groups: vec!["case".to_owned(), "sibling".to_owned()],
            min_age_years: Some(25.0),
            max_slope_ln_per_h: Some(-0.1),
            valid_only: true,
            ..ProfileFilter::default()
        },
    ];
    let whole = PageRequest {
        after: None,
        limit: 1000,
    };
    for filter in &filters {
        let list = store.profiles(STUDY, filter, &whole).await.unwrap().items;
        let known: Vec<_> = list.iter().map(listed).collect();
        assert!(known.len() > 3, "{filter:?}");
        assert_eq!(scan(&store, filter, all()).await, known);
    }
    // Of the parts that nobody asks for nothing is told, and the others are the same.
    let parts = ProfileParts {
        valid: true,
        features: Features::NAMES.map(|name| name == "mesor"),
        ..ProfileParts::default()
    };
    let list = store.profiles(STUDY, &filters[0], &whole).await.unwrap();
    for (day, profile) in scan(&store, &filters[0], parts)
        .await
        .iter()
        .zip(&list.items)
    {
        assert_eq!(day.valid, profile.valid);
        let numbers: Vec<_> = day.features.iter().flatten().copied().collect();
        assert_eq!(
            numbers,
            profile.features.mesor.into_iter().collect::<Vec<_>>()
        );
        assert_eq!((day.awakening, day.sample_count), (None, 0));
        assert!(day.absences.is_empty());
    }
}

pub(crate) async fn a_scan_of_no_study_is_refused(store: TestStore) {
    let page = PageRequest {
        after: None,
        limit: 7,
    };
    let filter = ProfileFilter::default();
    let refused = store
        .scan_profiles("none", &filter, all(), &page, (), |(), _| ())
        .await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
}

/// What lies on either side of a mark is the list, whole.
pub(crate) async fn a_mark_divides_the_list(store: TestStore) {
    fill(&store).await;
    let days = scan(&store, &ProfileFilter::default(), all()).await;
    let key = |day: &Day| (day.participant.clone(), day.date.parse().unwrap());
    for rows in [1, 2, days.len() / 2, days.len()] {
        let limit = u32::try_from(rows).unwrap();
        let mark = store.profile_mark(STUDY, None, limit).await.unwrap();
        assert_eq!(mark, Some(key(&days[rows - 1])), "{rows}");
        let before = ProfileFilter {
            through: mark,
            ..ProfileFilter::default()
        };
        assert_eq!(scan(&store, &before, all()).await, days[..rows], "{rows}");
    }
    let first = key(&days[0]);
    let second = store.profile_mark(STUDY, Some(&first), 1).await.unwrap();
    assert_eq!(second, Some(key(&days[1])));
    let many = u32::try_from(days.len() + 1).unwrap();
    assert_eq!(store.profile_mark(STUDY, None, many).await.unwrap(), None);
    let unknown = store.profile_mark("none", None, 1).await;
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })));
}
