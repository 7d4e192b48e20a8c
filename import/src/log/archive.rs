//! The files of a log: one, those of a zip archive, or those of a folder.

use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::Path;

use encoding_rs::{Encoding, WINDOWS_1252};
use zip::ZipArchive;
use zip::result::ZipError;

use super::error::LogCause;

/// The most bytes that are held at once, over all files.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
const MIB: u64 = 1024 * 1024;

/// A file as text.
#[derive(Debug)]
pub(super) struct LogFile {
    /// Its name within an archive or a folder; empty for the file itself.
    pub(super) member: String,
    /// Its name without folders, which may say whose log it is.
    pub(super) name: String,
    pub(super) text: String,
}

/// All files, by name.
pub(super) fn files(path: &Path) -> Result<Vec<LogFile>, LogCause> {
    let mut left = MOST_BYTES;
    let files = if path.is_dir() {
        of_folder(path, &mut left)?
    } else {
        let bytes = if path.as_os_str() == "-" {
            take(io::stdin(), &mut left)?
        } else {
            take(File::open(path)?, &mut left)?
        };
        if bytes.starts_with(b"PK\x03\x04") {
            of_archive(bytes, &mut left)?
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            vec![LogFile {
                member: String::new(),
                name: name.into_owned(),
                text: text(&bytes),
            }]
        }
    };
    match files.as_slice() {
        [] => Err(LogCause::NoFiles),
        files if files.iter().all(|file| file.text.trim().is_empty()) => Err(LogCause::Empty),
        _ => Ok(files),
    }
}

fn of_folder(path: &Path, left: &mut u64) -> Result<Vec<LogFile>, LogCause> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        names.push(entry?.path());
    }
    names.sort();
    let mut files = Vec::new();
    for path in names {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if is_log_name(&name) {
            files.push(LogFile {
                member: name.clone(),
                name,
                text: text(&take(File::open(&path)?, left)?),
            });
        }
    }
    Ok(files)
}

fn of_archive(bytes: Vec<u8>, left: &mut u64) -> Result<Vec<LogFile>, LogCause> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    let names = archive.file_names().map(|name| Ok(name?.into_owned()));
    let mut members = names.collect::<Result<Vec<String>, ZipError>>()?;
    members.sort();
    let mut files = Vec::new();
    for member in members {
        let name = member
            .rsplit(['/', '\\'])
            .next()
            .unwrap_or_default()
            .to_owned();
        if is_log_name(&name) && !member.contains("__MACOSX") {
            let file = archive.by_name(&member)?;
            files.push(LogFile {
                text: text(&take(file, left)?),
                member,
                name,
            });
        }
    }
    Ok(files)
}

fn is_log_name(name: &str) -> bool {
    !name.starts_with('.') && name.to_lowercase().ends_with(".csv")
}

/// All bytes, as long as all files together stay below the limit. What an archive says of sizes is not believed.
fn take(bytes: impl Read, left: &mut u64) -> Result<Vec<u8>, LogCause> {
    let mut taken = Vec::new();
    bytes.take(*left + 1).read_to_end(&mut taken)?;
    let length = taken.len() as u64;
    if length > *left {
        return Err(LogCause::TooLarge {
            most_mib: MOST_BYTES / MIB,
        });
    }
    *left -= length;
    Ok(taken)
}

/// UTF-16 and UTF-8 by their marks, UTF-8 where it is, else Windows-1252, in which no byte is wrong.
fn text(bytes: &[u8]) -> String {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0.into_owned();
    }
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode(bytes).0.into_owned(),
    }
}
