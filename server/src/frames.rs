//! Frames: the tables of [`crate::table`] as Arrow columns, for files over HTTP and for Flight SQL.
//!
//! Names and units are those of the codebook, so that a column is called the same in CSV, Parquet and Arrow. Rows come
//! from the store page by page and become batches of bounded size; nothing holds more than a few of them.

mod batch;
mod file;
mod flight;
mod selection;
pub(crate) mod source;
mod statement;
mod stream;
mod table;

pub(crate) use batch::{Frame, FrameError};
pub(crate) use file::{FileFormat, FrameFile};
pub(crate) use flight::{Flight, PlainFlight};
pub(crate) use source::{PAGE_ROWS, Sheet};
pub(crate) use table::Table;

/// The one catalog: studies are its schemas.
const CATALOG: &str = "diel";
