//! Refused calls in the audit trail: one line for many.

use serde_json::json;

use super::Conn;
use super::write::Write;
use crate::fault::Fault;
use crate::trail::{Note, OUTSIDE, Trail};
use crate::{Call, RefusedCalls};

/// Who called without a token that is anybody's.
const UNKNOWN: &str = "unknown";

/// Notes them outside any study: a study that is named may not exist, and its trail is not for others to fill.
#[derive(Debug)]
pub(crate) struct NoteRefused {
    pub(crate) refused: Vec<RefusedCalls>,
    pub(crate) call: Call,
}

impl Write for NoteRefused {
    type Answer = ();

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(&self, _conn: &mut Conn, trail: &mut Trail, _attempt: u32) -> Result<(), Fault> {
        for refused in &self.refused {
            let actor = if refused.principal.is_empty() {
                UNKNOWN
            } else {
                &refused.principal
            };
            let call = Call {
                actor: actor.to_owned(),
                ..self.call.clone()
            };
            let note = Note {
                action: "refuse_calls",
                resource: refused.resource.clone(),
                after: json!({
                    "address": refused.address,
                    "count": refused.count,
                    "since": refused.since.to_string(),
                }),
                reason: &refused.cause,
                ..Note::default()
            };
            trail.note(OUTSIDE, "", &call, note);
        }
        Ok(())
    }
}
