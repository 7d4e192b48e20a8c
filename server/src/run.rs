//! Starting and stopping a server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arrow_flight::flight_service_server::FlightServiceServer;
use diel_proto::v1 as pb;
use diel_store::{JobKind, OpenOptions, Store, StoreError};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tower::ServiceBuilder;

use crate::access::{AccessMode, GateLayer, Verifier, service_names, write_down};
use crate::admission::Admission;
use crate::clock::Clock;
use crate::frames::{Flight, PlainFlight};
use crate::jobs;
use crate::metrics::Metrics;
use crate::pseudonym::{CodeKeyError, Pseudonyms};
use crate::service::Service;
use crate::settings::{Problems, Settings};
use crate::transport::{
    self, AccountLayer, BudgetLayer, MalformedLayer, PatienceLayer, Protocol, Terms, Tls, TlsError,
};
use crate::web;

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Settings break rules.
    #[error(transparent)]
    Settings(#[from] Problems),
    /// Certificates cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address cannot be listened on.
    #[error("listen: {address} cannot be listened on")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The console's address cannot be listened on.
    #[error("web: {address} cannot be listened on; name another address, or off")]
    Web {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database cannot be opened.
    #[error("database")]
    Store(#[from] StoreError),
    /// The key of codes cannot be used.
    #[error(transparent)]
    CodeKey(#[from] CodeKeyError),
    /// A study keeps codes under a key that this service has not.
    #[error(
        "codes.key_file: studies/{study} keeps codes under the key with the fingerprint {expected}, and {found}: with another key \
         every participant would become somebody else"
    )]
    OtherCodeKey {
        /// The study.
        study: String,
        /// The fingerprint of its key.
        expected: String,
        /// What was found in its place.
        found: String,
    },
    /// The descriptors that reflection serves cannot be read.
    #[error("reflection")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// A server at work.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    web: Option<web::Listening>,
    store: Store,
    stopping: CancellationToken,
    health: HealthReporter,
    serving: JoinHandle<()>,
    workers: Vec<JoinHandle<()>>,
    drain: Duration,
}

/// Opens the database, brings its schema up to date, and listens.
///
/// # Errors
/// [`StartError`] names the setting at fault, all of them where several break rules.
pub async fn start(settings: Settings, clock: Arc<dyn Clock>) -> Result<Running, StartError> {
    settings.check()?;
    let mut options = OpenOptions::default();
    options.readers = settings.limits.readers;
    let store = Store::open(&settings.database, &options).await?;
    let pseudonyms = Pseudonyms::new(settings.codes.key()?);
    check_code_keys(&store, &pseudonyms).await?;
    if settings.access == AccessMode::Tokens && store.admin_token(clock.now()).await?.is_none() {
        tracing::warn!("no admin has a token that is good: make one with `diel token bootstrap`");
    }
    let listening = |source| StartError::Listen {
        address: settings.listen,
        source,
    };
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(listening)?;
    let address = listener.local_addr().map_err(listening)?;

    let web_listener = listen_for_web(&settings).await?;

    let limits = settings.limits;
    let metrics = Metrics::new(&store);
    let verifier = Verifier::new(
        settings.access,
        &limits,
        store.clone(),
        Arc::clone(&clock),
        metrics.refused.clone(),
    );
    let service = Service {
        store: store.clone(),
        clock: Arc::clone(&clock),
        limits,
        admission: Admission::new(&limits, &metrics.limits),
        metrics: metrics.clone(),
        pseudonyms,
        verifier: verifier.clone(),
        stopping: CancellationToken::new(),
        job_made: Arc::new(Notify::new()),
        fit_made: Arc::new(Notify::new()),
        reassess_made: Arc::new(Notify::new()),
        delete_made: Arc::new(Notify::new()),
    };
    let stopping = service.stopping.clone();
    let tls = |protocol| Tls::start(&settings.tls, protocol, stopping.clone());
    let (tls, web_tls) = (tls(Protocol::Http2)?, tls(Protocol::Http1)?);
    let mut workers = vec![tokio::spawn(write_down(
        verifier.clone(),
        store.clone(),
        clock,
        stopping.clone(),
    ))];
    workers.extend(JobKind::ALL.map(|kind| tokio::spawn(jobs::work(service.clone(), kind))));
    let web = match web_listener {
        Some((address, listener)) => Some(
            web::Listening::start(
                listener,
                service.clone(),
                web_tls,
                settings.behind_tls_proxy,
            )
            .map_err(|source| StartError::Web { address, source })?,
        ),
        None => None,
    };
    let (health, routes) = routes(service).await?;
    let drain = Duration::from_secs(limits.drain_seconds);
    let app = ServiceBuilder::new()
        .layer(AccountLayer {
            calls: metrics.calls.clone(),
        })
        .layer(PatienceLayer {
            call: Duration::from_secs(limits.call_seconds),
        })
        .layer(GateLayer(verifier))
        .layer(MalformedLayer)
        .layer(BudgetLayer::new(
            limits.request_bytes,
            limits.message_bytes,
            &metrics.limits,
        ))
        .service(routes.prepare());
    let terms = Terms::new(&limits, tls, &metrics.limits);
    let serving = transport::serve(listener, app, terms, stopping.clone(), drain);
    let serving = tokio::spawn(serving);
    say(&health, ServingStatus::Serving).await;
    workers.push(tokio::spawn(watch_disk(
        store.clone(),
        health.clone(),
        stopping.clone(),
    )));
    tracing::info!(%address, engine = ?store.engine(), "serving");
    Ok(Running {
        address,
        web,
        store,
        stopping,
        health,
        serving,
        workers,
        drain,
    })
}

/// Refuses to serve a study whose codes are stored under another key.
async fn check_code_keys(store: &Store, pseudonyms: &Pseudonyms) -> Result<(), StartError> {
    let fingerprint = pseudonyms.fingerprint();
    let other = store.other_code_key(fingerprint.as_deref()).await?;
    other.map_or(Ok(()), |(study, expected)| {
        Err(StartError::OtherCodeKey {
            study,
            expected,
            found: fingerprint.map_or_else(
                || "no key is set".to_owned(),
                |found| format!("the file holds one with {found}"),
            ),
        })
    })
}

/// Says how the server and each of its services are.
async fn say(health: &HealthReporter, status: ServingStatus) {
    health.set_service_status("", status).await;
    for name in service_names() {
        health.set_service_status(name, status).await;
    }
}

/// A server whose disk has failed goes on to read, and says that it is not to be sent anything.
async fn watch_disk(store: Store, health: HealthReporter, stopping: CancellationToken) {
    tokio::select! {
        () = stopping.cancelled() => {}
        () = store.disk_failed() => say(&health, ServingStatus::NotServing).await,
    }
}

/// Takes the console's address, unless the console is off.
async fn listen_for_web(
    settings: &Settings,
) -> Result<Option<(SocketAddr, TcpListener)>, StartError> {
    let Some(address) = settings.web.address(settings.listen) else {
        return Ok(None);
    };
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(Some((address, listener))),
        Err(source) => Err(StartError::Web { address, source }),
    }
}

