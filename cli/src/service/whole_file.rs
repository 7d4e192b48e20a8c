//! A file that is read whole, or standard input.

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;

/// The bytes of a file; `-` is standard input.
pub(super) fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
