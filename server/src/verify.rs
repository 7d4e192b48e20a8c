//! Whether a database still is what was stored in it: its file, its chains, its rows, and the numbers made from them.

mod revisions;

use diel_core::audit::{Head, Walk};
use diel_store::{
    AuditFilter, Flaw, OpenOptions, PageRequest, RhythmFilter, RhythmNumbers, Store, StoreError,
};

use revisions::Revisions;

/// Rows of a chain or of a list that are read at a time.
const PAGE: u32 = 500;

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Verified {
    /// The end of each chain of the audit trail: a study's id, empty for what lies outside any study.
    pub heads: Vec<(String, Head)>,
    /// Entries of the chains.
    pub entries: u64,
    /// Persons whose numbers were computed again from their samples.
    pub persons: u64,
    /// Everything that is wrong.
    pub flaws: Vec<Flaw>,
}

/// Reads a whole database and changes nothing in it; it may be served meanwhile. `progress` is told of each study and how
/// many of its persons are done.
///
/// # Errors
/// [`StoreError`] when the database cannot be opened or read. What is wrong in it is no error: it is listed.
pub async fn verify(
    database: &str,
    mut progress: impl FnMut(&str, u64),
) -> Result<Verified, StoreError> {
    let mut options = OpenOptions::default();
    options.as_it_is = true;
    let store = Store::open(database, &options).await?;
    let verified = verify_store(&store, &mut progress).await;
    store.close().await;
    verified
}

async fn verify_store(
    store: &Store,
    progress: &mut impl FnMut(&str, u64),
) -> Result<Verified, StoreError> {
    let mut verified = Verified {
        flaws: store.damages().await?,
        ..Verified::default()
    };
    verified
        .walk(store, None, &mut Revisions::default())
        .await?;
    let mut after = None;
    loop {
        let page = store.studies(&PageRequest { after, limit: PAGE }).await?;
        for study in &page.items {
            progress(&study.id, 0);
            let mut revisions = Revisions::default();
            verified
                .walk(store, Some(&study.id), &mut revisions)
                .await?;
            let revised = revisions.compare(store, &study.id).await?;
            verified.flaws.extend(revised);
            verified.flaws.extend(store.orphans(&study.id).await?);
            verified.compute_again(store, &study.id, progress).await?;
        }
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    verified.look_at_the_deleted(store).await?;
    Ok(verified)
}

impl Verified {
    /// Walks the chains of studies that were deleted, of which nothing else may be left. One that is still being deleted is
    /// between two states, and only its chain is looked at.
    async fn look_at_the_deleted(&mut self, store: &Store) -> Result<(), StoreError> {
        for tombstone in store.tombstones().await? {
            let study = tombstone.study.as_str();
            self.walk(store, Some(study), &mut Revisions::default())
                .await?;
            if tombstone.done.is_some() {
                self.flaws.extend(store.remains(study).await?);
            }
        }
        Ok(())
    }

    /// Walks a chain to its head, and learns what it says of revisions; the first entry that is wrong is a flaw.
    async fn walk(
        &mut self,
        store: &Store,
        study: Option<&str>,
        revisions: &mut Revisions,
    ) -> Result<(), StoreError> {
        let id = study.unwrap_or_default();
        let stated = store.audit_head(study).await?;
        let mut walk = Walk::new(id);
        let mut after = None;
        let broken = 'chain: {
            while after.unwrap_or(0) < stated.sequence {
                let page = PageRequest { after, limit: PAGE };
                let page = store
                    .audit_entries(study, &AuditFilter::default(), &page)
                    .await?;
                for entry in page
                    .items
                    .iter()
                    .take_while(|entry| entry.sequence <= stated.sequence)
                {
                    if let Err(broken) = walk.step(entry) {
                        break 'chain Some(broken);
                    }
                    revisions.learn(entry);
                    self.entries += 1;
                }
                match page.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
            match walk.finish_at(stated) {
                Ok(head) => {
                    self.heads.push((id.to_owned(), head));
                    None
                }
                Err(broken) => Some(broken),
            }
        };
        self.flaws.extend(broken.map(|broken| Flaw {
            resource: if id.is_empty() {
                "the audit trail outside any study".to_owned()
            } else {
                format!("the audit trail of studies/{id}")
            },
            what: broken.to_string(),
        }));
        Ok(())
    }

    /// Computes every rhythm of a study again from what is stored, and compares: what was measured cannot have changed
    /// without the digest of a rhythm's inputs telling.
    async fn compute_again(
        &mut self,
        store: &Store,
        study: &str,
        progress: &mut impl FnMut(&str, u64),
    ) -> Result<(), StoreError> {
        let mut after = None;
        let mut done = 0;
        loop {
            let page = store
                .rhythms(
                    study,
                    &RhythmFilter::default(),
                    &PageRequest { after, limit: PAGE },
                )
                .await?;
            for stored in &page.items {
                let flaw = |what: &str| Flaw {
                    resource: format!("studies/{study}/participants/{}/rhythm", stored.participant),
                    what: what.to_owned(),
                };
                match store.history(study, &stored.participant).await {
                    // A rhythm of an earlier policy waits for the job that judges everybody again.
                    Ok(history) if history.policy.version != stored.policy_version => {}
                    Ok(history) => {
                        let again = RhythmNumbers::from(&history.analysis().rhythm);
                        if again.digest != stored.rhythm.digest {
                            self.flaws.push(flaw(
                                "what it rests on is not what it was computed from: a sample, an awakening, an age or a condition was changed without a trace",
                            ));
                        } else if again != stored.rhythm {
                            self.flaws
                                .push(flaw("its numbers are not those that its inputs give"));
                        }
                    }
                    Err(error @ StoreError::Damaged { .. }) => {
                        self.flaws.push(flaw(&error.to_string()))
                    }
                    Err(error) => return Err(error),
                }
                self.persons += 1;
                done += 1;
                progress(study, done);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }
}
