//! Revisions of results, those that are out of force too. No number rests on these, so that each is held to the digest that was
//! stored with it, and to its neighbours.

use diel_store::{PageRequest, RevisionCause, RevisionCheck, RowCheck, Store, StoreError};

use super::chain::name;
use super::{PAGE, Verified};

impl Verified {
    /// Reads every revision of a study's results and names those that are not what was written.
    pub(super) async fn check_revisions(
        &mut self,
        store: &Store,
        study: &str,
        progress: &mut impl FnMut(&str, u64),
    ) -> Result<(), StoreError> {
        let mut page = PageRequest {
            after: None,
            limit: PAGE,
        };
        let mut before = Before::default();
        loop {
            let read = store.check_revisions(study, &page).await;
            let behind = page.after.as_ref().map_or_else(
                || format!("the first results of studies/{study}"),
                |(specimen, revision)| {
                    format!("a result behind {}", name(study, specimen, *revision))
                },
            );
            let Some(read) = self.or_flaw(&behind, read)? else {
                return Ok(());
            };
            for check in read.items {
                self.check_revision(study, &before, &check);
                before.push(check);
            }
            progress(study, self.rows());
            match read.next {
                Some(next) => page.after = Some(next),
                None => return Ok(()),
            }
        }
    }

    fn check_revision(&mut self, study: &str, before: &Before, check: &RevisionCheck) {
        self.revisions += 1;
        let resource = name(study, &check.specimen, check.revision);
        match check.row {
            RowCheck::AsWritten => {}
            RowCheck::Changed => {
                let what = "it is not what was written: its digest is that of another row";
                self.name(&resource, what);
            }
            RowCheck::WithoutDigest => self.without_digest += 1,
        }
        if let Err(error) = &check.result {
            self.name(&resource, error.to_string());
        }
        let last = before.last.as_ref();
        let last = last.filter(|last| last.specimen == check.specimen);
        let next = last.map_or(1, |last| last.revision + 1);
        if check.revision != next {
            let what = format!("revision {next} should stand here, and is missing");
            self.name(&resource, what);
        }
        if before.is_other_than(check) {
            let what = "it is not what was in force before the recall that was taken back";
            self.name(&resource, what);
        }
    }
}

/// The two revisions before one, of the same specimen or of another.
#[derive(Default)]
struct Before {
    last_but_one: Option<RevisionCheck>,
    last: Option<RevisionCheck>,
}

impl Before {
    fn push(&mut self, check: RevisionCheck) {
        self.last_but_one = self.last.replace(check);
    }

    /// A recall that is taken back puts the revision before it in force again.
    fn is_other_than(&self, check: &RevisionCheck) -> bool {
        let before = self.last_but_one.as_ref();
        let before = before.filter(|before| before.specimen == check.specimen);
        match (before.map(|before| &before.result), &check.result) {
            (Some(Ok(before)), Ok(restored)) => {
                restored.cause == RevisionCause::Restored
                    && before.measurement != restored.measurement
            }
            _ => false,
        }
    }
}
