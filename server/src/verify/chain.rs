//! Chains of the audit trail, and revisions against what they say of them.

use diel_core::audit::{Broken, Entry, Walk};
use diel_store::{AuditFilter, PageRequest, Store, StoreError};

use super::{PAGE, Verified};

impl Verified {
    /// Walks a chain to its head; the first entry that is wrong is a flaw. What it says of revisions is held against them.
    pub(super) async fn walk(
        &mut self,
        store: &Store,
        study: Option<&str>,
        progress: &mut impl FnMut(&str, u64),
    ) -> Result<(), StoreError> {
        let id = study.unwrap_or_default();
        let resource = if id.is_empty() {
            "the audit trail outside any study".to_owned()
        } else {
            format!("the audit trail of studies/{id}")
        };
        let stated = store.audit_head(study).await;
        let Some(stated) = self.or_flaw(&resource, stated)? else {
            return Ok(());
        };
        let mut walk = Walk::new(id);
        let mut after = None;
        while after.unwrap_or(0) < stated.sequence {
            let page = PageRequest { after, limit: PAGE };
            let page = store
                .audit_entries(study, &AuditFilter::default(), &page)
                .await;
            let Some(page) = self.or_flaw(&resource, page)? else {
                return Ok(());
            };
            let known = page.items.iter();
            let known: Vec<&Entry> = known
                .take_while(|entry| entry.sequence <= stated.sequence)
                .collect();
            let stepped = known.iter().try_for_each(|entry| {
                walk.step(entry)?;
                self.entries += 1;
                Ok::<(), Broken>(())
            });
            if let Err(broken) = stepped {
                self.name(resource, broken.to_string());
                return Ok(());
            }
            self.compare_amended(store, id, &known).await?;
            progress(id, self.rows());
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        match walk.finish_at(stated) {
            Ok(head) => self.heads.push((id.to_owned(), head)),
            Err(broken) => self.name(resource, broken.to_string()),
        }
        Ok(())
    }

    /// An amendment says the revision that it replaced and the one that it made.
    async fn compare_amended(
        &mut self,
        store: &Store,
        study: &str,
        entries: &[&Entry],
    ) -> Result<(), StoreError> {
        let amendments: Vec<Amendment<'_>> = entries
            .iter()
            .filter_map(|entry| Amendment::of(study, entry))
            .collect();
        let mut specimens: Vec<&str> = amendments.iter().map(|one| one.specimen).collect();
        specimens.sort_unstable();
        specimens.dedup();
        if specimens.is_empty() {
            return Ok(());
        }
        let found = match store.said_revisions(study, &specimens).await {
            // The study was deleted, and its results with it.
            Err(StoreError::NotFound { .. }) => return Ok(()),
            found => found,
        };
        let Some(found) = self.or_flaw(&format!("results of studies/{study}"), found)? else {
            return Ok(());
        };
        for Amendment {
            specimen,
            revision,
            before,
            after,
        } in amendments
        {
            for (revision, said) in [(revision - 1, before), (revision, after)] {
                let stands = found.get(&(specimen.to_owned(), revision));
                if stands.is_some_and(|stands| stands != said) {
                    self.name(
                        name(study, specimen, revision),
                        "it is not what the audit trail says of it",
                    );
                }
            }
        }
        Ok(())
    }
}

/// What an entry says of two revisions.
struct Amendment<'a> {
    specimen: &'a str,
    /// The one that it made.
    revision: i64,
    before: &'a str,
    after: &'a str,
}

impl<'a> Amendment<'a> {
    fn of(study: &str, entry: &'a Entry) -> Option<Self> {
        let record = &entry.record;
        if record.action != "amend_result" {
            return None;
        }
        let in_study = record.resource.strip_prefix("studies/")?;
        let specimen = in_study.strip_prefix(study)?.strip_prefix("/specimens/")?;
        let (specimen, revision) = specimen.split_once("/results/")?;
        Some(Self {
            specimen,
            revision: revision.parse().ok()?,
            before: &record.before,
            after: &record.after,
        })
    }
}

/// The name of a revision.
pub(super) fn name(study: &str, specimen: &str, revision: i64) -> String {
    format!("studies/{study}/specimens/{specimen}/results/{revision}")
}
