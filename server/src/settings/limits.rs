//! Bounds on memory and work.

use serde::{Deserialize, Serialize};

/// Bounds on memory and work, each within its range (`range.rs`). The key names carry the unit.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Rows in one batch, registration or analysis.
    pub batch_rows: usize,
    /// Bytes of one decoded request message. A message of tiny rows decodes to 25 times its size.
    pub message_bytes: usize,
    /// Bytes of requests that are read and decoded at once, in all connections.
    pub request_bytes: usize,
    /// Connections open at once; one more is closed. The console has as many of its own.
    pub connections: usize,
    /// Connections open at once from one address.
    pub connections_per_address: usize,
    /// Seconds after which a connection is asked to come again, more or less a tenth; 0: never.
    pub connection_age_seconds: u64,
    /// Seconds that such a connection is given for what it has begun, streams included.
    pub connection_grace_seconds: u64,
    /// HTTP/2 streams open at once on one connection.
    pub streams_per_connection: u32,
    /// Writes and analyses at work at once; one more is answered UNAVAILABLE with a time to come back.
    pub heavy_calls: usize,
    /// Calls that read, of one caller in a second (of a principal; of an address where access is open); 0: no limit.
    pub calls_per_second: u32,
    /// Such calls of one caller at once, before the rate counts.
    pub calls_burst: u32,
    /// Writes and analyses of one caller in a second; 0: no limit.
    pub heavy_calls_per_second: u32,
    /// Writes and analyses of one caller at once, before the rate counts.
    pub heavy_calls_burst: u32,
    /// Streams of submissions, analyses or query results open at once.
    pub open_streams: usize,
    /// Simulations of studies at work at once, each of which keeps all cores busy.
    pub simulations: usize,
    /// Seconds a unary call may take.
    pub call_seconds: u64,
    /// Seconds that a stopping server gives to what it has accepted.
    pub drain_seconds: u64,
    /// Seconds after which a job of a server that is gone is free for another.
    pub job_lease_seconds: u64,
    /// Connections to the database that read at once.
    pub readers: u32,
}

impl Limits {
    /// What holds where nothing is set.
    pub const DEFAULT: Self = Self {
        batch_rows: 5_000,
        message_bytes: 1 << 20,
        request_bytes: 16 << 20,
        connections: 1_024,
        connections_per_address: 512,
        connection_age_seconds: 3_600,
        connection_grace_seconds: 600,
        streams_per_connection: 100,
        heavy_calls: 256,
        calls_per_second: 5_000,
        calls_burst: 50_000,
        heavy_calls_per_second: 2_000,
        heavy_calls_burst: 20_000,
        open_streams: 64,
        simulations: 2,
        call_seconds: 60,
        drain_seconds: 10,
        job_lease_seconds: 30,
        readers: 8,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
