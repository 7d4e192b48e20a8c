//! The key of the codes: 32 random bytes in a file of the service, never in its database.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Keeps what is derived from the key for one purpose apart from all others.
const OF_A_STUDY: &str = "diel 2026-11-25 codes of a study";
const FINGERPRINT: &str = "diel 2026-11-25 fingerprint of the key of codes";
/// Hexadecimal digits of a fingerprint: 64 bits tell keys apart and say nothing of them.
const FINGERPRINT_DIGITS: usize = 16;
const KEY_BYTES: usize = 32;
/// A file that is longer holds no key.
const MOST_FILE_BYTES: u64 = 1024;
/// RFC 4648 in small letters.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Letters of a stored code behind its prefix: 130 bits, so that among a billion codes two alike are out of reach.
const LETTERS: usize = 26;

/// Why a file is no key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodeKeyError {
    /// It cannot be read.
    #[error("codes.key_file: {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than its owner can read or write it.
    #[error(
        "codes.key_file: {} has mode {mode:o}; nobody but its owner may read it: chmod 600",
        path.display()
    )]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It holds something else.
    #[error(
        "codes.key_file: {} is not a key: 64 hexadecimal digits, as `diel study key --new FILE` writes them",
        path.display()
    )]
    Content {
        /// The file.
        path: PathBuf,
    },
}

/// The key that keyed codes of a service are made with. It is shown in no log.
pub struct CodeKey([u8; KEY_BYTES]);

impl fmt::Debug for CodeKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CodeKey({})", self.fingerprint())
    }
}

impl CodeKey {
    /// A new key as its file holds it: 64 hexadecimal digits and a line's end.
    ///
    /// # Errors
    /// The system has no source of randomness.
    pub fn new_text() -> Result<String, getrandom::Error> {
        let mut bytes = [0; KEY_BYTES];
        getrandom::fill(&mut bytes)?;
        let mut text = blake3::Hash::from_bytes(bytes).to_hex().to_string();
        text.push('\n');
        Ok(text)
    }

    /// Reads the key from a file that only its owner can read.
    ///
    /// # Errors
    /// [`CodeKeyError`].
    pub fn read(path: &Path) -> Result<Self, CodeKeyError> {
        let unreadable = |source| CodeKeyError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let mut file = File::open(path).map_err(unreadable)?;
        check_mode(path, &file.metadata().map_err(unreadable)?)?;
        let mut bytes = Vec::new();
        file.by_ref()
            .take(MOST_FILE_BYTES)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        blake3::Hash::from_hex(bytes.trim_ascii())
            .map(|key| Self(*key.as_bytes()))
            .map_err(|_| CodeKeyError::Content {
                path: path.to_owned(),
            })
    }

    /// What a study remembers of the key, so that another one is refused: 16 hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let hash = blake3::Hash::from_bytes(blake3::derive_key(FINGERPRINT, &self.0));
        let digits = hash.to_hex();
        digits.chars().take(FINGERPRINT_DIGITS).collect()
    }

    /// The key of one study: the same code in two studies has nothing in common.
    pub(crate) fn of_study(&self, study: &str) -> StudyKey {
        let mut material = self.0.to_vec();
        material.extend_from_slice(study.as_bytes());
        StudyKey(blake3::derive_key(OF_A_STUDY, &material))
    }
}

#[cfg(unix)]
fn check_mode(path: &Path, metadata: &fs::Metadata) -> Result<(), CodeKeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(CodeKeyError::OpenToOthers {
            path: path.to_owned(),
            mode,
        })
    }
}

#[cfg(not(unix))]
fn check_mode(_: &Path, _: &fs::Metadata) -> Result<(), CodeKeyError> {
    Ok(())
}

/// Whose code it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Participant,
    Specimen,
}

impl Kind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Participant => "k-",
            Self::Specimen => "t-",
        }
    }

    /// Whether a text has exactly the form of a stored code.
    pub(super) fn is_stored_form(self, text: &str) -> bool {
        text.strip_prefix(self.prefix()).is_some_and(|letters| {
            letters.len() == LETTERS && letters.bytes().all(|letter| BASE32.contains(&letter))
        })
    }
}

/// The key of one study.
pub(crate) struct StudyKey([u8; KEY_BYTES]);

impl fmt::Debug for StudyKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("StudyKey")
    }
}

