//! Calls of any method with any bytes: one message in, the first failure out.

use std::time::Duration;

use bytes::{Buf as _, BufMut as _};
use http::uri::PathAndQuery;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::Channel;
use tonic::{Request, Status};

/// How long a stream that does not end by itself is listened to.
const PATIENCE: Duration = Duration::from_millis(300);

#[derive(Debug, Clone, Copy, Default)]
struct Bytes;

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut bytes = vec![0; buffer.remaining()];
        buffer.copy_to_slice(&mut bytes);
        Ok(Some(bytes))
    }
}

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

/// Calls `method`, such as `diel.v1.Studies/GetStudy`, with one message. Returns the messages of the answer.
pub(crate) async fn call(
    channel: &Channel,
    method: &str,
    token: Option<&str>,
    message: Vec<u8>,
) -> Result<Vec<Vec<u8>>, Status> {
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await.unwrap();
    let mut request = Request::new(tokio_stream::once(message));
    if let Some(token) = token {
        let value = format!("Bearer {token}").parse().unwrap();
        request.metadata_mut().insert("authorization", value);
    }
    let path = PathAndQuery::try_from(format!("/{method}")).unwrap();
    let mut stream = grpc.streaming(request, path, Bytes).await?.into_inner();
    let mut answers = Vec::new();
    while let Ok(next) = tokio::time::timeout(PATIENCE, stream.message()).await {
        match next? {
            Some(answer) => answers.push(answer),
            None => break,
        }
    }
    Ok(answers)
}
