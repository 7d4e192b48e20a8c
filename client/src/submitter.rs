//! Many batches over one stream that mends itself.

mod acknowledgement;
mod connection;
mod driver;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use futures_util::stream::{Stream, StreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;

pub use acknowledgement::{Acknowledgement, Totals};
use driver::Driver;

use crate::connect::Client;
use crate::error::Error;
use crate::{request_id, v1};

/// Batches that may be under way before [`Submitter::send`] waits: enough to hide the way to the service and back,
/// few enough that the unanswered ones (2 MiB each at most) are kept in memory without a thought.
const WINDOW: usize = 4;

/// A batch on its way. It keeps its place in the window until the service has answered it.
struct Pending {
    request: v1::SubmitBatchRequest,
    _place: OwnedSemaphorePermit,
}

/// Sends batches over one stream and returns the service's answers in the order of sending.
///
/// When the connection breaks it comes back by the client's [`RetryPolicy`](crate::RetryPolicy) and sends again,
/// with their request ids, the batches that were not answered: none is lost, stored twice or answered twice. The
/// tries are counted anew after each answer.
///
/// As a [`Stream`] it gives the answers to what has been sent so far. Dropping it gives up what is under way; call
/// [`Submitter::finish`] to wait for it.
///
/// # Examples
///
/// ```
/// use diel_client::{Client, Timestamp, v1};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let settings = diel_server::Settings {
/// #     listen: "127.0.0.1:0".parse()?,
/// #     database: format!("sqlite://{}", folder.path().join("diel.db").display()),
/// #     ..Default::default()
/// # };
/// # let service = diel_server::start(settings, std::sync::Arc::new(diel_server::SystemClock)).await?;
/// # let url = format!("http://{}", service.address());
/// let client = Client::connect(url).await?;
/// # let study = v1::Study { display_name: "Pilot".into(), time_zone: "UTC".into(), ..Default::default() };
/// # client
/// #     .create_study(v1::CreateStudyRequest {
/// #         study_id: "pilot".into(),
/// #         study: Some(study),
/// #         ..Default::default()
/// #     })
/// #     .await?;
/// # let row = |specimen: &str, hours: i64, nmol_per_l: f64| v1::ResultInput {
/// #     specimen: specimen.to_owned(),
/// #     concentration: Some(v1::Measurement {
/// #         outcome: Some(v1::measurement::Outcome::Value(nmol_per_l)),
/// #         unit: v1::ConcentrationUnit::NmolPerL.into(),
/// #     }),
/// #     collection: Some(v1::Collection {
/// #         participant: "P-017".into(),
/// #         collection_time: Some(Timestamp { seconds: 1_772_348_400 + 3_600 * hours, nanos: 0 }),
/// #         ..Default::default()
/// #     }),
/// #     ..Default::default()
/// # };
/// # let batch = v1::Batch { lab: "Lab 7".into(), assay: "ELISA".into(), ..Default::default() };
/// let mut submitter = client.submissions("studies/pilot");
/// for plate in 0..3 {
///     submitter
///         .send(v1::SubmitBatchRequest {
///             batch: Some(batch.clone()),
///             results: vec![row(&format!("S-{plate}"), plate, 4.2)],
///             ..Default::default()
///         })
///         .await?;
/// }
/// let first = submitter.next_acknowledgement().await?.ok_or("three answers are due")?;
/// assert_eq!(first.outcome?.stored_count, 1);
///
/// let totals = submitter.finish().await?;
/// assert_eq!((totals.batch_count, totals.stored_count), (3, 3));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Submitter {
    parent: String,
    window: Arc<Semaphore>,
    queue: Option<mpsc::UnboundedSender<Pending>>,
    answers: mpsc::UnboundedReceiver<Acknowledgement>,
    /// Sent and not yet handed out.
    outstanding: usize,
    totals: Totals,
    /// Why the driver gave up.
    failure: Arc<OnceLock<Error>>,
    /// A set of one, because a set ends its tasks when it is dropped.
    _driver: JoinSet<()>,
}

