//! Whole services on either engine, each with a database of its own.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use diel_proto::v1 as pb;
use diel_proto::v1::assays_client::AssaysClient;
use diel_proto::v1::audits_client::AuditsClient;
use diel_proto::v1::cohorts_client::CohortsClient;
use diel_proto::v1::reviews_client::ReviewsClient;
use diel_proto::v1::rhythms_client::RhythmsClient;
use diel_proto::v1::specimens_client::SpecimensClient;
use diel_proto::v1::studies_client::StudiesClient;
use diel_proto::v1::submissions_client::SubmissionsClient;
use diel_server::{Running, Settings, SystemClock};
use tonic::transport::Channel;

use crate::database::Database;

/// A server in this process and plain generated clients to it.
pub struct TestService {
    /// The database, which outlives the server.
    pub database: Database,
    running: Running,
    /// A channel to the server.
    pub channel: Channel,
}

impl TestService {
    /// Starts a server on `database`.
    ///
    /// # Errors
    /// Whatever keeps it from starting.
    pub async fn start(database: Database) -> Result<Self> {
        Self::start_with(database, Settings::default()).await
    }

    /// The same with settings; address and database are overridden.
    ///
    /// # Errors
    /// Whatever keeps it from starting.
    pub async fn start_with(database: Database, settings: Settings) -> Result<Self> {
        let settings = Settings {
            listen: "127.0.0.1:0".parse()?,
            database: database.url().to_owned(),
            ..settings
        };
        let running = diel_server::start(settings, Arc::new(SystemClock)).await?;
        let channel = Channel::from_shared(format!("http://{}", running.address()))?
            .connect()
            .await?;
        Ok(Self {
            database,
            running,
            channel,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.running.address())
    }

    /// Where the review console listens.
    ///
    /// # Errors
    /// It is off.
    pub fn console(&self) -> Result<SocketAddr> {
        self.running.web_address().context("the console is off")
    }

    /// Stops the server as an operator would and keeps the database.
    pub async fn stop(self) -> Database {
        self.running.stop().await;
        self.database
    }

    /// `diel.v1.Studies`.
    #[must_use]
    pub fn studies(&self) -> StudiesClient<Channel> {
        StudiesClient::new(self.channel.clone())
    }

    /// `diel.v1.Submissions`.
    #[must_use]
    pub fn submissions(&self) -> SubmissionsClient<Channel> {
        SubmissionsClient::new(self.channel.clone())
    }

    /// `diel.v1.Specimens`.
    #[must_use]
    pub fn specimens(&self) -> SpecimensClient<Channel> {
        SpecimensClient::new(self.channel.clone())
    }

    /// `diel.v1.Rhythms`.
    #[must_use]
    pub fn rhythms(&self) -> RhythmsClient<Channel> {
        RhythmsClient::new(self.channel.clone())
    }

    /// `diel.v1.Reviews`.
    #[must_use]
    pub fn reviews(&self) -> ReviewsClient<Channel> {
        ReviewsClient::new(self.channel.clone())
    }

    /// `diel.v1.Cohorts`.
    #[must_use]
    pub fn cohorts(&self) -> CohortsClient<Channel> {
        CohortsClient::new(self.channel.clone())
    }

    /// `diel.v1.Assays`.
    #[must_use]
    pub fn assays(&self) -> AssaysClient<Channel> {
        AssaysClient::new(self.channel.clone())
    }

    /// `diel.v1.Audits`.
    #[must_use]
    pub fn audits(&self) -> AuditsClient<Channel> {
        AuditsClient::new(self.channel.clone())
    }

    /// Creates a study in Berlin time with the default policy.
    ///
    /// # Errors
    /// Whatever the service answers.
    pub async fn create_study(&self, id: &str) -> Result<pb::Study> {
        let study = pb::Study {
            display_name: format!("Study {id}"),
            time_zone: "Europe/Berlin".to_owned(),
            ..pb::Study::default()
        };
        let request = pb::CreateStudyRequest {
            study_id: id.to_owned(),
            study: Some(study),
            ..pb::CreateStudyRequest::default()
        };
        Ok(self.studies().create_study(request).await?.into_inner())
    }
}
