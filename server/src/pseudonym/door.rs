//! The door: codes as they are sent come in, stored codes go on.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, PoisonError, RwLock};

use diel_store::{Call, Study};
use prost::Message;

use super::key::{CodeKey, Kind, StudyKey};
use super::requests::{Coded, Place};
use crate::access::Caller;
use crate::code::check_code;
use crate::convert::code_shape::CodeGuard;
use crate::refusal::Refusal;
use crate::service::Service;

/// How codes of one study are stored.
#[derive(Debug, Clone)]
pub(crate) enum Codes {
    AsSent,
    Keyed(Arc<StudyKey>),
}

/// A request whose codes are stored ones: only the door makes it.
#[derive(Debug)]
pub(crate) struct Entered<R> {
    request: R,
    codes: Codes,
}

impl<R> Deref for Entered<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.request
    }
}

impl Codes {
    /// Lets a request in that names persons or tubes.
    pub(crate) fn enter<R: Coded>(&self, request: R) -> Entered<R> {
        self.let_in(request, |_, _| true)
    }

    /// Lets rows in that are to be stored. A code that breaks a rule stays as it was sent: its row is refused.
    pub(crate) fn enter_rows<R: Coded>(&self, request: R, guard: &CodeGuard) -> Entered<R> {
        self.let_in(request, |kind, code| match kind {
            Kind::Participant => guard.lets_participant(code),
            Kind::Specimen => guard.lets_specimen(code),
        })
    }

    fn let_in<R: Coded>(&self, mut request: R, lets: impl Fn(Kind, &str) -> bool) -> Entered<R> {
        if let Self::Keyed(key) = self {
            let store = |kind: Kind, code: &mut String| {
                if check_code(code).is_ok() && lets(kind, code.as_str()) {
                    *code = key.stored(kind, code);
                }
            };
            request.each_code(&mut |place: Place<'_>| match place {
                Place::Participant(code) => store(Kind::Participant, code),
                Place::Specimen(code) => store(Kind::Specimen, code),
                Place::Name(name) => in_name(name, store),
            });
        }
        Entered {
            request,
            codes: self.clone(),
        }
    }

    /// The code that is stored for a participant's.
    pub(crate) fn participant(&self, sent: &str) -> String {
        match self {
            Self::AsSent => sent.to_owned(),
            Self::Keyed(key) => key.stored(Kind::Participant, sent),
        }
    }
}

/// Changes the code inside `studies/{study}/participants/{participant}` or `studies/{study}/specimens/{specimen}`, whatever
/// follows.
fn in_name(name: &mut String, store: impl Fn(Kind, &mut String)) {
    let mut parts: Vec<String> = name.split('/').map(str::to_owned).collect();
    let [studies, _, collection, code, ..] = parts.as_mut_slice() else {
        return;
    };
    let kind = match (studies.as_str(), collection.as_str()) {
        ("studies", "participants") => Kind::Participant,
        ("studies", "specimens") => Kind::Specimen,
        _ => return,
    };
    store(kind, code);
    *name = parts.join("/");
}

/// Which studies keep codes keyed, and with which key. It is fixed when a study is made, so it is looked up once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pseudonyms {
    key: Option<Arc<CodeKey>>,
    known: Arc<RwLock<HashMap<String, Codes>>>,
}

impl Pseudonyms {
    pub(crate) fn new(key: Option<CodeKey>) -> Self {
        Self {
            key: key.map(Arc::new),
            known: Arc::default(),
        }
    }

    /// What a new study remembers of the key; `None` where this service has none.
    pub(crate) fn fingerprint(&self) -> Option<String> {
        self.key.as_ref().map(|key| key.fingerprint())
    }

    /// How codes of a study are stored.
    ///
    /// # Errors
    /// It keeps them keyed, and this service has not its key: everybody would become somebody else.
    pub(crate) fn of(&self, study: &Study) -> Result<Codes, Refusal> {
        if let Some(codes) = self.known(&study.id) {
            return Ok(codes);
        }
        let codes = match (&study.code_key, &self.key) {
            (None, _) => Codes::AsSent,
            (Some(of), Some(key)) if *of == key.fingerprint() => {
                Codes::Keyed(Arc::new(key.of_study(&study.id)))
            }
            (Some(_), found) => {
                return Err(Refusal::CodeKey {
                    study: study.id.clone(),
                    is_missing: found.is_none(),
                });
            }
        };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(study.id.clone(), codes.clone());
        Ok(codes)
    }

    fn known(&self, study: &str) -> Option<Codes> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(study).cloned()
    }
}

impl Service {
    /// How codes of a study are stored.
    pub(crate) async fn codes(&self, study: &str) -> Result<Codes, Refusal> {
        if let Some(codes) = self.pseudonyms.known(study) {
            return Ok(codes);
        }
        self.pseudonyms.of(&self.store.study(study).await?)
    }

    /// As [`Service::call`], of a request that was let in: neither its id nor its digest gives codes away.
    pub(crate) fn entered_call<R: Message>(
        &self,
        caller: &Caller,
        request_id: &str,
        request: &Entered<R>,
        validate_only: bool,
    ) -> Result<Call, Refusal> {
        let mut call = self.call(caller, request_id, &request.request, validate_only)?;
        if let (Codes::Keyed(key), Some(kept)) = (&request.codes, &mut call.request) {
            kept.id = key.request_id(&kept.id);
        }
        Ok(call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_code_in_a_name_changes() {
        for (name, stored) in [
            ("studies/a/participants/P1", "studies/a/participants/X"),
            (
                "studies/a/participants/P1/rhythm",
                "studies/a/participants/X/rhythm",
            ),
            ("studies/a/specimens/P1", "studies/a/specimens/X"),
            ("studies/a/batches/P1", "studies/a/batches/P1"),
            ("studies/a", "studies/a"),
            ("", ""),
        ] {
            let mut changed = name.to_owned();
            in_name(&mut changed, |_, code| "X".clone_into(code));
            assert_eq!(changed, stored);
        }
    }
}
