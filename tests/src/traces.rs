//! Where a text is left: in bytes, and in files below a folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// Whether bytes hold a text.
#[must_use]
pub fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

/// The files below a folder that hold a text, and how many were looked at.
///
/// # Errors
/// The folder cannot be read.
pub fn files_holding(folder: &Path, text: &str) -> Result<(Vec<PathBuf>, usize)> {
    let (mut found, mut seen) = (Vec::new(), 0);
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            // Files of other tests' databases come and go meanwhile.
            let Ok(bytes) = fs::read(&path) else { continue };
            seen += 1;
            if holds(&bytes, text) {
                found.push(path);
            }
        }
    }
    Ok((found, seen))
}
