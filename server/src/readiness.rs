//! Whether a server is to be sent calls.

use std::time::Duration;

use diel_store::StoreError;

use crate::service::Service;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a server is not to be sent calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unready {
    /// It finishes what it has accepted and ends.
    #[error("stopping")]
    Stopping,
    /// It goes on to read.
    #[error("the disk has failed; nothing more is written")]
    ReadOnly,
    /// Another server has brought the database to a version that this one does not know.
    #[error("the schema of the database is not the one that this server was written for")]
    Schema,
    /// It cannot be reached, or takes too long.
    #[error("the database does not answer")]
    Database,
}

impl Service {
    /// Lets calls come, when there is no reason to send them elsewhere.
    ///
    /// # Errors
    /// [`Unready`], the first of them that holds.
    pub(crate) async fn readiness(&self) -> Result<(), Unready> {
        if self.stopping.is_cancelled() {
            return Err(Unready::Stopping);
        }
        if self.store.check_disk().is_err() {
            return Err(Unready::ReadOnly);
        }
        match tokio::time::timeout(PATIENCE, self.store.check_schema()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(StoreError::SchemaNewer { .. } | StoreError::SchemaOlder { .. })) => {
                Err(Unready::Schema)
            }
            Ok(Err(_)) | Err(_) => Err(Unready::Database),
        }
    }
}
