//! Pages: sizes, and tokens that are opaque, bound to their arguments and cost the same at any depth.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diel_store::PageRequest;
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;

/// Rows a page when the caller does not say.
const DEFAULT_ROWS: u32 = 50;
/// Most rows a page.
const MAXIMUM_ROWS: u32 = 1000;
/// Bytes of digest in a token: enough that a token of other arguments is never taken by accident.
const BINDING_BYTES: usize = 8;

/// What a token belongs to: a method and everything in the request but size and token.
#[derive(Clone)]
pub(crate) struct Binding([u8; BINDING_BYTES]);

impl Binding {
    pub(crate) fn new(method: &str, parent: &str, filter: Option<&impl Message>) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher
            .update(method.as_bytes())
            .update(b"\0")
            .update(parent.as_bytes())
            .update(b"\0");
        if let Some(filter) = filter {
            hasher.update(&filter.encode_to_vec());
        }
        let mut bytes = [0; BINDING_BYTES];
        hasher.finalize_xof().fill(&mut bytes);
        Self(bytes)
    }

    /// A binding without a filter.
    pub(crate) fn plain(method: &str, parent: &str) -> Self {
        Self::new(method, parent, None::<&()>)
    }

    /// Reads page size and token.
    ///
    /// # Errors
    /// A negative size, or a token that was not issued for these arguments.
    pub(crate) fn request<K: DeserializeOwned>(
        &self,
        page_size: i32,
        token: &str,
    ) -> Result<PageRequest<K>, Refusal> {
        let limit = match u32::try_from(page_size) {
            Ok(0) => DEFAULT_ROWS,
            Ok(size) => size.min(MAXIMUM_ROWS),
            Err(_) => {
                return Err(Refusal::field(
                    "page_size",
                    format!("{page_size} is negative"),
                ));
            }
        };
        Ok(PageRequest {
            after: self.read(token)?,
            limit,
        })
    }

    /// Reads a token; the empty one begins at the beginning.
    pub(crate) fn read<K: DeserializeOwned>(&self, token: &str) -> Result<Option<K>, Refusal> {
        if token.is_empty() {
            return Ok(None);
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(token)
            .map_err(|_| Refusal::PageToken)?;
        let (binding, key) = bytes
            .split_at_checked(BINDING_BYTES)
            .ok_or(Refusal::PageToken)?;
        if binding != self.0 {
            return Err(Refusal::PageToken);
        }
        serde_json::from_slice(key)
            .map(Some)
            .map_err(|_| Refusal::PageToken)
    }

    /// Writes the token of the next page; empty when there is none.
    pub(crate) fn token<K: Serialize>(&self, next: Option<&K>) -> String {
        let Some(next) = next else {
            return String::new();
        };
        let mut bytes = self.0.to_vec();
        match serde_json::to_writer(&mut bytes, next) {
            Ok(()) => URL_SAFE_NO_PAD.encode(bytes),
            // Keys are strings, integers, dates and finite numbers: all of them have a JSON form.
            Err(_) => String::new(),
        }
    }
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_bound_to_its_arguments() {
        let here = Binding::plain("ListStudies", "");
        let there = Binding::plain("ListStudies", "studies/a");
        let token = here.token(Some(&("P1".to_owned(), 0.1_f64 + 0.2)));
        let back: PageRequest<(String, f64)> = here.request(0, &token).expect("own token");
        assert_eq!(back.after, Some(("P1".to_owned(), 0.1 + 0.2)));
        assert_eq!(back.limit, 50);
        assert!(matches!(
            there.read::<(String, f64)>(&token),
            Err(Refusal::PageToken)
        ));
        assert!(matches!(
            here.read::<String>("no token!"),
            Err(Refusal::PageToken)
        ));
        assert!(matches!(
            here.read::<String>("AAAA"),
            Err(Refusal::PageToken)
        ));
    }

    #[test]
    fn page_sizes_are_bounded() {
        let binding = Binding::plain("ListStudies", "");
        assert_eq!(
            binding
                .request::<String>(100_000, "")
                .expect("capped")
                .limit,
            1000
        );
        assert!(binding.request::<String>(-1, "").is_err());
    }
}
