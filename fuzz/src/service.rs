//! A service in this process with a database in memory, and calls of any method with any bytes.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::{Buf as _, BufMut as _};
use diel_server::{AccessMode, Running, Settings, SystemClock, Web};
use http::HeaderMap;
use http::uri::PathAndQuery;
use prost_reflect::{DescriptorPool, MethodDescriptor};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::MetadataMap;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use crate::file::FOLDER;

/// How long a stream is listened to that does not end by itself.
const PATIENCE: Duration = Duration::from_millis(5);
/// How long anything may take.
const CALL: Duration = Duration::from_secs(5);
/// Messages that are read of a stream.
const MESSAGES: usize = 8;
/// Bytes that are asked for at once, as the service takes them.
const MESSAGE_BYTES: usize = 1 << 20;

static METHODS: LazyLock<Vec<MethodDescriptor>> = LazyLock::new(|| {
    let pool = DescriptorPool::decode(diel_proto::FILE_DESCRIPTOR_SET).expect("own descriptors");
    pool.services()
        .filter(|service| service.package_name() == "diel.v1")
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .collect()
});

/// Every method of the protocol.
#[must_use]
pub fn methods() -> &'static [MethodDescriptor] {
    &METHODS
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// How the call ended.
    pub code: Code,
    /// In which words.
    pub message: String,
    /// What was answered until then.
    pub messages: Vec<Vec<u8>>,
}

/// A server, its database and a channel to it.
pub struct Service {
    runtime: Runtime,
    running: Running,
    channel: Channel,
    folder: TempDir,
}

impl Service {
    /// Starts one on an empty database.
    #[must_use]
    pub fn start(access: AccessMode) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("threads");
        let folder = tempfile::tempdir_in(FOLDER.as_path()).expect("room in memory");
        let settings = Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            web: Web::Off,
            database: format!("sqlite://{}", folder.path().join("diel.db").display()),
            access,
            ..Settings::default()
        };
        let (running, channel) = runtime.block_on(async {
            let running = diel_server::start(settings, Arc::new(SystemClock))
                .await
                .expect("a server");
            let address = format!("http://{}", running.address());
            let endpoint = Channel::from_shared(address).expect("an address");
            (running, endpoint.connect().await.expect("a connection"))
        });
        Self {
            runtime,
            running,
            channel,
            folder,
        }
    }

    /// Where its files are; they stay when the process is aborted.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Calls a method with messages as they stand.
    ///
    /// # Panics
    /// When it does not answer in time.
    #[must_use]
    pub fn call(
        &self,
        method: &MethodDescriptor,
        messages: Vec<Vec<u8>>,
        headers: HeaderMap,
    ) -> Answer {
        let call = self.answer(method, messages, headers);
        let call = async { tokio::time::timeout(CALL, call).await };
        self.runtime
            .block_on(call)
            .unwrap_or_else(|_| panic!("{} does not answer", method.full_name()))
    }

    async fn answer(
        &self,
        method: &MethodDescriptor,
        messages: Vec<Vec<u8>>,
        headers: HeaderMap,
    ) -> Answer {
        let mut answers = Vec::new();
        let ended = self.read(method, messages, headers, &mut answers).await;
        let status = ended.err().unwrap_or_else(|| Status::ok(""));
        Answer {
            code: status.code(),
            message: status.message().to_owned(),
            messages: answers,
        }
    }

    async fn read(
        &self,
        method: &MethodDescriptor,
        messages: Vec<Vec<u8>>,
        headers: HeaderMap,
        answers: &mut Vec<Vec<u8>>,
    ) -> Result<(), Status> {
        let mut grpc =
            tonic::client::Grpc::new(self.channel.clone()).max_decoding_message_size(64 << 20);
        let ready = grpc.ready().await;
        ready.map_err(|error| Status::unavailable(error.to_string()))?;
        let mut request = Request::new(tokio_stream::iter(messages));
        *request.metadata_mut() = MetadataMap::from_headers(headers);
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        let path = PathAndQuery::try_from(path).expect("a name");
        let mut stream = grpc.streaming(request, path, Raw).await?.into_inner();
        while answers.len() < MESSAGES {
            let next = stream.message();
            let next = if method.is_server_streaming() {
                match tokio::time::timeout(PATIENCE, next).await {
                    Ok(next) => next,
                    Err(_) => break,
                }
            } else {
                next.await
            };
            match next? {
                Some(message) => answers.push(message),
                None => break,
            }
        }
        Ok(())
    }

    /// Stops the server and removes its database.
    pub fn stop(self) {
        drop(self.channel);
        self.runtime.block_on(self.running.stop());
    }
}

/// Messages as the bytes that they are.
#[derive(Debug, Clone, Copy, Default)]
struct Raw;

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(item.get(..MESSAGE_BYTES).unwrap_or(&item));
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut bytes = vec![0; buffer.remaining()];
        buffer.copy_to_slice(&mut bytes);
        Ok(Some(bytes))
    }
}

impl Codec for Raw {
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
