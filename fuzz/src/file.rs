//! A file in memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Where `/dev/shm` is, no input ever touches a disk.
pub(crate) static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    }
});

/// One file a process for each number, overwritten by each input. `None`: there is no room for it.
pub fn in_memory(number: u8, bytes: &[u8]) -> Option<PathBuf> {
    let path = FOLDER.join(format!("diel-fuzz-{}-{number}", std::process::id()));
    fs::write(&path, bytes).ok()?;
    Some(path)
}
