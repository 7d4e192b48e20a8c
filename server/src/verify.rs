//! Whether a database still is what was stored in it: its file, its chains, its rows, and the numbers made from them.

mod chain;
mod numbers;
mod revisions;

use diel_core::audit::Head;
use diel_store::{Flaw, OpenOptions, PageRequest, Store, StoreError};

/// Rows of a chain or of a list that are read at a time.
const PAGE: u32 = 500;

/// Flaws that are named. A database of which more is wrong is not mended one by one.
const NAMED: usize = 1_000;

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Verified {
    /// The end of each chain of the audit trail: a study's id, empty for what lies outside any study.
    pub heads: Vec<(String, Head)>,
    /// Entries of the chains.
    pub entries: u64,
    /// Persons whose numbers were computed again from their samples.
    pub persons: u64,
    /// Revisions of results that were read, those that are out of force too.
    pub revisions: u64,
    /// Of these, those that were written before rows had digests.
    pub without_digest: u64,
    /// What is wrong, up to a thousand flaws.
    pub flaws: Vec<Flaw>,
    /// Flaws beyond those that are named.
    pub unnamed_flaws: u64,
}

/// Reads a whole database and changes nothing in it; it may be served meanwhile. `progress` is told of which study and how many
/// entries, revisions and persons were read so far, of all studies. Memory does not grow with the database.
///
/// # Errors
/// [`StoreError`] when the database cannot be opened, or goes away. What is wrong in it is no error: it is listed.
pub async fn verify(
    database: &str,
    mut progress: impl FnMut(&str, u64),
) -> Result<Verified, StoreError> {
    let mut options = OpenOptions::default();
    options.as_it_is = true;
    let store = Store::open(database, &options).await?;
    let mut verified = Verified::default();
    let done = verified.read(&store, &mut progress).await;
    store.close().await;
    done.map(|()| verified)
}

impl Verified {
    async fn read(
        &mut self,
        store: &Store,
        progress: &mut impl FnMut(&str, u64),
    ) -> Result<(), StoreError> {
        if let Some(damages) = self.or_flaw("database", store.damages().await)? {
            damages.into_iter().for_each(|flaw| self.add(flaw));
        }
        self.or_flaw("the statements of this version", store.prepare_each().await)?;
        self.walk(store, None, progress).await?;
        let mut after = None;
        loop {
            let page = store.studies(&PageRequest { after, limit: PAGE }).await;
            let Some(page) = self.or_flaw("the list of studies", page)? else {
                return Ok(());
            };
            for study in &page.items {
                self.walk(store, Some(&study.id), progress).await?;
                self.check_revisions(store, &study.id, progress).await?;
                let orphans = store.orphans(&study.id).await;
                let orphans = self.or_flaw(&format!("studies/{}", study.id), orphans)?;
                orphans
                    .into_iter()
                    .flatten()
                    .for_each(|flaw| self.add(flaw));
                self.compute_again(store, &study.id, progress).await?;
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        self.look_at_the_deleted(store, progress).await
    }

    /// Walks the chains of studies that were deleted, of which nothing else may be left. One that is still being deleted is
    /// between two states, and only its chain is looked at.
    async fn look_at_the_deleted(
        &mut self,
        store: &Store,
        progress: &mut impl FnMut(&str, u64),
    ) -> Result<(), StoreError> {
        let deleted = "the list of deleted studies";
        let tombstones = self.or_flaw(deleted, store.tombstones().await)?;
        for tombstone in tombstones.into_iter().flatten() {
            let study = tombstone.study.as_str();
            self.walk(store, Some(study), progress).await?;
            if tombstone.done.is_some() {
                let remains = store.remains(study).await;
                let remains = self.or_flaw(&format!("studies/{study}"), remains)?;
                remains
                    .into_iter()
                    .flatten()
                    .for_each(|flaw| self.add(flaw));
            }
        }
        Ok(())
    }

    /// Entries, revisions and persons.
    const fn rows(&self) -> u64 {
        self.entries + self.revisions + self.persons
    }

    fn add(&mut self, flaw: Flaw) {
        if self.flaws.len() < NAMED {
            self.flaws.push(flaw);
        } else {
            self.unnamed_flaws += 1;
        }
    }

    fn name(&mut self, resource: impl Into<String>, what: impl Into<String>) {
        self.add(Flaw {
            resource: resource.into(),
            what: what.into(),
        });
    }

    /// What was read; what cannot be read is a flaw, and the rest is looked at all the same.
    ///
    /// # Errors
    /// The database went away.
    fn or_flaw<T>(
        &mut self,
        resource: &str,
        read: Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(error @ StoreError::Unavailable(_)) => Err(error),
            Err(error @ StoreError::Engine(_)) => {
                let said = std::error::Error::source(&error).map(ToString::to_string);
                self.name(
                    resource,
                    format!(
                        "the engine cannot read it: {}",
                        said.as_deref().unwrap_or("it does not say why")
                    ),
                );
                Ok(None)
            }
            Err(error) => {
                self.name(resource, error.to_string());
                Ok(None)
            }
        }
    }
}
