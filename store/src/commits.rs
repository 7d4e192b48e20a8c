//! Wakes those who wait for something to be committed by this process.

use tokio::sync::watch;

/// Counts commits.
#[derive(Debug, Default)]
pub(crate) struct Commits(watch::Sender<u64>);

impl Commits {
    /// Something was committed.
    pub(crate) fn count(&self) {
        self.0.send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(crate) fn watch(&self) -> CommitWatch {
        CommitWatch(self.0.subscribe())
    }
}

/// Sees commits of this process. What other processes commit must be looked for.
#[derive(Debug)]
pub struct CommitWatch(watch::Receiver<u64>);

impl CommitWatch {
    /// Call this before looking at the database: a commit that comes between is then not overlooked.
    pub fn begin_to_look(&mut self) {
        self.0.mark_unchanged();
    }

    /// Waits for a commit since [`CommitWatch::begin_to_look`]. Never returns once the store is gone.
    pub async fn committed(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Commits;

    #[tokio::test]
    async fn a_commit_between_looking_and_waiting_is_seen() {
        let commits = Commits::default();
        let mut watch = commits.watch();
        watch.begin_to_look();
        commits.count();
        watch.committed().await;
        watch.begin_to_look();
        let waited = tokio::time::timeout(Duration::from_millis(20), watch.committed()).await;
        assert!(waited.is_err(), "one commit wakes once");
    }
}
