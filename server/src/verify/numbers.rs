//! Days and rhythms, computed again from what is stored: what was measured cannot have changed without the digest of a
//! rhythm's inputs telling.

use diel_core::Absence;
use diel_store::{
    Flaw, PageRequest, ProfileFilter, RhythmFilter, RhythmNumbers, Store, StoreError,
    StoredProfile, StoredRhythm,
};

use super::{PAGE, Verified};

const ELSEWHERE: &str = "what it rests on is not what it was computed from: a sample, an awakening, an age or a condition was changed without a trace";

/// How often a person is read whose rhythm moves on meanwhile.
const ATTEMPTS: usize = 5;

impl Verified {
    /// Computes every rhythm of a study again, with its days, and compares.
    pub(super) async fn compute_again(
        &mut self,
        store: &Store,
        study: &str,
        progress: &mut impl FnMut(&str, u64),
    ) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let page = PageRequest { after, limit: PAGE };
            let page = store.rhythms(study, &RhythmFilter::default(), &page).await;
            let Some(page) = self.or_flaw(&format!("rhythms of studies/{study}"), page)? else {
                return Ok(());
            };
            for stored in &page.items {
                self.compute_person_again(store, study, stored).await?;
                self.persons += 1;
                progress(study, self.rows());
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// What is read of a person while somebody submits is of two moments: it is read again where the rhythm has moved on.
    async fn compute_person_again(
        &mut self,
        store: &Store,
        study: &str,
        stored: &StoredRhythm,
    ) -> Result<(), StoreError> {
        let code = &stored.participant;
        let person = format!("studies/{study}/participants/{code}");
        let mut stored = stored.clone();
        for _ in 0..ATTEMPTS {
            let found = differences(store, study, &person, &stored).await;
            if matches!(&found, Ok(flaws) if flaws.is_empty()) {
                return Ok(());
            }
            match store.rhythm(study, code).await {
                Ok(now) if now != stored => stored = now,
                Err(StoreError::NotFound { .. }) => return Ok(()),
                _ => {
                    let flaws = self.or_flaw(&person, found)?;
                    flaws.into_iter().flatten().for_each(|flaw| self.add(flaw));
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

async fn differences(
    store: &Store,
    study: &str,
    person: &str,
    stored: &StoredRhythm,
) -> Result<Vec<Flaw>, StoreError> {
    let history = store.history(study, &stored.participant).await?;
    let flaw = |resource: String, what: &str| Flaw {
        resource,
        what: what.to_owned(),
    };
    let rhythm = || format!("{person}/rhythm");
    if !(1..=history.policy.version).contains(&stored.policy_version) {
        let what = "it was judged by a version of the policy that there is not";
        return Ok(vec![flaw(rhythm(), what)]);
    }
    // A rhythm of an earlier policy waits for the job that judges everybody again.
    if history.policy.version != stored.policy_version {
        return Ok(Vec::new());
    }
    let analysis = history.analysis();
    let again = RhythmNumbers::from(&analysis.rhythm);
    if again.digest != stored.rhythm.digest {
        // Its days rest on the same, and say nothing more.
        return Ok(vec![flaw(rhythm(), ELSEWHERE)]);
    }
    let mut flaws = Vec::new();
    if again != stored.rhythm {
        let what = "its numbers are not those that its inputs give";
        flaws.push(flaw(rhythm(), what));
    }
    let days = all_days(store, study, &stored.participant).await?;
    let mut again: Vec<StoredProfile> = (analysis.profiles.iter())
        .filter_map(|profile| StoredProfile::of(&stored.participant, profile))
        .collect();
    again.sort_by_key(|day| day.date);
    if again.len() != days.len() {
        let what = "its days are not those that its samples are of";
        flaws.push(flaw(format!("{person}/profiles"), what));
    }
    for (day, again) in days.iter().zip(&again) {
        if !is_same(day, again) {
            let what = "its numbers are not those that the samples of the day give";
            flaws.push(flaw(format!("{person}/profiles/{}", day.date), what));
        }
    }
    Ok(flaws)
}

async fn all_days(
    store: &Store,
    study: &str,
    participant: &str,
) -> Result<Vec<StoredProfile>, StoreError> {
    let filter = ProfileFilter {
        participant: Some(participant.to_owned()),
        ..ProfileFilter::default()
    };
    let mut page = PageRequest {
        after: None,
        limit: PAGE,
    };
    let mut days = Vec::new();
    loop {
        let read = store.profiles(study, &filter, &page).await?;
        days.extend(read.items);
        match read.next {
            Some(next) => page.after = Some(next),
            None => return Ok(days),
        }
    }
}

/// A day that was judged before a feature was known says nothing of that feature.
fn is_same(stored: &StoredProfile, again: &StoredProfile) -> bool {
    let known = |feature: diel_core::Feature| feature != Err(Absence::NotComputed);
    let mut features = (stored.features.iter()).zip(again.features.iter());
    let same = features.all(|((_, stored), (_, again))| !known(stored) || stored == again);
    let without_features = StoredProfile {
        features: again.features,
        ..stored.clone()
    };
    same && without_features == *again
}
