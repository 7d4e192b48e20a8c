//! Files of batches, written piece by piece into memory and taken from there.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::FrameError;

/// Rows of one row group of Parquet: what is held until the group is written, some 20 MB of profiles.
const GROUP_ROWS: usize = 65_536;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileFormat {
    /// The streaming format of Arrow IPC.
    Arrow,
    /// Parquet, compressed with Snappy.
    Parquet,
}

impl FileFormat {
    /// What stands behind the point of a file's name.
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Arrow => "arrow",
            Self::Parquet => "parquet",
        }
    }

    /// The media type.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Arrow => "application/vnd.apache.arrow.stream",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// A file that is being written.
pub(crate) struct FrameFile {
    writer: Writer,
    written: Written,
}

enum Writer {
    Arrow(Box<StreamWriter<Written>>),
    Parquet(Box<ArrowWriter<Written>>),
}

/// What a writer has written and nobody has taken yet.
#[derive(Debug, Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl FrameFile {
    /// Begins a file.
    ///
    /// # Errors
    /// [`FrameError`], which is a defect.
    pub(crate) fn new(format: FileFormat, schema: &SchemaRef) -> Result<Self, FrameError> {
        let written = Written::default();
        let writer = match format {
            FileFormat::Arrow => {
                Writer::Arrow(Box::new(StreamWriter::try_new(written.clone(), schema)?))
            }
            FileFormat::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::SNAPPY)
                    .set_max_row_group_row_count(Some(GROUP_ROWS))
                    .build();
                Writer::Parquet(Box::new(ArrowWriter::try_new(
                    written.clone(),
                    Arc::clone(schema),
                    Some(properties),
                )?))
            }
        };
        Ok(Self { writer, written })
    }

    /// Writes a batch and returns the bytes that are ready, which may be none.
    ///
    /// # Errors
    /// [`FrameError`], which is a defect.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<Vec<u8>, FrameError> {
        match &mut self.writer {
            Writer::Arrow(writer) => writer.write(batch)?,
            Writer::Parquet(writer) => writer.write(batch)?,
        }
        Ok(self.written.take())
    }

    /// Ends the file and returns its last bytes.
    ///
    /// # Errors
    /// [`FrameError`], which is a defect.
    pub(crate) fn finish(&mut self) -> Result<Vec<u8>, FrameError> {
        match &mut self.writer {
            Writer::Arrow(writer) => writer.finish()?,
            Writer::Parquet(writer) => {
                writer.finish()?;
            }
        }
        Ok(self.written.take())
    }
}

impl Written {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
