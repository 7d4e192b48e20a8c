//! An answer on its way out: people get a table once it is complete, programs get rows as they come.

use std::io::{IsTerminal as _, Write as _};

pub(super) use diel_server::table::text_or_nothing;

use crate::output::{Column, Format, Frame, Progress, RecordWriter, Records};

/// Rows held before they are written: enough to make writing cheap.
const ROWS_HELD: usize = 256;

/// Rows of one kind, in the format that was asked for.
pub(super) struct Answer {
    columns: &'static [Column],
    format: Format,
    frame: Frame,
    records: RecordWriter,
    held: usize,
    count: u64,
    /// Absent where rows run over the terminal as they come.
    progress: Option<Progress>,
}

impl Answer {
    /// Begins an answer. A header is written at once, so that even an empty answer says what it would have held.
    pub(super) fn begin(columns: &'static [Column], format: Format) -> anyhow::Result<Self> {
        let is_quiet = format == Format::Table || !std::io::stdout().is_terminal();
        if format != Format::Table {
            write(RecordWriter::header(columns, format).as_bytes())?;
        }
        Ok(Self {
            columns,
            format,
            frame: Frame::new(columns),
            records: RecordWriter::new(columns, format),
            held: 0,
            count: 0,
            progress: is_quiet.then(|| Progress::counting("rows")),
        })
    }

    /// Adds a row; `fill` hands over its cells and ends it.
    pub(super) fn row(&mut self, fill: impl FnOnce(&mut dyn Records)) -> anyhow::Result<()> {
        self.count += 1;
        if let Some(progress) = &mut self.progress {
            progress.set(self.count);
        }
        if self.format == Format::Table {
            fill(&mut self.frame);
            return Ok(());
        }
        fill(&mut self.records);
        self.held += 1;
        if self.held == ROWS_HELD {
            self.write_held()
        } else {
            Ok(())
        }
    }

    /// Ends the answer. The notes are for people.
    pub(super) fn end(mut self, notes: impl IntoIterator<Item = String>) -> anyhow::Result<()> {
        self.progress = None;
        if self.format == Format::Table {
            notes.into_iter().for_each(|note| self.frame.note(note));
            return self.frame.print(self.format);
        }
        self.write_held()?;
        write(RecordWriter::footer(self.format).as_bytes())
    }

    fn write_held(&mut self) -> anyhow::Result<()> {
        let rest = RecordWriter::continuing(self.columns, self.format);
        self.held = 0;
        write(&std::mem::replace(&mut self.records, rest).into_bytes())
    }
}

/// Says something that is the answer itself, for people.
pub(super) fn say(text: &str) -> anyhow::Result<()> {
    write(format!("{text}\n").as_bytes())
}

fn write(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()?;
    Ok(())
}
