//! The messages of one answer, on their way to a reader that may be slow.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;
use tokio::sync::mpsc;
use tonic::Status;

use crate::refusal::Refusal;

/// How long a message waits for a reader before the stream is ended: streams are few, and one that is open and not read
/// keeps another from being served.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why a stream ends, when it is not done.
type LastWord = Arc<Mutex<Option<Status>>>;

/// Messages wait here for their reader, at most `waiting` of them.
pub(crate) fn answers<M>(waiting: usize) -> (Sender<M>, Answers<M>) {
    let (sender, messages) = mpsc::channel(waiting);
    let last_word = LastWord::default();
    let sender = Sender {
        messages: sender,
        patience: PATIENCE,
        last_word: Arc::clone(&last_word),
    };
    let answers = Answers {
        messages,
        last_word,
    };
    (sender, answers)
}

/// Puts messages into a stream.
#[derive(Debug)]
pub(crate) struct Sender<M> {
    messages: mpsc::Sender<M>,
    patience: Duration,
    last_word: LastWord,
}

/// The reader is gone, or takes nothing.
#[derive(Debug)]
pub(crate) struct Gone;

impl<M> Sender<M> {
    /// Sends a message as soon as there is room for it.
    pub(crate) async fn send(&self, message: M) -> Result<(), Gone> {
        if self.has_ended() {
            return Err(Gone);
        }
        match tokio::time::timeout(self.patience, self.messages.send(message)).await {
            Ok(sent) => sent.map_err(|_| Gone),
            Err(_) => {
                self.end(
                    Refusal::Overloaded("the reader of the stream took nothing for 60 s").into(),
                );
                Err(Gone)
            }
        }
    }

    /// Ends the stream with a failure, behind what waits in it.
    pub(crate) fn end(&self, status: Status) {
        let mut last_word = self
            .last_word
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        last_word.get_or_insert(status);
    }

    /// Waits until the reader is gone.
    pub(crate) async fn closed(&self) {
        self.messages.closed().await;
    }

    fn has_ended(&self) -> bool {
        let last_word = self.last_word.lock();
        last_word.unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

/// What the transport reads from. It ends with a failure where its sender said so: a stream that was cut never looks
/// like one that is complete.
#[derive(Debug)]
pub(crate) struct Answers<M> {
    messages: mpsc::Receiver<M>,
    last_word: LastWord,
}

impl<M> Stream for Answers<M> {
    type Item = Result<M, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.messages
            .poll_recv(context)
            .map(|message| match message {
                Some(message) => Some(Ok(message)),
                None => self
                    .last_word
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take()
                    .map(Err),
            })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use futures_util::StreamExt as _;
    use tonic::{Code, Status};

    use super::answers;

    #[tokio::test]
    async fn the_last_word_comes_behind_what_waits() {
        let (sender, answers) = answers(2);
        sender.send(1).await.unwrap();
        sender.send(2).await.unwrap();
        sender.end(Status::aborted("cut"));
        assert!(sender.send(3).await.is_err());
        drop(sender);
        let read: Vec<_> = answers.collect().await;
        let read: Vec<_> = read
            .into_iter()
            .map(|item| item.map_err(|status| status.code()))
            .collect();
        assert_eq!(read, [Ok(1), Ok(2), Err(Code::Aborted)]);
    }

    #[tokio::test]
    async fn a_reader_that_takes_nothing_is_told_so_when_it_comes_back() {
        let (mut sender, answers) = answers(1);
        sender.patience = std::time::Duration::from_millis(20);
        sender.send(1).await.unwrap();
        assert!(sender.send(2).await.is_err());
        drop(sender);
        let read: Vec<_> = answers.collect().await;
        let codes: Vec<_> = read
            .iter()
            .map(|item| item.as_ref().map_err(Status::code))
            .collect();
        assert_eq!(codes, [Ok(&1), Err(Code::Unavailable)]);
    }
}
