//! Watching flags: what stands, if asked for, and then every step in the order in which it was committed.
//!
//! Steps have the numbers of their entries in the study's audit trail, which are in the order of commits: behind the head
//! that was read, nothing appears later. So a number is all that a watch has to remember, and any server of the database
//! goes on from it. A watch holds no connection of the database while it waits, for news or for its reader.

use std::time::Duration;

use diel_proto::v1 as pb;
use diel_store::{CommitWatch, FlagChange, FlagFilter, PageRequest, Store, StoreError};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::access::Stay;
use crate::admission::Permit;
use crate::call;
use crate::convert::flag;
use crate::page::Binding;
use crate::refusal::Refusal;
use crate::stream::{Answers, Sender, answers};

/// Changes in one message.
const CHANGES: u32 = 100;
/// How often a watch looks for what other servers committed.
const LOOK: Duration = Duration::from_millis(500);
/// The least time between two looks: many commits make one look.
const PAUSE: Duration = Duration::from_millis(20);
/// After so long without a change a message says that the watch lives, and moves its token on.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How far a watch has come.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Position {
    /// In the flags as they stood when the study's trail ended with this number, behind this flag.
    Present(i64, Option<String>),
    /// Behind the step of this number.
    Behind(i64),
}

/// A watch at work.
pub(super) struct Watch {
    /// Asked again before each look.
    pub(super) stay: Stay,
    pub(super) store: Store,
    pub(super) study: String,
    pub(super) filter: FlagFilter,
    pub(super) position: Position,
    pub(super) binding: Binding,
    pub(super) stopping: CancellationToken,
    /// Held while the watch lasts.
    pub(super) _permit: Permit,
}

impl Watch {
    /// Sends until the reader is gone or the server stops.
    pub(super) fn send(self) -> Answers<pb::WatchFlagsResponse> {
        // One message waits for a slow reader; the next is read when that one is taken.
        let (sender, messages) = answers(1);
        call::spawn(async move {
            let stopping = self.stopping.clone();
            let end = tokio::select! {
                end = self.run(&sender) => end,
                () = stopping.cancelled() => Some(Refusal::Overloaded("this server is stopping").into()),
                () = sender.closed() => None,
            };
            if let Some(status) = end {
                sender.end(status);
            }
        });
        messages
    }

    /// Returns why it ends, unless the reader is gone.
    async fn run(mut self, sender: &Sender<pb::WatchFlagsResponse>) -> Option<Status> {
        let mut commits = self.store.commits();
        // The first message comes at once: from its token on nothing is missed.
        let mut sent: Option<Instant> = None;
        loop {
            commits.begin_to_look();
            if let Err(refusal) = self.stay.check().await {
                return Some(refusal.into());
            }
            let changes = match self.look().await {
                Ok(changes) => changes,
                Err(error) => return Some(Refusal::from(error).into()),
            };
            let is_due = sent.is_none_or(|sent| sent.elapsed() >= HEARTBEAT);
            if changes.is_empty() && !is_due {
                wait(&mut commits).await;
                continue;
            }
            let message = pb::WatchFlagsResponse {
                changes,
                resume_token: self.binding.token(Some(&self.position)),
            };
            if sender.send(message).await.is_err() {
                return None;
            }
            sent = Some(Instant::now());
        }
    }

    /// The next changes, if there are any; the position is behind them then.
    async fn look(&mut self) -> Result<Vec<pb::FlagChange>, StoreError> {
        match self.position.clone() {
            Position::Present(at, after) => self.look_at_present(at, after).await,
            Position::Behind(after) => self.look_behind(after).await,
        }
    }

    async fn look_at_present(
        &mut self,
        at: i64,
        after: Option<String>,
    ) -> Result<Vec<pb::FlagChange>, StoreError> {
        let page = PageRequest {
            after,
            limit: CHANGES,
        };
        let page = self
            .store
            .flags_standing_at(&self.study, &self.filter, at, &page)
            .await?;
        let changes = page
            .items
            .iter()
            .map(|change| self.message(change, Position::Present(at, Some(change.flag.clone()))))
            .collect();
        self.position = match page.next {
            Some(flag) => Position::Present(at, Some(flag)),
            None => Position::Behind(at),
        };
        Ok(changes)
    }

    async fn look_behind(&mut self, after: i64) -> Result<Vec<pb::FlagChange>, StoreError> {
        let head = self.store.audit_head(Some(&self.study)).await?.sequence;
        if head <= after {
            return Ok(Vec::new());
        }
        let page = PageRequest {
            after: Some(after),
            limit: CHANGES,
        };
        let page = self
            .store
            .flag_steps(&self.study, &self.filter, head, &page)
            .await?;
        self.position = Position::Behind(page.next.unwrap_or(head));
        Ok(page
            .items
            .iter()
            .map(|change| self.message(change, Position::Behind(change.sequence)))
            .collect())
    }

    fn message(&self, change: &FlagChange, position: Position) -> pb::FlagChange {
        let is_present = matches!(position, Position::Present(..));
        let token = self.binding.token(Some(&position));
        flag::change_to_proto(&self.study, change, is_present, token)
    }
}

/// Waits for a commit of this server, or until it is time to look for those of others.
async fn wait(commits: &mut CommitWatch) {
    tokio::time::sleep(PAUSE).await;
    let _ = tokio::time::timeout(LOOK, commits.committed()).await;
}
