//! The rows of a download on their way into bytes, in the form that the address asks for.

use std::sync::{Mutex, PoisonError};

use arrow_schema::SchemaRef;

use crate::frames::{FileFormat, Frame, FrameError, FrameFile, PAGE_ROWS, Table, batch_of};
use crate::stream::ROWS;
use crate::table::{Column, RecordFormat, RecordWriter, Records};

/// How the addresses of downloads end.
pub(in crate::web) const EXTENSIONS: [&str; 3] = ["csv", "arrow", "parquet"];

/// Whether an address is a download, so that a program asks for it and no browser.
pub(in crate::web) fn is_download(path: &str) -> bool {
    path.rsplit_once('.')
        .is_some_and(|(_, extension)| EXTENSIONS.contains(&extension))
}

/// The form of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Text with a header.
    Csv,
    /// Columns.
    Frame(FileFormat),
}

impl Form {
    /// The form that an address ends with.
    pub(super) fn of(path: &str) -> Self {
        match path.rsplit_once('.') {
            Some((_, "arrow")) => Self::Frame(FileFormat::Arrow),
            Some((_, "parquet")) => Self::Frame(FileFormat::Parquet),
            _ => Self::Csv,
        }
    }

    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Frame(format) => format.extension(),
        }
    }

    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Frame(format) => format.media_type(),
        }
    }

    /// Rows to ask the store for at once.
    pub(super) const fn page_rows(self) -> u32 {
        match self {
            Self::Csv => ROWS,
            Self::Frame(_) => PAGE_ROWS,
        }
    }
}

/// Takes pages of rows and gives the bytes of a file.
pub(super) enum Output {
    Csv {
        columns: &'static [Column],
        /// What stands before the first row, until it is sent.
        header: Mutex<String>,
    },
    Frame {
        schema: SchemaRef,
        wanted: Vec<usize>,
        file: Mutex<FrameFile>,
    },
}

impl Output {
    /// A file of a table. Its columns are the same in every form.
    ///
    /// # Errors
    /// [`FrameError`], which is a defect.
    pub(super) fn new(
        form: Form,
        table: Table,
        columns: &'static [Column],
    ) -> Result<Self, FrameError> {
        match form {
            Form::Csv => Ok(Self::Csv {
                columns,
                header: Mutex::new(RecordWriter::header(columns, RecordFormat::Csv)),
            }),
            Form::Frame(format) => {
                let schema = table.schema();
                Ok(Self::Frame {
                    file: Mutex::new(FrameFile::new(format, &schema)?),
                    wanted: (0..schema.fields().len()).collect(),
                    schema,
                })
            }
        }
    }

    /// The bytes of further rows.
    ///
    /// # Errors
    /// [`FrameError`], which is a defect.
    pub(super) fn rows<M>(
        &self,
        rows: impl ExactSizeIterator<Item = M>,
        write: impl Fn(&mut dyn Records, &M),
    ) -> Result<Vec<u8>, FrameError> {
        match self {
            Self::Csv { columns, header } => {
                let header = std::mem::take(&mut *held(header));
                let mut records = RecordWriter::new(columns, RecordFormat::Csv);
                for row in rows {
                    write(&mut records, &row);
                }
                Ok([header.into_bytes(), records.into_bytes()].concat())
            }
            Self::Frame {
                schema,
                wanted,
                file,
            } => {
                let into_frame = |frame: &mut Frame, row: &M| write(frame, row);
                let batch = batch_of(schema, wanted, rows, into_frame)?;
                held(file).write(&batch)
            }
        }
    }

    /// The last bytes, behind all rows.
    ///
    /// # Errors
    /// [`FrameError`], which is a defect.
    pub(super) fn end(&self) -> Result<Vec<u8>, FrameError> {
        match self {
            Self::Csv { .. } => Ok(Vec::new()),
            Self::Frame { file, .. } => held(file).finish(),
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
