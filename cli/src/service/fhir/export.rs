//! A study on its way out, resource by resource.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{BufWriter, Write};

use clap::Args;
use diel_client::{Client, v1};
use diel_interchange::fhir::{self, Form, Writer};

use super::ServerOptions;
use super::person;
use crate::output::{Destination, tell};
use crate::service::name::{self, StudyOption};

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    #[command(flatten)]
    study: StudyOption,

    /// Only this participant's.
    #[arg(long, value_name = "CODE")]
    participant: Option<String>,

    /// One resource a line instead of one Bundle, as bulk exports have it.
    #[arg(long)]
    lines: bool,

    /// The file to write, replaced if it exists; - for standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: Destination,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn export(arguments: &ExportArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let study = client.get_study(arguments.study.name()).await?.name;
    let form = if arguments.lines {
        Form::Lines
    } else {
        Form::Bundle
    };
    let out = BufWriter::new(arguments.out.open()?);
    let mut export = Export {
        writer: Writer::begin(out, form, name::id(&study))?,
        batches: HashMap::new(),
        client,
        study,
    };
    match &arguments.participant {
        Some(code) => export.person(code).await?,
        None => export.everybody().await?,
    }
    let count = export.writer.end()?;
    tell(&format!("{count} resources written"));
    Ok(())
}

/// An export under way.
struct Export<W> {
    client: Client,
    study: String,
    writer: Writer<W>,
    batches: HashMap<String, v1::Batch>,
}

impl<W: Write> Export<W> {
    async fn everybody(&mut self) -> anyhow::Result<()> {
        let mut participants = self.client.list(v1::ListParticipantsRequest {
            parent: self.study.clone(),
            ..Default::default()
        });
        while let Some(participant) = participants.next().await {
            let participant = participant?;
            self.person(name::id(&participant.name)).await?;
        }
        let waiting = v1::SpecimenFilter {
            state: v1::SpecimenState::WaitingForCollection.into(),
            ..Default::default()
        };
        let mut specimens = self.client.list(self.specimens(waiting));
        while let Some(specimen) = specimens.next().await {
            self.specimen(&specimen?).await?;
        }
        Ok(())
    }

    async fn person(&mut self, code: &str) -> anyhow::Result<()> {
        let filter = v1::SpecimenFilter {
            participant: code.to_owned(),
            ..Default::default()
        };
        let specimens = self.client.list(self.specimens(filter));
        let specimens = specimens.collect(usize::MAX).await?;
        for specimen in &specimens {
            self.specimen(specimen).await?;
        }
        let profiles = self.client.list(v1::ListProfilesRequest {
            parent: self.study.clone(),
            filter: Some(v1::ProfileFilter {
                participant: code.to_owned(),
                ..Default::default()
            }),
            ..Default::default()
        });
        let profiles = profiles.collect(usize::MAX).await?;
        for day in person::days(&profiles, &specimens) {
            self.writer.write(&fhir::day(name::id(&self.study), &day))?;
        }
        Ok(())
    }

    fn specimens(&self, filter: v1::SpecimenFilter) -> v1::ListSpecimensRequest {
        v1::ListSpecimensRequest {
            parent: self.study.clone(),
            filter: Some(filter),
            ..Default::default()
        }
    }

    /// A tube and its result.
    async fn specimen(&mut self, specimen: &v1::Specimen) -> anyhow::Result<()> {
        let study = name::id(&self.study);
        self.writer.write(&fhir::specimen(study, specimen))?;
        let Some(result) = &specimen.result else {
            return Ok(());
        };
        let batch = match self.batches.entry(result.batch.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let batch = self.client.get_batch(place.key().clone()).await?;
                place.insert(batch)
            }
        };
        if let Some(observation) = fhir::observation(study, specimen, batch) {
            self.writer.write(&observation)?;
        }
        Ok(())
    }
}
