//! Sampling logs: when which tube was filled, by hand, by an electronic cap or by an app. They become tubes with their
//! collection facts and awakenings of days; no concentrations.
//!
//! What a log shows that somebody should look at is a [`LogRemark`], what cannot be taken a [`RefusedRow`]: nothing is
//! left out in silence.

mod archive;
mod caps;
mod carwatch;
mod conditions;
mod error;
mod gather;
mod long;
mod study_manager;
mod table;
mod tube;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use diel_core::{Conditions, Moment, TimeSource};
use jiff::tz::TimeZone;

pub use error::{LogCause, LogError};

use crate::RefusedRow;
use gather::Gathered;
use table::LogTable;

/// What whoever sends a log knows about it.
#[derive(Debug, Clone, Default)]
pub struct LogOptions {
    /// The zone of times without an offset.
    pub time_zone: Option<TimeZone>,
    /// Whose log it is, where the log or its file's name does not say so or says it wrongly.
    pub participant: Option<String>,
    /// How the times of a table are known where no column says so. Caps and apps are electronic.
    pub source: Option<TimeSource>,
    /// Which cap stands on whose tube: `cap,specimen,participant[,label][,date]`.
    pub caps: Option<PathBuf>,
}

/// A tube with its collection facts.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedTube {
    /// Where in the log.
    pub place: LogPlace,
    /// The id on the tube.
    pub specimen: String,
    /// Whose it is.
    pub participant: String,
    /// When saliva was collected.
    pub collected: Moment,
    /// How that is known.
    pub source: TimeSource,
    /// The label on the tube; empty where there is none.
    pub label: String,
    /// The awakening that began the day, and how it is known.
    pub awakening: Option<(Moment, TimeSource)>,
    /// Conditions of the day.
    pub conditions: Conditions,
}

/// An awakening that the log states apart from any tube.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedDay {
    /// Where in the log.
    pub place: LogPlace,
    /// Who woke.
    pub participant: String,
    /// When.
    pub awakening: Moment,
    /// How that is known.
    pub source: TimeSource,
    /// Conditions of the day.
    pub conditions: Conditions,
}

/// Something that was read as it stands and that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRemark {
    /// Where in the log.
    pub place: LogPlace,
    /// What was seen and how it was taken.
    pub text: String,
}

/// A line of a file, or of a file in an archive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct LogPlace {
    /// The file within the archive or folder; empty for the file itself.
    pub member: String,
    /// The line, from 1.
    pub line: u64,
}

impl std::fmt::Display for LogPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.member.is_empty() {
            write!(f, "{}:", self.member)?;
        }
        write!(f, "{}", self.line)
    }
}

/// A log, read.
#[derive(Debug, Default)]
pub struct SamplingLog {
    /// What was recognised, in words.
    pub reading: String,
    /// The tubes.
    pub tubes: Vec<LoggedTube>,
    /// The awakenings stated apart.
    pub days: Vec<LoggedDay>,
    /// What cannot be taken.
    pub refused: Vec<RefusedRow>,
    /// What should be looked at.
    pub remarks: Vec<LogRemark>,
}

/// Reads a log: a table of tubes, openings of electronic caps, what the CARWatch app writes (a file, a zip archive or a
/// folder of them) or what the CARWatch Study Manager exports.
///
/// # Errors
/// The file cannot be read, or is none of these. Bad rows are no error: they are listed.
pub fn read_log(path: &Path, options: &LogOptions) -> Result<SamplingLog, LogError> {
    read(path, options).map_err(|cause| LogError::new(path, cause))
}

fn read(path: &Path, options: &LogOptions) -> Result<SamplingLog, LogCause> {
    let files = archive::files(path)?;
    let mut gathered = Gathered::default();
    let mut readings = Vec::new();
    let is_several = files.len() > 1;
    for file in &files {
        let reading = if carwatch::is_log(&file.text) {
            carwatch::read(file, options, &mut gathered);
            carwatch::READING
        } else if is_several {
            return Err(LogCause::NotCarwatch {
                member: file.member.clone(),
            });
        } else {
            tables(file, options, &mut gathered)?
        };
        if !readings.contains(&reading) {
            readings.push(reading);
        }
    }
    let mut log = gathered.finish();
    log.reading = readings.join("; ");
    if is_several {
        log.reading = format!("{}, {} files", log.reading, files.len());
    }
    Ok(log)
}

fn tables(
    file: &archive::LogFile,
    options: &LogOptions,
    gathered: &mut Gathered,
) -> Result<&'static str, LogCause> {
    let table = LogTable::of(file)?;
    if study_manager::is_export(&table) {
        study_manager::read(&table, options, gathered)?;
        Ok(study_manager::READING)
    } else if caps::is_openings(&table) {
        caps::read(&table, options, gathered)?;
        Ok(caps::READING)
    } else {
        long::read(&table, options, gathered)?;
        Ok(long::READING)
    }
}
