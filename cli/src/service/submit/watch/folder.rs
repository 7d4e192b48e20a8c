//! The folder: what is in it, and where files go.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;

/// What other programs call a file that they still write.
const UNFINISHED: [&str; 3] = [".part", ".tmp", ".filepart"];
/// A report while it is written. Names that begin so are never taken.
const UNFINISHED_REPORT: &str = ".report.part";

/// Where a file goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Done,
    Refused,
}

impl Place {
    pub(super) const ALL: [Self; 2] = [Self::Done, Self::Refused];

    pub(super) const fn folder(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    /// A symbolic link, whatever it points at.
    Link,
    Other,
}

/// What changes when a file is written on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    pub(super) fn of(file: &fs::Metadata) -> Self {
        Self {
            bytes: file.len(),
            modified: file.modified().ok(),
        }
    }

    #[cfg(test)]
    pub(super) const fn of_bytes(bytes: u64) -> Self {
        Self {
            bytes,
            modified: None,
        }
    }
}

/// A name in the folder that a file may be taken by.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: OsString,
    pub(super) kind: Kind,
    pub(super) stamp: Stamp,
}

/// A folder with its two places.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// # Errors
    /// It is no folder, or its places cannot be made.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let found = fs::metadata(path).with_context(|| format!("{shown}: cannot be watched"))?;
        anyhow::ensure!(found.is_dir(), "{shown}: is no folder");
        for place in Place::ALL {
            let place = path.join(place.folder());
            fs::create_dir_all(&place)
                .with_context(|| format!("{}: the folder cannot be made", place.display()))?;
        }
        Ok(Self {
            path: path.to_owned(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What lies in the folder, by name, but for its places and for what others still write.
    pub(super) fn entries(&self) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name();
            if is_left(&name) {
                continue;
            }
            // What is gone by now is nobody's concern.
            let Ok(found) = fs::symlink_metadata(entry.path()) else {
                continue;
            };
            let kind = match found.file_type() {
                kind if kind.is_file() => Kind::File,
                kind if kind.is_symlink() => Kind::Link,
                _ => Kind::Other,
            };
            entries.push(Entry {
                name,
                kind,
                stamp: Stamp::of(&found),
            });
        }
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(entries)
    }

    pub(super) fn stamp(&self, name: &OsStr) -> io::Result<Stamp> {
        fs::symlink_metadata(self.path.join(name)).map(|found| Stamp::of(&found))
    }

    pub(super) fn has(&self, name: &OsStr) -> bool {
        self.stamp(name).is_ok()
    }

    /// Writes the report, then moves the file beside it: whoever sees a file there finds its report. Nothing that lies there
    /// already is overwritten. Returns where the file is.
    pub(super) fn place(&self, name: &OsStr, place: Place, report: &[u8]) -> io::Result<PathBuf> {
        let folder = self.path.join(place.folder());
        fs::create_dir_all(&folder)?;
        let kept = free_name(&folder, name)?;
        let mut report_name = kept.clone();
        report_name.push(".report.csv");
        let beside = folder.join(report_name);
        let unfinished = folder.join(UNFINISHED_REPORT);
        let mut file = File::create(&unfinished)?;
        file.write_all(report)?;
        file.sync_all()?;
        fs::rename(&unfinished, &beside)?;
        let moved = folder.join(kept);
        fs::rename(self.path.join(name), &moved).inspect_err(|_| {
            // A report without its file would be taken for an answer.
            let _ = fs::remove_file(&beside);
        })?;
        Ok(moved)
    }
}

/// Whether a name is left alone: our own places, hidden files, those that programs lock theirs with, and those still written.
fn is_left(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    name.starts_with(['.', '~'])
        || UNFINISHED.iter().any(|end| name.ends_with(end))
        || Place::ALL.iter().any(|place| name == place.folder())
}

/// `plate.csv`, or `plate.2.csv` where that is taken, and so on.
fn free_name(folder: &Path, name: &OsStr) -> io::Result<OsString> {
    let path = Path::new(name);
    let mut free = name.to_owned();
    let mut count = 1_u64;
    while is_taken(&folder.join(&free))? {
        count += 1;
        free = path.file_stem().unwrap_or(name).to_owned();
        free.push(format!(".{count}"));
        if let Some(extension) = path.extension() {
            free.push(".");
            free.push(extension);
        }
    }
    Ok(free)
}

/// A link that points nowhere takes its name too.
fn is_taken(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may panic")]

    use super::*;

    #[test]
    fn what_others_still_write_is_left() {
        for name in [
            ".x.csv",
            "x.csv.part",
            "X.TMP",
            "x.filepart",
            "~$plate.xlsx",
            "done",
            "refused",
        ] {
            assert!(is_left(OsStr::new(name)), "{name}");
        }
        for name in ["x.csv", "done.csv", "part", "x.part.csv"] {
            assert!(!is_left(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn a_name_that_comes_again_overwrites_nothing() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        let file = root.path().join("plate.csv");
        for (text, name) in [
            ("1", "plate.csv"),
            ("2", "plate.2.csv"),
            ("3", "plate.3.csv"),
        ] {
            fs::write(&file, text).unwrap();
            let moved = folder
                .place(OsStr::new("plate.csv"), Place::Done, b"line\n")
                .unwrap();
            assert_eq!(moved, root.path().join("done").join(name));
            assert_eq!(fs::read_to_string(&moved).unwrap(), text);
            let report = root.path().join("done").join(format!("{name}.report.csv"));
            assert_eq!(fs::read_to_string(report).unwrap(), "line\n");
        }
        assert!(!folder.has(OsStr::new("plate.csv")));
        let gone = folder
            .place(OsStr::new("plate.csv"), Place::Refused, b"")
            .unwrap_err();
        assert_eq!(gone.kind(), io::ErrorKind::NotFound);
        assert_eq!(
            fs::read_dir(root.path().join("refused")).unwrap().count(),
            0
        );
    }
}
