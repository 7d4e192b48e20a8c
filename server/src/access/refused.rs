//! Refused calls: counted in memory, written down once a minute, so that a flood of them is one line a place.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use diel_store::{RefusedCalls, Store};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::denial::{RoleMissing, TokenError};
use super::verifier::Verifier;
use crate::clock::Clock;
use crate::metrics::Counts;
use crate::name;
use crate::refusal::{ROLE_MISSING, token_reason};

/// Of a caller who calls too often.
const RATE_LIMITED: &str = "RATE_LIMITED";
/// Of a form that is not the console's.
const FORM_NOT_OURS: &str = "FORM_NOT_OURS";
/// Every cause for which a call is refused.
pub(crate) const CAUSES: [&str; 7] = [
    "TOKEN_MISSING",
    "TOKEN_UNKNOWN",
    "TOKEN_EXPIRED",
    "TOKEN_REVOKED",
    ROLE_MISSING,
    RATE_LIMITED,
    FORM_NOT_OURS,
];

/// How often they are written down. What a killed server had counted since is lost.
const WRITTEN_EVERY: Duration = Duration::from_secs(60);
/// Most lines at a time; what is refused beyond is counted together.
const MOST_LINES: usize = 256;
/// Stands for every place and caller beyond the last line.
const OTHERS: &str = "others";

/// Counts of refused calls since they were last written down.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    since: Mutex<HashMap<Key, u64>>,
    /// All of them, by reason alone.
    ever: Counts<1>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    principal: String,
    address: String,
    resource: String,
    cause: &'static str,
}

impl Refused {
    /// Counts that begin at nothing; `ever` is never written down, and goes on.
    pub(super) fn new(ever: Counts<1>) -> Self {
        Self {
            since: Mutex::default(),
            ever,
        }
    }

    /// Counts a token that let nobody in.
    pub(super) fn token(&self, error: &TokenError, address: Option<IpAddr>) {
        self.count(Key {
            principal: String::new(),
            address: text(address),
            resource: "access".to_owned(),
            cause: token_reason(error),
        });
    }

    /// Counts a call that its caller has no role for.
    pub(super) fn role(&self, missing: &RoleMissing, address: Option<IpAddr>) {
        let resource = match missing.study() {
            Some(study) => format!("{}: {}", missing.method, name::of_study(study)),
            None => missing.method.to_owned(),
        };
        self.count(Key {
            principal: missing.principal.clone(),
            address: text(address),
            resource,
            cause: ROLE_MISSING,
        });
    }

    /// Counts a call of somebody who calls too often.
    pub(super) fn rate(&self, principal: &str, method: &str, address: Option<IpAddr>) {
        self.count(Key {
            principal: principal.to_owned(),
            address: text(address),
            resource: method.to_owned(),
            cause: RATE_LIMITED,
        });
    }

    /// Counts a form that came from no page of the console's, or from one that was made for somebody else.
    pub(crate) fn form(&self, principal: &str, address: Option<IpAddr>) {
        self.count(Key {
            principal: principal.to_owned(),
            address: text(address),
            resource: "console".to_owned(),
            cause: FORM_NOT_OURS,
        });
    }

    fn count(&self, key: Key) {
        self.ever.get_or_create(&[("reason", key.cause)]).inc();
        let mut counts = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let key = if counts.len() < MOST_LINES || counts.contains_key(&key) {
            key
        } else {
            Key {
                principal: String::new(),
                address: OTHERS.to_owned(),
                resource: "access".to_owned(),
                cause: key.cause,
            }
        };
        *counts.entry(key).or_default() += 1;
    }

    fn take(&self, since: Timestamp) -> Vec<RefusedCalls> {
        let mut counts = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken: Vec<_> = counts
            .drain()
            .map(|(key, count)| RefusedCalls {
                principal: key.principal,
                address: key.address,
                resource: key.resource,
                cause: key.cause.to_owned(),
                count,
                since,
            })
            .collect();
        taken.sort_by(|one, other| {
            (&one.principal, &one.address, &one.resource).cmp(&(
                &other.principal,
                &other.address,
                &other.resource,
            ))
        });
        taken
    }
}

fn text(address: Option<IpAddr>) -> String {
    address.map_or_else(
        || "an unknown address".to_owned(),
        |address| address.to_string(),
    )
}

/// Writes refused calls into the audit trail until the server stops, and what is left then.
pub(crate) async fn write_down(
    verifier: Verifier,
    store: Store,
    clock: std::sync::Arc<dyn Clock>,
    stopping: CancellationToken,
) {
    let mut since = clock.now();
    loop {
        let stopped = tokio::select! {
            () = stopping.cancelled() => true,
            () = tokio::time::sleep(WRITTEN_EVERY) => false,
        };
        let refused = verifier.refused().take(since);
        since = clock.now();
        if !refused.is_empty() {
            for line in &refused {
                tracing::warn!(
                    principal = line.principal,
                    address = line.address,
                    resource = line.resource,
                    cause = line.cause,
                    count = line.count,
                    "refused calls"
                );
            }
            if let Err(error) = store.note_refused_calls(refused, since).await {
                tracing::error!(error = ?error, "refused calls were not written into the audit trail");
            }
        }
        if stopped {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_from_many_places_is_counted_in_few_lines() {
        let refused = Refused::default();
        for host in 0..2_000_u32 {
            let address = IpAddr::from(std::net::Ipv4Addr::from_bits(host));
            refused.token(&TokenError::Unknown, Some(address));
            refused.token(&TokenError::Unknown, Some(address));
        }
        let lines = refused.take(Timestamp::UNIX_EPOCH);
        assert_eq!(lines.len(), MOST_LINES + 1);
        assert_eq!(lines.iter().map(|line| line.count).sum::<u64>(), 4_000);
        assert!(lines.iter().all(|line| line.cause == "TOKEN_UNKNOWN"));
        assert!(refused.take(Timestamp::UNIX_EPOCH).is_empty());
    }
}
