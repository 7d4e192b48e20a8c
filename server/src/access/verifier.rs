//! Who bears a token: asked of the store once in a while, remembered in between.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diel_store::{Store, Token};
use jiff::{SignedDuration, Timestamp};

use super::AccessMode;
use super::denial::TokenError;
use super::principal::Principal;
use super::quota::Quota;
use super::refused::Refused;
use super::secret::Secret;
use crate::clock::Clock;
use crate::metrics::Counts;
use crate::refusal::Refusal;
use crate::settings::Limits;

/// How long a token that was found good is not asked about again. So long after a revocation or a change of roles
/// another server may still go by what was; the one that made the change forgets at once.
const REMEMBERED: Duration = Duration::from_secs(3);
/// Most tokens remembered.
const MOST: usize = 10_000;
/// How old a note of a token's use may become.
const USE_NOTED: SignedDuration = SignedDuration::from_hours(1);

/// Says who bears a token. Clones share what they remember.
#[derive(Debug, Clone)]
pub(crate) struct Verifier(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    mode: AccessMode,
    store: Store,
    clock: Arc<dyn Clock>,
    local: Arc<Principal>,
    remembered: Mutex<HashMap<[u8; 32], Remembered>>,
    refused: Refused,
    quota: Quota,
}

#[derive(Debug, Clone)]
struct Remembered {
    principal: Arc<Principal>,
    expires: Timestamp,
    asked: Instant,
}

impl Remembered {
    fn is_fresh(&self) -> bool {
        self.asked.elapsed() < REMEMBERED
    }
}

impl Verifier {
    /// `refused` counts the calls that are refused.
    pub(crate) fn new(
        mode: AccessMode,
        limits: &Limits,
        store: Store,
        clock: Arc<dyn Clock>,
        refused: Counts<1>,
    ) -> Self {
        Self(Arc::new(Inner {
            mode,
            store,
            clock,
            local: Arc::new(Principal::local()),
            remembered: Mutex::default(),
            refused: Refused::new(refused),
            quota: Quota::new(limits),
        }))
    }

    /// Who bears this token. Where access is open, everybody is `local`, whatever they bear.
    ///
    /// # Errors
    /// [`TokenError`]: the token is missing, unknown, expired or revoked, or the store cannot be asked.
    pub(crate) async fn verify(&self, token: Option<&str>) -> Result<Arc<Principal>, TokenError> {
        if self.0.mode == AccessMode::Open {
            return Ok(Arc::clone(&self.0.local));
        }
        let token = token.filter(|token| !token.is_empty());
        let secret = Secret::parse(token.ok_or(TokenError::Missing)?).ok_or(TokenError::Unknown)?;
        let hash = secret.hash();
        let now = self.0.clock.now();
        if let Some(known) = self.recall(&hash) {
            return if now < known.expires {
                Ok(known.principal)
            } else {
                Err(TokenError::Expired)
            };
        }
        // The instant before asking: what changes while the store answers is not overlooked for longer.
        let asked = Instant::now();
        let bearer = self.0.store.bearer(&hash).await?;
        let bearer = bearer.ok_or(TokenError::Unknown)?;
        if bearer.token.revoked.is_some() {
            return Err(TokenError::Revoked);
        }
        if bearer.token.expires <= now {
            return Err(TokenError::Expired);
        }
        let record = bearer.principal;
        let principal = Arc::new(Principal::new(&record.name, record.grants));
        self.remember(
            hash,
            Remembered {
                principal: Arc::clone(&principal),
                expires: bearer.token.expires,
                asked,
            },
        );
        self.note_use(bearer.token, now);
        Ok(principal)
    }

    /// Whether callers need a token.
    pub(crate) fn mode(&self) -> AccessMode {
        self.0.mode
    }

    /// Forgets who bears which token, after something about them changed.
    pub(crate) fn forget(&self) {
        self.remembered().clear();
    }

    /// The calls that were refused since they were last written down.
    pub(crate) fn refused(&self) -> &Refused {
        &self.0.refused
    }

    /// How often each caller may call.
    pub(super) fn quota(&self) -> &Quota {
        &self.0.quota
    }

    /// A refusal for a token that lets nobody in, counted.
    pub(crate) fn turn_away(&self, error: TokenError, address: Option<IpAddr>) -> Refusal {
        if let TokenError::Store(error) = error {
            return error.into();
        }
        self.0.refused.token(&error, address);
        Refusal::Token(error)
    }

    fn recall(&self, hash: &[u8; 32]) -> Option<Remembered> {
        let remembered = self.remembered();
        remembered
            .get(hash)
            .filter(|known| known.is_fresh())
            .cloned()
    }

    fn remember(&self, hash: [u8; 32], known: Remembered) {
        let mut remembered = self.remembered();
        if remembered.len() >= MOST {
            remembered.retain(|_, known| known.is_fresh());
        }
        if remembered.len() < MOST {
            remembered.insert(hash, known);
        }
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], Remembered>> {
        let remembered = &self.0.remembered;
        remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the use of a token, at most once in an hour, beside the call.
    fn note_use(&self, token: Token, now: Timestamp) {
        if token
            .used
            .is_some_and(|used| now.duration_since(used) < USE_NOTED)
        {
            return;
        }
        let store = self.0.store.clone();
        tokio::spawn(async move {
            if let Err(error) = store.note_token_use(&token.id, now).await {
                tracing::warn!(token = token.id, error = ?error, "the use of a token was not noted");
            }
        });
    }
}
