//! What the targets share: files in memory and everything that reads one; a service of their own and everything that may be
//! asked of it.

mod file;
#[cfg(feature = "service")]
mod generated;
#[cfg(feature = "service")]
mod prelude;
mod reading;
#[cfg(feature = "service")]
mod service;

pub use file::in_memory;
#[cfg(feature = "service")]
pub use generated::message;
#[cfg(feature = "service")]
pub use prelude::prelude;
pub use reading::{options, read_everyhow};
#[cfg(feature = "service")]
pub use service::{Answer, Service, methods};