impl StudyKey {
    /// The code that is stored for one that was sent: `k-` or `t-` and 26 letters. One that has this form already is taken as
    /// it is.
    pub(super) fn stored(&self, kind: Kind, sent: &str) -> String {
        if kind.is_stored_form(sent) {
            return sent.to_owned();
        }
        let hash = self.hash(kind.prefix(), sent);
        let mut stored = String::with_capacity(kind.prefix().len() + LETTERS);
        stored.push_str(kind.prefix());
        let (mut bits, mut held) = (0_u32, 0_u32);
        let mut bytes = hash.as_bytes().iter();
        while stored.len() < kind.prefix().len() + LETTERS {
            if held < 5 {
                bits = ((bits << 8) | bytes.next().copied().map_or(0, u32::from)) & 0xffff;
                held += 8;
            }
            held -= 5;
            let letter = usize::try_from((bits >> held) & 31).unwrap_or_default();
            stored.push(BASE32.get(letter).copied().map_or('a', char::from));
        }
        stored
    }

    /// The request id that is kept for one that was sent: clients make them of the content, and whoever tries codes could
    /// find which content it was.
    pub(super) fn request_id(&self, sent: &str) -> String {
        self.hash("request", sent).to_hex().to_string()
    }

    fn hash(&self, purpose: &str, text: &str) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(purpose.as_bytes());
        hasher.update(b"\0");
        hasher.update(text.as_bytes());
        hasher.finalize()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use diel_core::CodeShapes;
    use jiff::civil::date;

    use super::*;

    fn key() -> CodeKey {
        CodeKey(*b"0123456789abcdef0123456789abcdef")
    }

    #[test]
    fn a_stored_code_is_that_of_an_implementation_elsewhere() {
        // Python 3, packages blake3 and base64, as docs/privacy.md writes them down under "Keyed codes".
        let study = key().of_study("pilot");
        assert_eq!(
            study.stored(Kind::Participant, "P-017"),
            "k-whyiwygdcnflxefiqkmppqwwww"
        );
        assert_eq!(
            study.stored(Kind::Specimen, "P-017"),
            "t-zilzpastuaqbb4fuy6cgzsvm62"
        );
        assert_eq!(key().fingerprint(), "c0cd03b45a03b6fb");
    }

    #[test]
    fn codes_differ_between_studies_keys_and_kinds_and_stay_within_one() {
        let other = CodeKey([7; KEY_BYTES]);
        let of =
            |key: &CodeKey, study: &str| key.of_study(study).stored(Kind::Participant, "P-017");
        assert_eq!(of(&key(), "pilot"), of(&key(), "pilot"));
        assert_ne!(of(&key(), "pilot"), of(&key(), "second"));
        assert_ne!(of(&key(), "pilot"), of(&other, "pilot"));
        let study = key().of_study("pilot");
        let tube = study.stored(Kind::Specimen, "P-017");
        assert!(Kind::Specimen.is_stored_form(&tube));
        assert!(!Kind::Participant.is_stored_form(&tube));
        let person = study.stored(Kind::Participant, "P-017");
        assert_eq!(study.stored(Kind::Participant, &person), person);
    }

    #[test]
    fn a_stored_code_looks_like_nobody() {
        let study = key().of_study("pilot");
        let every = CodeShapes::from_bits(u8::MAX);
        let mut seen = std::collections::HashSet::new();
        for number in 0..20_000 {
            let sent = format!("P-{number}");
            let person = study.stored(Kind::Participant, &sent);
            let tube = study.stored(Kind::Specimen, &sent);
            assert_eq!(every.of_participant(&person, date(2026, 3, 2)), None);
            assert_eq!(every.of_specimen(&tube, date(2026, 3, 2)), None);
            assert!(seen.insert(person));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_key_is_read_from_a_file_of_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let path = std::env::temp_dir().join(format!("diel-code-{}.key", std::process::id()));
        fs::write(&path, CodeKey::new_text().unwrap()).unwrap();
        let set = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        set(0o644);
        let refused = CodeKey::read(&path).unwrap_err().to_string();
        assert!(refused.contains("has mode 644"), "{refused}");
        set(0o600);
        let read = CodeKey::read(&path).unwrap();
        assert_eq!(read.fingerprint().len(), FINGERPRINT_DIGITS);
        fs::write(&path, "diel").unwrap();
        let refused = CodeKey::read(&path).unwrap_err().to_string();
        assert!(
            refused.contains("is not a key: 64 hexadecimal digits"),
            "{refused}"
        );
        fs::remove_file(&path).unwrap();
    }
}
