//! What a disk keeps of files, whatever the system shows while there is power.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// What a disk writes at once; what lies beside it is not touched when the power goes.
const SECTOR: usize = 512;

/// How much of what was not synced is lost with the power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// All of it.
    Everything,
    /// None of it: it had reached the disk by itself.
    Nothing,
    /// Each change with a chance of a half, whatever its order, and some writes between two sectors. The number is a seed.
    Some(u64),
}

#[derive(Debug, Default)]
pub(crate) struct Files {
    kept: BTreeMap<PathBuf, Kept>,
    /// Whether what is written past SQLite never reaches the disk.
    forgets_past: bool,
}

#[derive(Debug, Default)]
struct Kept {
    /// As of the last sync; `None` when there was no such file.
    synced: Option<Vec<u8>>,
    since: Vec<Change>,
    /// When the file was last written as far as this disk knows, once a sync of it has failed.
    lost: Option<SystemTime>,
}

#[derive(Debug, Clone)]
pub(crate) enum Change {
    Create,
    Write { at: usize, bytes: Vec<u8> },
    Truncate(usize),
    Delete,
}

impl Change {
    fn apply(&self, file: &mut Option<Vec<u8>>) {
        match self {
            Self::Create => {
                file.get_or_insert_default();
            }
            Self::Write { at, bytes } => {
                let file = file.get_or_insert_default();
                let end = at + bytes.len();
                if file.len() < end {
                    file.resize(end, 0);
                }
                if let Some(place) = file.get_mut(*at..end) {
                    place.copy_from_slice(bytes);
                }
            }
            Self::Truncate(size) => file.get_or_insert_default().resize(*size, 0),
            Self::Delete => *file = None,
        }
    }

    /// The change as it reaches the disk when the power goes meanwhile.
    fn torn(&self, random: &mut ChaCha8Rng) -> Option<Self> {
        match (random.next_u64() % 4, self) {
            (0 | 1, _) => None,
            (2, Self::Write { at, bytes }) if bytes.len() > SECTOR => {
                let sectors = bytes.len().div_ceil(SECTOR) as u64;
                let cut = usize::try_from(random.next_u64() % sectors).unwrap_or_default() * SECTOR;
                // The end before the beginning, half of the times.
                let (at, bytes) = if random.next_u64().is_multiple_of(2) {
                    (*at, bytes.get(..cut)?)
                } else {
                    (at + cut, bytes.get(cut..)?)
                };
                let bytes = bytes.to_owned();
                Some(Self::Write { at, bytes })
            }
            _ => Some(self.clone()),
        }
    }
}

impl Kept {
    fn look_at(&mut self, path: &Path) {
        if self.lost.is_some() && self.lost != written(path) {
            *self = Self {
                synced: std::fs::read(path).ok(),
                ..Self::default()
            };
        }
    }
}

/// When a file was last written; `None` without the file.
fn written(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path)
        .and_then(|file| file.modified())
        .ok()
}

impl Files {
    /// A file is opened: what was there before this disk knew it counts as synced.
    pub(crate) fn open(&mut self, path: &Path) {
        if !self.kept.contains_key(path) {
            let kept = Kept {
                synced: std::fs::read(path).ok(),
                since: Vec::new(),
                lost: None,
            };
            self.kept.insert(path.to_owned(), kept);
        }
    }

    pub(crate) fn change(&mut self, path: &Path, change: Change) {
        let kept = self.kept.entry(path.to_owned()).or_default();
        kept.since.push(change);
        kept.lost = kept.lost.and_then(|_| written(path));
    }

    pub(crate) fn forget_past(&mut self) {
        self.forgets_past = true;
    }

    /// Before anything happens to a file: whoever wrote it past SQLite since its sync failed has brought it to the disk.
    pub(crate) fn look_at(&mut self, path: &Path) {
        if self.forgets_past {
            return;
        }
        if let Some(kept) = self.kept.get_mut(path) {
            kept.look_at(path);
        }
    }

    /// The files are those in another folder from here on; the disk holds of them what it held.
    pub(crate) fn copy_to(&mut self, to: &Path) -> io::Result<()> {
        let forgets_past = self.forgets_past;
        for (path, mut kept) in std::mem::take(&mut self.kept) {
            if !forgets_past {
                kept.look_at(&path);
            }
            let Some(copy) = path.file_name().map(|name| to.join(name)) else {
                continue;
            };
            if path.exists() {
                std::fs::copy(&path, &copy)?;
            }
            kept.lost = kept.lost.and_then(|_| written(&copy));
            self.kept.insert(copy, kept);
        }
        Ok(())
    }

    pub(crate) fn sync(&mut self, path: &Path) {
        let kept = self.kept.entry(path.to_owned()).or_default();
        for change in kept.since.drain(..) {
            change.apply(&mut kept.synced);
        }
    }

    /// A sync that failed: the system takes its pages for clean and writes them never more.
    pub(crate) fn lose(&mut self, path: &Path) {
        let kept = self.kept.entry(path.to_owned()).or_default();
        kept.since.clear();
        kept.lost = written(path);
    }

    pub(crate) fn after_power_loss(&mut self, loss: Loss, to: &Path) -> io::Result<()> {
        let mut random = ChaCha8Rng::seed_from_u64(match loss {
            Loss::Some(seed) => seed,
            Loss::Everything | Loss::Nothing => 0,
        });
        for (path, kept) in &mut self.kept {
            if !self.forgets_past {
                kept.look_at(path);
            }
            let mut file = kept.synced.clone();
            for change in &kept.since {
                let kept = match loss {
                    Loss::Everything => None,
                    Loss::Nothing => Some(change.clone()),
                    Loss::Some(_) => change.torn(&mut random),
                };
                if let Some(change) = kept {
                    change.apply(&mut file);
                }
            }
            if let (Some(bytes), Some(name)) = (file, path.file_name()) {
                std::fs::write(to.join(name), bytes)?;
            }
        }
        Ok(())
    }
}
