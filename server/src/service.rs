//! What every handler needs, and what all of them do the same way.

use std::sync::Arc;

use diel_store::{Call, Request, Store, Study};
use prost::Message;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::access::{Caller, Verifier};
use crate::admission::Admission;
use crate::clock::Clock;
use crate::code::check_text;
use crate::convert::code_shape::CodeGuard;
use crate::convert::time::{Zone, time_zone};
use crate::metrics::Metrics;
use crate::pseudonym::Pseudonyms;
use crate::refusal::Refusal;
use crate::settings::Limits;

/// The longest request id, in characters.
const REQUEST_ID_CHARACTERS: usize = 64;

/// The state behind the services of `diel.v1`.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) limits: Limits,
    pub(crate) admission: Admission,
    pub(crate) metrics: Metrics,
    /// Which studies keep codes keyed.
    pub(crate) pseudonyms: Pseudonyms,
    /// Says who bears a token.
    pub(crate) verifier: Verifier,
    /// Cancelled first thing when the server stops: streams then end after what they have accepted.
    pub(crate) stopping: CancellationToken,
    /// Wakes the worker that judges when there is somebody to judge again.
    pub(crate) job_made: Arc<Notify>,
    /// Wakes the worker that fits when a fit was asked for.
    pub(crate) fit_made: Arc<Notify>,
    /// Wakes the worker that assesses batches when targets or the quality policy changed.
    pub(crate) reassess_made: Arc<Notify>,
    /// Wakes the worker that takes deleted studies away.
    pub(crate) delete_made: Arc<Notify>,
}

impl Service {
    /// Who calls, when and under which request id. `content` is the request without its id.
    pub(crate) fn call(
        &self,
        caller: &Caller,
        request_id: &str,
        content: &impl Message,
        validate_only: bool,
    ) -> Result<Call, Refusal> {
        let request = if request_id.is_empty() {
            None
        } else {
            check_text(request_id, 1, REQUEST_ID_CHARACTERS)
                .map_err(|rule| Refusal::field("request_id", rule))?;
            Some(Request {
                id: request_id.to_owned(),
                digest: *blake3::hash(&content.encode_to_vec()).as_bytes(),
            })
        };
        Ok(Call {
            request,
            ..self.plain_call(caller, validate_only)
        })
    }

    /// A call without a request id.
    pub(crate) fn plain_call(&self, caller: &Caller, validate_only: bool) -> Call {
        Call {
            actor: caller.name().to_owned(),
            now: self.clock.now(),
            request: None,
            validate_only,
        }
    }

    /// Takes what was deleted out of the database's log. What stands in the way of it is no reason to say that nothing was
    /// deleted.
    pub(crate) async fn clear_log(&self) {
        match self.store.clear_log().await {
            Ok(true) => {}
            Ok(false) => tracing::warn!(
                "somebody reads for long: what was deleted stays in the database's log until it is written over"
            ),
            Err(error) => tracing::warn!(?error, "the database's log could not be emptied"),
        }
    }

    /// What instants of requests to a study are read against.
    pub(crate) fn zone(&self, study: &Study) -> Zone {
        Zone {
            // The name was checked when the study was made, against the zones that this binary carries.
            time_zone: time_zone(&study.time_zone).unwrap_or(jiff::tz::TimeZone::UTC),
            now: self.clock.now(),
        }
    }

    /// What rows that are sent to a study are read against: its zone, and the codes that it refuses.
    pub(crate) fn reading(&self, study: &Study) -> (Zone, CodeGuard) {
        let zone = self.zone(study);
        let guard = CodeGuard::of(study, zone.now);
        (zone, guard)
    }

    /// Refuses more rows than one call may carry, before any of them is read.
    pub(crate) fn check_rows(&self, field: &'static str, rows: usize) -> Result<(), Refusal> {
        if rows > self.limits.batch_rows {
            return Err(Refusal::TooLarge {
                field,
                rows,
                most: self.limits.batch_rows,
            });
        }
        Ok(())
    }
}
