//! An HTTP/2 peer below any library, so that it can do what no library does.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What begins an HTTP/2 connection.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Kinds of frames.
pub mod kind {
    #![expect(missing_docs, reason = "RFC 9113, section 6")]

    pub const DATA: u8 = 0;
    pub const HEADERS: u8 = 1;
    pub const RST_STREAM: u8 = 3;
    pub const SETTINGS: u8 = 4;
    pub const PING: u8 = 6;
    pub const GOAWAY: u8 = 7;
    pub const WINDOW_UPDATE: u8 = 8;
    pub const CONTINUATION: u8 = 9;
}

/// The stream ends with this frame.
pub const END_STREAM: u8 = 1;
/// No continuation follows.
pub const END_HEADERS: u8 = 4;
/// A setting or a ping is acknowledged.
pub const ACK: u8 = 1;

/// A frame that the server sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// What it is.
    pub kind: u8,
    /// Its flags.
    pub flags: u8,
    /// Its stream; 0 for the connection.
    pub stream: u32,
    /// What it carries.
    pub payload: Vec<u8>,
}

/// A connection that does as it is told and nothing by itself.
#[derive(Debug)]
pub struct Peer {
    stream: TcpStream,
}

impl Peer {
    /// Connects and begins HTTP/2, with these settings (identifier, value).
    ///
    /// # Errors
    /// Nobody listens, or the connection was closed at once.
    pub async fn connect(address: SocketAddr, settings: &[(u16, u32)]) -> io::Result<Self> {
        let mut peer = Self {
            stream: TcpStream::connect(address).await?,
        };
        peer.stream.set_nodelay(true)?;
        peer.stream.write_all(PREFACE).await?;
        let payload: Vec<u8> = settings
            .iter()
            .flat_map(|(id, value)| id.to_be_bytes().into_iter().chain(value.to_be_bytes()))
            .collect();
        peer.send(kind::SETTINGS, 0, 0, &payload).await?;
        Ok(peer)
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// The server has closed the connection.
    pub async fn send(
        &mut self,
        kind: u8,
        flags: u8,
        stream: u32,
        payload: &[u8],
    ) -> io::Result<()> {
        self.stream
            .write_all(&frame(kind, flags, stream, payload))
            .await
    }

    /// Sends bytes as they are, such as many frames at once.
    ///
    /// # Errors
    /// The server has closed the connection.
    pub async fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Asks for a method, such as `diel.v1.Studies/GetStudy`. The body is still to come.
    ///
    /// # Errors
    /// The server has closed the connection.
    pub async fn open(&mut self, stream: u32, method: &str) -> io::Result<()> {
        self.send(kind::HEADERS, END_HEADERS, stream, &head(method, &[]))
            .await
    }

    /// The next frame; `None` when the server closed the connection or sent none in time.
    pub async fn next(&mut self, patience: Duration) -> Option<Frame> {
        tokio::time::timeout(patience, self.read()).await.ok()?.ok()
    }

    /// Reads until a frame of this kind comes; `None` when none does in time or the connection ends.
    pub async fn until(&mut self, kind: u8, patience: Duration) -> Option<Frame> {
        let read = async {
            loop {
                match self.read().await {
                    Ok(frame) if frame.kind == kind => return Some(frame),
                    Ok(_) => {}
                    Err(_) => return None,
                }
            }
        };
        tokio::time::timeout(patience, read).await.ok()?
    }

    /// Whether the server closes the connection within a time.
    pub async fn is_closed_within(&mut self, patience: Duration) -> bool {
        let read = async { while self.read().await.is_ok() {} };
        tokio::time::timeout(patience, read).await.is_ok()
    }

    async fn read(&mut self) -> io::Result<Frame> {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head).await?;
        let [l0, l1, l2, kind, flags, s0, s1, s2, s3] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, l0, l1, l2]) as usize];
        self.stream.read_exact(&mut payload).await?;
        Ok(Frame {
            kind,
            flags,
            stream: u32::from_be_bytes([s0 & 0x7f, s1, s2, s3]),
            payload,
        })
    }
}

/// The bytes of a frame.
#[must_use]
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len())
        .unwrap_or(u32::MAX)
        .to_be_bytes();
    let mut bytes = length.get(1..).unwrap_or_default().to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// The block of headers that a gRPC call begins with, every one a literal that is not indexed.
#[must_use]
pub fn head(method: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let path = format!("/{method}");
    let usual = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", &path),
        (":authority", "localhost"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ];
    let mut block = Vec::new();
    for (name, value) in usual.iter().chain(more) {
        block.push(0);
        text(&mut block, name);
        text(&mut block, value);
    }
    block
}

/// A length in seven bits and more bytes where it needs them, then the text.
fn text(block: &mut Vec<u8>, text: &str) {
    const PREFIX: usize = 127;
    let mut length = text.len();
    if length < PREFIX {
        block.push(u8::try_from(length).unwrap_or_default());
    } else {
        block.push(127);
        length -= PREFIX;
        while length >= 128 {
            block.push(u8::try_from(length % 128).unwrap_or_default() | 128);
            length /= 128;
        }
        block.push(u8::try_from(length).unwrap_or_default());
    }
    block.extend(text.as_bytes());
}

/// A message with its gRPC prefix.
#[must_use]
pub fn message(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut message = vec![0];
    message.extend(length);
    message.extend(bytes);
    message
}
