//! How a store is opened.

/// Sizes of the pools.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OpenOptions {
    /// Connections that read.
    pub readers: u32,
    /// Connections that write, on PostgreSQL. SQLite has one writer.
    pub writers: u32,
    /// Opens only a database that exists and has this version's schema, and changes nothing in it.
    pub as_it_is: bool,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            readers: 8,
            writers: 8,
            as_it_is: false,
        }
    }
}
