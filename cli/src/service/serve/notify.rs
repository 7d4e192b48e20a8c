//! Telling systemd how the service is, as sd_notify(3) says: a datagram to the socket that NOTIFY_SOCKET names.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixDatagram;

/// Where the supervisor listens; without it there is none to tell.
const SOCKET: &str = "NOTIFY_SOCKET";

/// The service listens at this address.
pub(super) fn ready(address: &str) {
    tell(&format!("READY=1\nSTATUS=listening on {address}"));
}

/// The service finishes what it accepted, and ends.
pub(super) fn stopping() {
    tell("STOPPING=1\nSTATUS=finishing what was accepted");
}

/// A supervisor that does not listen is no reason not to serve.
fn tell(state: &str) {
    let Some(socket) = std::env::var_os(SOCKET) else {
        return;
    };
    if let Err(error) = send(&socket, state) {
        tracing::warn!(%error, socket = %socket.display(), "{SOCKET} cannot be told of the service");
    }
}

fn send(socket: &OsStr, state: &str) -> io::Result<()> {
    let datagram = UnixDatagram::unbound()?;
    match socket.as_bytes().strip_prefix(b"@") {
        None => datagram.send_to(state.as_bytes(), socket)?,
        Some(name) => send_to_abstract(&datagram, name, state)?,
    };
    Ok(())
}

#[cfg(target_os = "linux")]
fn send_to_abstract(datagram: &UnixDatagram, name: &[u8], state: &str) -> io::Result<usize> {
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::net::SocketAddr;

    datagram.send_to_addr(state.as_bytes(), &SocketAddr::from_abstract_name(name)?)
}

#[cfg(not(target_os = "linux"))]
fn send_to_abstract(_datagram: &UnixDatagram, _name: &[u8], _state: &str) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}
