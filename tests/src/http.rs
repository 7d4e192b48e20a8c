//! HTTP/1.1 as it stands on the wire, for tests that look at status, headers and bytes.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of a name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The value of the page's first hidden field of a name.
    ///
    /// # Errors
    /// There is none.
    pub fn field(&self, name: &str) -> Result<String> {
        let text = self.text();
        let (_, rest) = text
            .split_once(&format!("name=\"{name}\" value=\""))
            .with_context(|| format!("a field {name}"))?;
        let (value, _) = rest.split_once('"').context("the end of a field")?;
        Ok(value.to_owned())
    }
}

/// Gets a page.
///
/// # Errors
/// The connection broke, or what came is no whole answer.
pub async fn get(address: SocketAddr, path: &str) -> Result<Answer> {
    send(address, "GET", path, &[], "").await
}

/// Posts a form whose fields need no escapes, with further headers.
///
/// # Errors
/// The connection broke, or what came is no whole answer.
pub async fn post(
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
    form: &str,
) -> Result<Answer> {
    let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
    all.extend_from_slice(headers);
    send(address, "POST", path, &all, form).await
}

/// Sends a request on a connection of its own.
///
/// # Errors
/// The connection broke, or what came is no whole answer.
pub async fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Answer> {
    let mut connection = TcpStream::connect(address).await?;
    let mut request = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "host") {
        request.push_str(&format!("host: {address}\r\n"));
    }
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    connection.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    connection.read_to_end(&mut bytes).await?;
    read(&bytes)
}

fn read(bytes: &[u8]) -> Result<Answer> {
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .context("an answer without an end of its head")?;
    let (head, rest) = bytes.split_at(end);
    let body = rest.get(4..).unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .context("a status")?
        .parse()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let chunked = headers
        .iter()
        .any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if chunked {
        joined(body)?
    } else {
        body.to_vec()
    };
    Ok(Answer {
        status,
        headers,
        body,
    })
}

/// The chunks of a body; a body that was cut off is an error.
fn joined(mut chunks: &[u8]) -> Result<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = chunks
            .windows(2)
            .position(|window| window == b"\r\n")
            .context("a chunk without a size")?;
        let (size, rest) = chunks.split_at(end);
        let size = usize::from_str_radix(std::str::from_utf8(size)?, 16)?;
        let chunk = rest.get(2..2 + size).context("a chunk that was cut off")?;
        if size == 0 {
            return Ok(whole);
        }
        whole.extend_from_slice(chunk);
        chunks = rest.get(2 + size + 2..).context("a chunk without an end")?;
        ensure!(!chunks.is_empty(), "a body without its last chunk");
    }
}
