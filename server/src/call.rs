//! One call as an operator finds it again: its id, in the log, in the answer and in what a defect says.
//!
//! The id is the caller's `x-request-id` where it can be one, else made here. It is no `request_id` of a message: that says
//! that two calls ask for the same thing, this one tells every call from every other.

use std::future::Future;

use http::{HeaderMap, HeaderValue};
use tokio::task::JoinHandle;
use tracing::Instrument as _;
use uuid::Uuid;

/// The header that carries an id, in requests and answers.
pub(crate) const HEADER: &str = "x-request-id";
/// Most characters of an id from outside.
const CHARACTERS: usize = 64;

tokio::task_local! {
    static CURRENT: CallId;
}

/// What tells one call from all others: 1 to 64 of `A-Za-z0-9._-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CallId(String);

impl CallId {
    /// The id that the caller gave, when it can be one, else a new one.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(HEADER).and_then(|value| value.to_str().ok());
        given
            .and_then(Self::parse)
            .unwrap_or_else(|| Self(Uuid::now_v7().simple().to_string()))
    }

    fn parse(text: &str) -> Option<Self> {
        let is_good = (1..=CHARACTERS).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        is_good.then(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Puts the id into the head of an answer.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        if let Ok(value) = HeaderValue::from_str(&self.0) {
            headers.insert(HEADER, value);
        }
    }

    /// The call that is being worked on; `None` outside any.
    pub(crate) fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Works on a call.
    pub(crate) fn during<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, work)
    }

    /// Takes a step of a call.
    pub(crate) fn during_step<T>(&self, step: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self.clone(), step)
    }
}

/// The trace that a caller says the call belongs to: the second part of a W3C `traceparent`, 32 digits that are not all 0.
pub(crate) fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get("traceparent")?.to_str().ok()?;
    let (version, rest) = text.split_once('-')?;
    let (trace, rest) = rest.split_once('-')?;
    let (parent, flags) = rest.split_once('-')?;
    // Later versions may have more parts behind.
    let flags = flags.split('-').next()?;
    let is_good = is_hex(version, 2)
        && version != "ff"
        && is_hex(trace, 32)
        && is_hex(parent, 16)
        && is_hex(flags, 2)
        && trace.bytes().any(|digit| digit != b'0');
    is_good.then_some(trace)
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits
        && text
            .bytes()
            .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// Spawns a part of the call at hand: it has the call's id and its place in the log.
pub(crate) fn spawn<F>(part: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let part = part.in_current_span();
    match CallId::current() {
        Some(id) => tokio::spawn(id.during(part)),
        None => tokio::spawn(part),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_from_outside_is_short_and_plain() {
        for good in ["a", "req-1.2_3", &"x".repeat(64)] {
            assert_eq!(CallId::parse(good), Some(CallId(good.to_owned())));
        }
        for bad in ["", "a b", "a\"b", "ü", &"x".repeat(65)] {
            assert_eq!(CallId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn without_a_good_id_each_call_gets_one_of_its_own() {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_static("not good"));
        let (one, other) = (CallId::of(&headers), CallId::of(&headers));
        assert_ne!(one, other);
        assert_eq!(CallId::parse(one.as_str()), Some(one.clone()));
    }

    #[test]
    fn the_trace_of_a_caller_is_read_and_nothing_else() {
        let read = |text| {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", HeaderValue::from_static(text));
            trace_id(&headers).map(str::to_owned)
        };
        // The example of the W3C recommendation Trace Context, section 3.2.
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(
            read("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").as_deref(),
            Some(trace)
        );
        for bad in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-P1-00f067aa0ba902b7-01",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[tokio::test]
    async fn a_part_that_is_spawned_knows_its_call() {
        let id = CallId("one".to_owned());
        let part = id
            .clone()
            .during(async { spawn(async { CallId::current() }).await });
        assert_eq!(part.await.ok().flatten(), Some(id));
        assert_eq!(CallId::current(), None);
    }
}