impl Client {
    /// Opens a submitter for `studies/{study}` that keeps up to four batches under way.
    pub fn submissions(&self, parent: impl Into<String>) -> Submitter {
        self.submissions_with_window(parent, WINDOW)
    }

    /// Opens a submitter for `studies/{study}` that keeps up to `window` batches (at least one) under way.
    pub fn submissions_with_window(&self, parent: impl Into<String>, window: usize) -> Submitter {
        let window = Arc::new(Semaphore::new(window.clamp(1, Semaphore::MAX_PERMITS)));
        let failure = Arc::new(OnceLock::new());
        let (queue, waiting) = mpsc::unbounded_channel();
        let (answered, answers) = mpsc::unbounded_channel();
        let driver = Driver {
            client: self.clone(),
            waiting,
            unanswered: VecDeque::new(),
            answered,
            tries: 0,
        };
        let mut tasks = JoinSet::new();
        let (places, gave_up) = (Arc::clone(&window), Arc::clone(&failure));
        tasks.spawn(async move {
            if let Err(error) = driver.run().await {
                // Set once, here: the cell is empty. Closing the window wakes a sender that waits for a place.
                let _ = gave_up.set(error);
                places.close();
            }
        });
        Submitter {
            parent: parent.into(),
            window,
            queue: Some(queue),
            answers,
            outstanding: 0,
            totals: Totals::default(),
            failure,
            _driver: tasks,
        }
    }
}

impl Submitter {
    /// Sends a batch as soon as there is a place in the window. The parent and the request id are filled in when
    /// they are empty.
    ///
    /// Answers that nobody reads wait in memory; read them, or leave them to [`Submitter::finish`].
    ///
    /// # Errors
    /// The error after which the submitter gave up. What was not answered by then may or may not have been stored;
    /// sending it again with the same request id is harmless.
    pub async fn send(&mut self, mut request: v1::SubmitBatchRequest) -> Result<(), Error> {
        if request.parent.is_empty() {
            request.parent.clone_from(&self.parent);
        }
        request_id::fill(&mut request.request_id);
        let Ok(place) = Arc::clone(&self.window).acquire_owned().await else {
            return Err(self.failure());
        };
        let pending = Pending {
            request,
            _place: place,
        };
        match &self.queue {
            Some(queue) if queue.send(pending).is_ok() => {
                self.outstanding += 1;
                Ok(())
            }
            _ => Err(self.failure()),
        }
    }

    /// The next answer; none when everything sent so far has been answered and handed out.
    ///
    /// # Errors
    /// The error after which the submitter gave up. A batch that the service refused is no such error: its
    /// acknowledgement carries the refusal, and the stream goes on.
    pub async fn next_acknowledgement(&mut self) -> Result<Option<Acknowledgement>, Error> {
        self.next().await.transpose()
    }

    /// Waits until everything sent has been answered and returns the totals of all answers.
    ///
    /// # Errors
    /// The error after which the submitter gave up.
    pub async fn finish(mut self) -> Result<Totals, Error> {
        self.queue = None;
        while self.next_acknowledgement().await?.is_some() {}
        Ok(std::mem::take(&mut self.totals))
    }

    /// The totals of the answers handed out so far.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    fn failure(&self) -> Error {
        self.failure.get().cloned().unwrap_or(Error::Protocol {
            what: "the submitter ended before everything was answered",
        })
    }
}

impl Stream for Submitter {
    type Item = Result<Acknowledgement, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.outstanding == 0 {
            return Poll::Ready(None);
        }
        let item = match ready!(self.answers.poll_recv(context)) {
            Some(answer) => {
                self.outstanding -= 1;
                self.totals.add(&answer);
                Ok(answer)
            }
            None => {
                self.outstanding = 0;
                Err(self.failure())
            }
        };
        Poll::Ready(Some(item))
    }
}
