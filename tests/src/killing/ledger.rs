//! What writers were told, held against what the service has.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use diel_client::{Client, v1};

use super::STUDY;
use super::writer::{Acknowledged, DAYS, ROWS, is_flat};
use crate::process::{ServerProcess, diel};
use crate::trail;

/// Every acknowledgement since the first round.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// The batch of each person.
    batches: BTreeMap<String, String>,
}

impl Ledger {
    /// Enters what one round acknowledged.
    ///
    /// # Errors
    /// A batch was acknowledged twice.
    pub(super) fn enter(&mut self, acknowledged: &[Acknowledged]) -> Result<()> {
        for one in acknowledged {
            let before = self.batches.insert(one.person.clone(), one.batch.clone());
            ensure!(before.is_none(), "{} was acknowledged twice", one.person);
        }
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.batches.len()
    }

    /// Everything: each acknowledged batch is stored once with all that belongs to it, nothing is stored that is neither
    /// acknowledged nor in doubt, the trail is whole and has each batch once, and the database passes `diel verify`.
    ///
    /// # Errors
    /// The first thing that is not so.
    pub(super) async fn check_all(
        &self,
        server: &ServerProcess,
        client: &Client,
        database: &str,
        in_doubt: &BTreeSet<String>,
    ) -> Result<()> {
        let parent = format!("studies/{STUDY}");
        let batches = client.list(v1::ListBatchesRequest {
            parent: parent.clone(),
            page_size: 1000,
            ..Default::default()
        });
        let mut stored = BTreeSet::new();
        for batch in batches.collect(usize::MAX).await? {
            ensure!(batch.result_count == ROWS, "half a batch: {batch:?}");
            ensure!(stored.insert(batch.name.clone()), "{} twice", batch.name);
        }
        for (person, batch) in &self.batches {
            ensure!(stored.contains(batch), "the batch of {person} is lost");
        }
        let rhythms = client.stream(v1::StreamRhythmsRequest {
            parent,
            ..Default::default()
        });
        let mut persons = BTreeSet::new();
        for rhythm in rhythms.collect(usize::MAX).await? {
            check_rhythm(&rhythm)?;
            let person = rhythm.participant;
            let known = self.batches.contains_key(&person) || in_doubt.contains(&person);
            ensure!(known, "{person} was never sent");
            ensure!(persons.insert(person), "a person has two rhythms");
        }
        for person in self.batches.keys() {
            ensure!(persons.contains(person), "the rhythm of {person} is lost");
        }
        ensure!(
            persons.len() == stored.len(),
            "{} persons and {} batches",
            persons.len(),
            stored.len()
        );
        let channel = tonic::transport::Channel::from_shared(server.url.clone())?
            .connect()
            .await?;
        trail::verify(&channel, STUDY).await?;
        let mut entries = trail::resources(&channel, STUDY, "submit").await?;
        entries.sort();
        ensure!(
            entries.iter().eq(&stored),
            "the trail has {} batches, {} are stored",
            entries.len(),
            stored.len()
        );
        verify(database)
    }
}

/// One person whose batch was acknowledged: all rows under that batch, the rhythm, and the flag where one is due.
pub(super) async fn check_stored(client: &Client, one: &Acknowledged) -> Result<()> {
    let results = results(client, &one.person).await?;
    let rows = i64::try_from(results.len())?;
    ensure!(rows == ROWS, "{}: {rows} of {ROWS} rows", one.person);
    for result in results {
        ensure!(result.batch == one.batch, "{result:?} is not of {one:?}");
    }
    let name = format!("studies/{STUDY}/participants/{}/rhythm", one.person);
    check_rhythm(&client.get_rhythm(name).await?)
}

/// One person whose batch was sent and not answered: all or nothing. Returns whether it is there.
pub(super) async fn check_doubtful(client: &Client, person: &str) -> Result<bool> {
    let results = results(client, person).await?;
    let name = format!("studies/{STUDY}/participants/{person}/rhythm");
    match (i64::try_from(results.len())?, client.get_rhythm(name).await) {
        (ROWS, Ok(rhythm)) => check_rhythm(&rhythm).map(|()| true),
        (0, Err(_)) => Ok(false),
        (rows, rhythm) => bail!("{person} is half-written: {rows} rows, rhythm {rhythm:?}"),
    }
}

fn check_rhythm(rhythm: &v1::Rhythm) -> Result<()> {
    let days = i64::from(rhythm.day_count);
    ensure!(days == DAYS, "{}: {days} days", rhythm.participant);
    ensure!(
        rhythm.flag.is_empty() != is_flat(&rhythm.participant),
        "{} has a flag and should not, or none and should: {rhythm:?}",
        rhythm.participant
    );
    Ok(())
}

async fn results(client: &Client, person: &str) -> Result<Vec<v1::Result>> {
    let specimens = client.list(v1::ListSpecimensRequest {
        parent: format!("studies/{STUDY}"),
        filter: Some(v1::SpecimenFilter {
            participant: person.to_owned(),
            ..Default::default()
        }),
        page_size: 1000,
        ..Default::default()
    });
    let specimens = specimens.collect(usize::MAX).await?.into_iter();
    specimens
        .map(|specimen| specimen.result.context(specimen.name))
        .collect()
}

/// Has another process compute everything again from what is stored.
fn verify(database: &str) -> Result<()> {
    let verified = Command::new(diel()?)
        .args(["verify", "--database", database])
        .output()?;
    let said = String::from_utf8_lossy(&verified.stdout);
    ensure!(verified.status.success(), "diel verify: {said}");
    Ok(())
}
