//! Tokens as their bearers have them: made here, shown once, kept as a hash only.

use std::fmt;
use std::fmt::Write as _;

/// How every token begins, so that scanners of repositories and logs can find one.
const PREFIX: &str = "diel_";
/// Random bytes of a token.
const RANDOM_BYTES: usize = 32;
/// Hexadecimal digits behind the prefix that are its id; 216 random bits stay secret.
const ID_DIGITS: usize = 10;

/// A token: `diel_` and 64 hexadecimal digits. It shows itself when asked and in no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new token from the system's source of randomness.
    ///
    /// # Errors
    /// The system has none.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; RANDOM_BYTES];
        getrandom::fill(&mut bytes)?;
        let mut text = String::with_capacity(PREFIX.len() + 2 * RANDOM_BYTES);
        text.push_str(PREFIX);
        for byte in bytes {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        Ok(Self(text))
    }

    /// A text of the form of a token; whether there is one is the store's to say.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?;
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (digits.len() == 2 * RANDOM_BYTES && digits.bytes().all(is_hex))
            .then(|| Self(text.to_owned()))
    }

    /// What may be shown: the digits behind the prefix that stand for the token.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0
            .get(PREFIX.len()..PREFIX.len() + ID_DIGITS)
            .unwrap_or_default()
    }

    /// The token itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored. Looking it up takes the same time whatever part of a token is right: a hash has no part.
    pub(crate) fn hash(&self) -> [u8; 32] {
        *blake3::hash(self.0.as_bytes()).as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{PREFIX}{}...", self.id())
    }
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_shows_its_beginning_only() {
        let secret = Secret::random().expect("randomness");
        assert_eq!(Secret::parse(secret.reveal()), Some(secret.clone()));
        assert_eq!(secret.reveal().len(), 5 + 64);
        let shown = format!("{secret:?}");
        assert_eq!(shown, format!("diel_{}...", secret.id()));
        assert_ne!(Secret::random().expect("randomness"), secret);
    }

    #[test]
    fn other_forms_are_no_tokens() {
        let digits = "0123456789abcdef".repeat(4);
        assert!(Secret::parse(&format!("diel_{digits}")).is_some());
        for wrong in [
            String::new(),
            "diel_".to_owned(),
            digits.clone(),
            format!("diel_{digits}0"),
            format!("diel_{}", digits.to_uppercase()),
            format!("diel_{}é", &digits[..62]),
            format!("Diel_{digits}"),
        ] {
            assert_eq!(Secret::parse(&wrong), None, "{wrong}");
        }
    }
}
