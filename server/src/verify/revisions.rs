//! Revisions of results, those that are out of force too. No number rests on these, so that they are held to what the audit
//! trail says of them, and to each other.

use std::collections::HashMap;

use diel_core::audit::Entry;
use diel_store::{Flaw, PageRequest, ResultFilter, RevisionCause, Store, StoreError, StoredResult};

use super::PAGE;

/// What the entries of a study say of revisions: an amendment says the one that it replaced and the one that it made.
#[derive(Debug, Default)]
pub(super) struct Revisions(HashMap<String, String>);

impl Revisions {
    /// Takes what an entry says of revisions, if anything.
    pub(super) fn learn(&mut self, entry: &Entry) {
        let record = &entry.record;
        if record.action != "amend_result" {
            return;
        }
        let Some((results, number)) = record.resource.rsplit_once('/') else {
            return;
        };
        let Ok(number) = number.parse::<i32>() else {
            return;
        };
        for (number, said) in [(number - 1, &record.before), (number, &record.after)] {
            self.0.insert(format!("{results}/{number}"), said.clone());
        }
    }

    /// Reads every revision of a study's results and names those that are not what was said of them.
    ///
    /// # Errors
    /// The database cannot be read. A row that breaks its own rules is a flaw, and the last that can be named.
    pub(super) async fn compare(
        &self,
        store: &Store,
        study: &str,
    ) -> Result<Vec<Flaw>, StoreError> {
        let mut flaws = Vec::new();
        let mut page = PageRequest {
            after: None,
            limit: PAGE,
        };
        let mut before = Vec::new();
        loop {
            let read = match store.results(study, &ResultFilter::default(), &page).await {
                // One by one up to the row at fault.
                Err(StoreError::Damaged { .. }) if page.limit > 1 => {
                    page.limit = 1;
                    continue;
                }
                Err(error @ StoreError::Damaged { .. }) => {
                    flaws.push(behind(study, page.after, &error));
                    return Ok(flaws);
                }
                read => read?,
            };
            for result in read.items {
                flaws.extend(self.flaw(study, &before, &result));
                if before
                    .last()
                    .is_some_and(|one: &StoredResult| one.specimen != result.specimen)
                {
                    before.clear();
                }
                before.push(result);
            }
            match read.next {
                Some(next) => page.after = Some(next),
                None => return Ok(flaws),
            }
        }
    }

    /// What is wrong with a revision; `before` are those of the specimen before, or of another.
    fn flaw(&self, study: &str, before: &[StoredResult], result: &StoredResult) -> Option<Flaw> {
        let name = name(study, &result.specimen, result.revision);
        let said = self.0.get(&name);
        let what = if said.is_some_and(|said| *said != result.said()) {
            "it is not what the audit trail says of it"
        } else if is_other_than_restored(before, result) {
            "it is not what was in force before the recall that was taken back"
        } else {
            return None;
        };
        Some(Flaw {
            resource: name,
            what: what.to_owned(),
        })
    }
}

/// A recall that is taken back puts the revision before it in force again.
fn is_other_than_restored(before: &[StoredResult], result: &StoredResult) -> bool {
    match before {
        [.., in_force, _] if result.cause == RevisionCause::Restored => {
            in_force.specimen == result.specimen && in_force.measurement != result.measurement
        }
        _ => false,
    }
}

fn name(study: &str, specimen: &str, revision: i32) -> String {
    format!("studies/{study}/specimens/{specimen}/results/{revision}")
}

fn behind(study: &str, after: Option<(String, i32)>, error: &StoreError) -> Flaw {
    Flaw {
        resource: match after {
            Some((specimen, revision)) => {
                format!("a result behind {}", name(study, &specimen, revision))
            }
            None => format!("the first results of studies/{study}"),
        },
        what: error.to_string(),
    }
}
