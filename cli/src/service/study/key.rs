//! The key of keyed codes.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use crate::service::answer;

const EXAMPLES: &str = "\
A study made with --keyed-codes stores each code of a participant or a tube as a hash under this key. The service reads the key
from codes.key_file; it is never in the database. Keep a copy where the database and its backups are not. Without the key nobody
can send or look up anything by the codes on the tubes any more, and whoever has both the key and the database can find out which
person is which by trying codes.

Examples:
  diel study key --new /etc/diel/code.key
  diel study key --show /etc/diel/code.key                  # its fingerprint, which the service tells when keys differ
  DIEL_CODES_KEY_FILE=/etc/diel/code.key diel serve";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[group(required = true, multiple = false)]
pub(super) struct KeyArguments {
    /// Write a new key into this file, which must not exist and which only its owner may read.
    #[arg(long, value_name = "FILE")]
    new: Option<PathBuf>,

    /// Say the fingerprint of the key in this file.
    #[arg(long, value_name = "FILE")]
    show: Option<PathBuf>,
}

pub(super) fn key(arguments: &KeyArguments) -> anyhow::Result<()> {
    if let Some(path) = &arguments.new {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let text = diel_server::CodeKey::new_text()
            .map_err(|error| anyhow::anyhow!("no key can be made: {error}"))?;
        let written = options.open(path).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.with_context(|| format!("{} cannot be written", path.display()))?;
    }
    let Some(path) = arguments.new.as_ref().or(arguments.show.as_ref()) else {
        return Ok(());
    };
    let key = diel_server::CodeKey::read(path)?;
    answer::say(&format!(
        "{}: the key with the fingerprint {}",
        path.display(),
        key.fingerprint()
    ))
}
