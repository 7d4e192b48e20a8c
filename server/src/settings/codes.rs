//! Where the key of keyed codes is.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::pseudonym::{CodeKey, CodeKeyError};

/// What codes of participants and tubes are stored with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct CodesSettings {
    /// The file with the key of studies that keep codes keyed, of its owner alone. Unset: such studies are not served.
    pub key_file: Option<PathBuf>,
}

impl CodesSettings {
    /// The key; `None` where no file is set.
    ///
    /// # Errors
    /// The file cannot be read, others may read it, or it holds something else.
    pub(crate) fn key(&self) -> Result<Option<CodeKey>, CodeKeyError> {
        self.key_file.as_deref().map(CodeKey::read).transpose()
    }
}
