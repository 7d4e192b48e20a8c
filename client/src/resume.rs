//! Server streams that go on where they broke.

use std::future::Future;

use futures_util::stream;
use tonic::Streaming;

use crate::call::{audits, rhythms};
use crate::connect::Client;
use crate::error::Error;
use crate::rows::Rows;
use crate::v1;

/// A request for a stream of rows: [`v1::StreamProfilesRequest`], [`v1::StreamRhythmsRequest`] and
/// [`v1::StreamAuditEntriesRequest`].
pub trait StreamRequest: Clone + Send + Sync + sealed::Sealed + 'static {
    /// The rows of the stream.
    type Item: Send + 'static;

    #[doc(hidden)]
    type Message: Send + 'static;

    #[doc(hidden)]
    fn open(
        self,
        client: &Client,
    ) -> impl Future<Output = Result<Streaming<Self::Message>, Error>> + Send;

    /// The rows of a message, and the token that goes on after them.
    #[doc(hidden)]
    fn split(message: Self::Message) -> (Vec<Self::Item>, String);

    #[doc(hidden)]
    fn resume_token_mut(&mut self) -> &mut String;
}

mod sealed {
    pub trait Sealed {}
}

/// Where a stream stands.
struct Position<R: StreamRequest> {
    client: Client,
    /// Asks for what has not arrived yet.
    request: R,
    open: Option<Streaming<R::Message>>,
    /// The number of the server that it was opened on.
    server: usize,
    /// Tries since the last message arrived.
    tries: u32,
    /// The last message brought no token, as the last of a stream does: there is no way on from it but to the end.
    is_last: bool,
}

impl Client {
    /// Returns all rows that the request selects. A stream that breaks is opened again after the last message that
    /// arrived, as the retry policy says: every row is given once. It is not opened again after the last message, where
    /// there is nowhere to go on from; the rows then end in the error.
    pub fn stream<R: StreamRequest>(&self, request: R) -> Rows<R::Item> {
        let position = Position {
            client: self.clone(),
            request,
            open: None,
            server: self.server(),
            tries: 0,
            is_last: false,
        };
        Rows::of_chunks(stream::try_unfold(position, |mut position| async move {
            let rows = position.next().await?;
            Ok(rows.map(|rows| (rows, position)))
        }))
    }
}

impl<R: StreamRequest> Position<R> {
    async fn next(&mut self) -> Result<Option<Vec<R::Item>>, Error> {
        loop {
            match self.message().await {
                Ok(Some(message)) => {
                    let (rows, token) = R::split(message);
                    self.tries = 0;
                    self.is_last = token.is_empty();
                    *self.request.resume_token_mut() = token;
                    return Ok(Some(rows));
                }
                Ok(None) => return Ok(None),
                Err(error) if self.is_last => return Err(error),
                Err(error) => {
                    self.open = None;
                    self.tries += 1;
                    let Some(pause) = self.client.pause(self.tries, &error, self.server) else {
                        return Err(error);
                    };
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    async fn message(&mut self) -> Result<Option<R::Message>, Error> {
        let open = match &mut self.open {
            Some(open) => open,
            none => {
                self.server = self.client.server();
                none.insert(self.request.clone().open(&self.client).await?)
            }
        };
        Ok(open.message().await?)
    }
}

/// `Request, Message, Item: service.method -> field of the message`.
macro_rules! streams {
    ($($request:ident, $message:ident, $item:ident: $service:ident.$method:ident -> $field:ident;)*) => {$(
        impl sealed::Sealed for v1::$request {}

        impl StreamRequest for v1::$request {
            type Item = v1::$item;
            type Message = v1::$message;

            async fn open(self, client: &Client) -> Result<Streaming<Self::Message>, Error> {
                Ok($service(client.transport()).$method(self).await?.into_inner())
            }

            fn split(message: Self::Message) -> (Vec<Self::Item>, String) {
                (message.$field, message.resume_token)
            }

            fn resume_token_mut(&mut self) -> &mut String {
                &mut self.resume_token
            }
        }
    )*};
}

streams! {
    StreamProfilesRequest, StreamProfilesResponse, Profile: rhythms.stream_profiles -> profiles;
    StreamRhythmsRequest, StreamRhythmsResponse, Rhythm: rhythms.stream_rhythms -> rhythms;
    StreamAuditEntriesRequest, StreamAuditEntriesResponse, AuditEntry: audits.stream_audit_entries -> entries;
}