async fn routes(service: Service) -> Result<(HealthReporter, Routes), StartError> {
    let bytes = service.limits.message_bytes;
    let (reporter, health) = tonic_health::server::health_reporter();
    let mut routes = Routes::builder();
    routes
        .add_service(health)
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?)
        .add_service(
            pb::studies_server::StudiesServer::new(service.clone())
                .max_decoding_message_size(bytes),
        )
        .add_service(
            pb::submissions_server::SubmissionsServer::new(service.clone())
                .max_decoding_message_size(bytes),
        )
        .add_service(
            pb::specimens_server::SpecimensServer::new(service.clone())
                .max_decoding_message_size(bytes),
        )
        .add_service(
            pb::controls_server::ControlsServer::new(service.clone())
                .max_decoding_message_size(bytes),
        )
        .add_service(
            pb::rhythms_server::RhythmsServer::new(service.clone())
                .max_decoding_message_size(bytes),
        )
        .add_service(
            pb::reviews_server::ReviewsServer::new(service.clone())
                .max_decoding_message_size(bytes),
        )
        .add_service(
            pb::cohorts_server::CohortsServer::new(service.clone())
                .max_decoding_message_size(bytes),
        )
        .add_service(
            pb::audits_server::AuditsServer::new(service.clone()).max_decoding_message_size(bytes),
        )
        .add_service(
            pb::assays_server::AssaysServer::new(service.clone()).max_decoding_message_size(bytes),
        )
        .add_service(
            pb::access_server::AccessServer::new(service.clone()).max_decoding_message_size(bytes),
        )
        .add_service(
            FlightServiceServer::new(PlainFlight(Flight(service))).max_decoding_message_size(bytes),
        );
    Ok((reporter, routes.routes()))
}

/// Every file that a caller needs to read diel's messages and the details of its errors.
fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(diel_proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}

impl Running {
    /// The address that the server listens on, with the port it was given.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of the review console, when it is served.
    #[must_use]
    pub fn web_address(&self) -> Option<SocketAddr> {
        self.web.as_ref().map(web::Listening::address)
    }

    /// Waits until the server ends by itself, which it does only by a defect.
    pub async fn wait(&mut self) {
        if let Err(error) = (&mut self.serving).await {
            tracing::error!(%error, "the server ended");
        }
    }

    /// Stops: no longer healthy, no new calls, what was accepted is finished and answered; connections that
    /// are still open after the drain time are cut.
    pub async fn stop(mut self) {
        say(&self.health, ServingStatus::NotServing).await;
        self.stopping.cancel();
        let until = Instant::now() + self.drain;
        // It cuts by itself what has not ended in time.
        if let Err(error) = (&mut self.serving).await {
            tracing::error!(%error, "the server did not end in order");
        }
        if let Some(web) = self.web.take() {
            web.drain(until).await;
        }
        for worker in &mut self.workers {
            let _ = tokio::time::timeout(self.drain, worker).await;
        }
        self.store.close().await;
        tracing::info!("stopped");
    }
}
