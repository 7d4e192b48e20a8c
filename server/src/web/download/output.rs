//! The rows of a download on their way into bytes, in the form that the address asks for.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_schema::SchemaRef;

use crate::frames::{FileFormat, Frame, FrameError, FrameFile, PAGE_ROWS, Sheet, Table};
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

/// A file whose pages of rows are being read.
pub(super) enum Output {
    Csv {
        columns: &'static [Column],
        /// What stands before the first row, until it is taken.
        header: Mutex<String>,
    },
    Frame {
        schema: SchemaRef,
        wanted: Vec<usize>,
        file: Arc<Mutex<FrameFile>>,
    },
}

/// Rows of a page, not yet bytes of their file.
pub(super) enum Rows {
    Csv {
        header: String,
        records: RecordWriter,
    },
    Frame {
        frame: Frame,
        file: Arc<Mutex<FrameFile>>,
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
                    file: Arc::new(Mutex::new(FrameFile::new(format, &schema)?)),
                    wanted: (0..schema.fields().len()).collect(),
                    schema,
                })
            }
        }
    }

    /// What takes the next rows.
    ///
    /// # Errors
    /// [`FrameError`], which is a defect.
    pub(super) fn rows(&self) -> Result<Rows, FrameError> {
        match self {
            Self::Csv { columns, header } => Ok(Rows::Csv {
                header: std::mem::take(&mut *held(header)),
                records: RecordWriter::new(columns, RecordFormat::Csv),
            }),
            Self::Frame {
                schema,
                wanted,
                file,
            } => Ok(Rows::Frame {
                frame: Frame::new(schema, wanted, PAGE_ROWS)?,
                file: Arc::clone(file),
            }),
        }
    }
}

impl Rows {
    /// The bytes of these rows, and those of the end behind the last.
    ///
    /// # Errors
    /// [`FrameError`], which is a defect.
    pub(super) fn into_bytes(self, are_last: bool) -> Result<Vec<u8>, FrameError> {
        match self {
            Self::Csv { header, records } => {
                Ok([header.into_bytes(), records.into_bytes()].concat())
            }
            Self::Frame { frame, file } => {
                let mut file = held(&file);
                let mut bytes = file.write(&frame.finish()?)?;
                if are_last {
                    bytes.extend(file.finish()?);
                }
                Ok(bytes)
            }
        }
    }
}

impl Sheet for Rows {
    fn records(&mut self) -> &mut dyn Records {
        match self {
            Self::Csv { records, .. } => records,
            Self::Frame { frame, .. } => frame,
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
