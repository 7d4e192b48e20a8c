//! Watching flags, across broken connections and restarts of the service.

use tonic::Streaming;

use crate::call::reviews;
use crate::connect::Client;
use crate::error::Error;
use crate::v1;

/// New and changed flags as they come, each step once and in the order in which the steps were committed.
#[derive(Debug)]
pub struct FlagWatch {
    client: Client,
    /// Asks for what has not arrived yet.
    request: v1::WatchFlagsRequest,
    open: Option<Streaming<v1::WatchFlagsResponse>>,
    /// Changes that arrived and were not handed out.
    arrived: std::vec::IntoIter<v1::FlagChange>,
    /// The number of the server that it was opened on.
    server: usize,
    /// Tries since the last message arrived.
    tries: u32,
    /// Whether a message has arrived.
    has_begun: bool,
    token: String,
}

impl Client {
    /// Watches the flags of a study. The watch begins where `resume_token` says, else with what is committed from now
    /// on; with `include_present` it begins with the flags as they stand.
    ///
    /// # Examples
    ///
    /// ```
    /// use diel_client::{Client, v1};
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
    /// let mut watch = client.watch_flags(v1::WatchFlagsRequest {
    ///     parent: "studies/nowhere".to_owned(),
    ///     ..Default::default()
    /// });
    /// let Err(error) = watch.next().await else {
    ///     return Err("there is no such study".into());
    /// };
    /// assert!(error.is(v1::ErrorReason::ResourceNotFound));
    /// # Ok(())
    /// # }
    /// ```
    pub fn watch_flags(&self, request: v1::WatchFlagsRequest) -> FlagWatch {
        FlagWatch {
            client: self.clone(),
            token: request.resume_token.clone(),
            request,
            open: None,
            server: self.server(),
            arrived: Vec::new().into_iter(),
            tries: 0,
            has_begun: false,
        }
    }
}

impl FlagWatch {
    /// The next change, whenever it comes. A connection that breaks is opened again behind the last message that arrived:
    /// as often as the retry policy says until the first message, and after that until the service is back.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`, `INVALID_FIELD` or `INVALID_PAGE_TOKEN`; [`Error::Connection`] when the
    /// service cannot be reached to begin with.
    pub async fn next(&mut self) -> Result<v1::FlagChange, Error> {
        loop {
            if let Some(change) = self.arrived.next() {
                self.token.clone_from(&change.resume_token);
                return Ok(change);
            }
            match self.message().await {
                Ok(Some(message)) => {
                    self.tries = 0;
                    self.has_begun = true;
                    self.request.resume_token.clone_from(&message.resume_token);
                    if message.changes.is_empty() {
                        self.token = message.resume_token;
                    }
                    self.arrived = message.changes.into_iter();
                }
                // A service that stops may end the stream before it can say why.
                Ok(None) => {
                    self.open = None;
                    tokio::time::sleep(self.client.retry().first_pause).await;
                }
                Err(error) => self.pause(error).await?,
            }
        }
    }

    /// Goes on behind the last change that [`FlagWatch::next`] returned, or behind what was seen without any: to be kept
    /// and given as `resume_token` by whoever goes on in another process.
    #[must_use]
    pub fn resume_token(&self) -> &str {
        &self.token
    }

    async fn message(&mut self) -> Result<Option<v1::WatchFlagsResponse>, Error> {
        let open = match &mut self.open {
            Some(open) => open,
            none => {
                let request = self.request.clone();
                self.server = self.client.server();
                let opened = reviews(self.client.transport())
                    .watch_flags(request)
                    .await?;
                none.insert(opened.into_inner())
            }
        };
        Ok(open.message().await?)
    }

    /// Waits before the next try, or gives up.
    async fn pause(&mut self, error: Error) -> Result<(), Error> {
        self.open = None;
        let retry = self.client.retry();
        let most = if self.has_begun {
            retry.max_tries.saturating_sub(1).max(1)
        } else {
            u32::MAX
        };
        self.tries = self.tries.saturating_add(1).min(most);
        let Some(pause) = self.client.pause(self.tries, &error, self.server) else {
            return Err(error);
        };
        tokio::time::sleep(pause).await;
        Ok(())
    }
}
