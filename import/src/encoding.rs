//! How characters stand in bytes, and a text as UTF-8 whatever it was.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;
use std::str::FromStr;

use encoding_rs::{CoderResult, Decoder, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::ready::Ready;

/// As much as is decoded at a time.
const CHUNK_BYTES: usize = 16 * 1024;
/// As much as is looked at behind the first byte that is not ASCII, unless the file ends.
const EVIDENCE_BYTES: usize = 4096;
/// One in so many bytes is NUL in UTF-16 text of a Western language, at least.
const NUL_SHARE: usize = 4;

/// A character encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    /// What every text is turned into, and most are.
    pub fn utf_8() -> Self {
        Self(UTF_8)
    }

    /// Text of UTF-8 in this encoding, without a byte order mark. A character that it lacks becomes a numeric reference.
    pub(super) fn encode(self, text: Vec<u8>) -> Vec<u8> {
        let units = |text: &[u8]| -> Vec<u16> {
            let text = String::from_utf8_lossy(text);
            text.encode_utf16().collect()
        };
        if self == Self::utf_8() {
            text
        } else if self.0 == UTF_16LE {
            units(&text)
                .into_iter()
                .flat_map(u16::to_le_bytes)
                .collect()
        } else if self.0 == UTF_16BE {
            units(&text)
                .into_iter()
                .flat_map(u16::to_be_bytes)
                .collect()
        } else {
            let text = String::from_utf8_lossy(&text);
            self.0.encode(&text).0.into_owned()
        }
    }

    /// The name that [`FromStr`] reads, such as `UTF-8` or `windows-1252`.
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

impl FromStr for Encoding {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        encoding_rs::Encoding::for_label(text.as_bytes())
            .filter(|encoding| *encoding != encoding_rs::REPLACEMENT)
            .map(Self)
            .ok_or_else(|| {
                format!(
                    "`{text}` is no encoding that is read; usual ones are utf-8, windows-1252 (also called latin1), utf-16le, \
                     utf-16be and macintosh"
                )
            })
    }
}

/// What the beginning of a file says about its encoding: a byte order mark, or the NUL bytes of UTF-16 without one.
pub(super) fn of_start(start: &[u8]) -> Option<Encoding> {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(start) {
        return Some(Encoding(encoding));
    }
    let nuls = |odd: usize| {
        let bytes = start.iter().skip(odd).step_by(2);
        bytes.filter(|byte| **byte == 0).count()
    };
    let (even, odd) = (nuls(0), nuls(1));
    if odd > start.len() / NUL_SHARE && even == 0 {
        Some(Encoding(UTF_16LE))
    } else if even > start.len() / NUL_SHARE && odd == 0 {
        Some(Encoding(UTF_16BE))
    } else {
        None
    }
}

/// The encoding that was met, known for good once a text was read to its end.
pub(super) type Met = Rc<Cell<Encoding>>;

/// A text as UTF-8, decoded while it is read. Bytes of UTF-8 pass as they are, invalid ones too, so that they are met where
/// they stand; in other encodings they become U+FFFD.
///
/// Without a word about the encoding the first bytes that are not ASCII decide: UTF-8, if more of them are valid as such
/// than not, else Windows-1252, of which Latin-1 is a part.
pub(super) struct Decoding<R> {
    bytes: R,
    state: State,
    met: Met,
    ready: Ready,
}

enum State {
    /// Nothing but ASCII so far, and nobody said what comes.
    Undecided,
    Utf8,
    Other(Decoder),
    End,
}

impl<R: Read> Decoding<R> {
    pub(super) fn new(bytes: R, encoding: Option<Encoding>) -> Self {
        let mut decoding = Self {
            bytes,
            state: State::Undecided,
            met: Rc::new(Cell::new(Encoding::utf_8())),
            ready: Ready::default(),
        };
        if let Some(encoding) = encoding {
            decoding.decide(encoding);
        }
        decoding
    }

    pub(super) fn met(&self) -> Met {
        Rc::clone(&self.met)
    }

    fn decide(&mut self, encoding: Encoding) {
        self.met.set(encoding);
        self.state = if encoding == Encoding::utf_8() {
            State::Utf8
        } else {
            State::Other(encoding.0.new_decoder_with_bom_removal())
        };
    }

    /// Reads on until there is enough to decide by, decides, and makes it ready.
    fn decide_by(&mut self, mut evidence: Vec<u8>) -> io::Result<()> {
        let wanted = EVIDENCE_BYTES.saturating_sub(evidence.len());
        self.bytes
            .by_ref()
            .take(wanted as u64)
            .read_to_end(&mut evidence)?;
        if is_rather_utf8(&evidence) {
            self.decide(Encoding::utf_8());
            self.ready.end().extend(evidence);
        } else {
            self.decide(Encoding(WINDOWS_1252));
            self.decode(&evidence, false);
        }
        Ok(())
    }

    fn decode(&mut self, mut bytes: &[u8], is_last: bool) {
        let State::Other(decoder) = &mut self.state else {
            return;
        };
        loop {
            let room = decoder
                .max_utf8_buffer_length(bytes.len())
                .unwrap_or(CHUNK_BYTES);
            let ready = self.ready.end();
            let before = ready.len();
            ready.resize(before + room, 0);
            let slot = ready.get_mut(before..).unwrap_or_default();
            let (result, read, written, _) = decoder.decode_to_utf8(bytes, slot, is_last);
            ready.truncate(before + written);
            bytes = bytes.get(read..).unwrap_or_default();
            if result == CoderResult::InputEmpty {
                break;
            }
        }
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.ready.is_empty() || buffer.is_empty() {
                return Ok(self.ready.hand_over(buffer));
            }
            match self.state {
                State::Utf8 => return self.bytes.read(buffer),
                State::End => return Ok(0),
                State::Undecided => {
                    let count = self.bytes.read(buffer)?;
                    let read = buffer.get(..count).unwrap_or_default();
                    if read.is_ascii() {
                        return Ok(count);
                    }
                    let first = read.iter().take_while(|byte| byte.is_ascii()).count();
                    self.decide_by(read.get(first..).unwrap_or_default().to_vec())?;
                    if first > 0 {
                        return Ok(first);
                    }
                }
                State::Other(_) => {
                    let mut chunk = vec![0; CHUNK_BYTES];
                    let count = self.bytes.read(&mut chunk)?;
                    self.decode(chunk.get(..count).unwrap_or_default(), count == 0);
                    if count == 0 {
                        self.state = State::End;
                    }
                }
            }
        }
    }
}

/// Whether more characters beyond ASCII are valid as UTF-8 than there are bytes that are not.
fn is_rather_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut invalid) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        invalid += chunk.invalid().len();
    }
    valid > invalid
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        reason = "tests may panic"
    )]

    use std::io::Read as _;

    use super::{Decoding, Encoding, of_start};

    const TEXT: &str = "Proband;Cortisol [\u{b5}g/dl]\nM\u{fc}ller;12,5 \u{20ac}\n";

    /// What is read of bytes that come `step` at a time, and the encoding that was met.
    fn read(bytes: &[u8], step: usize, stated: Option<Encoding>) -> (String, &'static str) {
        struct Slow<'a>(&'a [u8], usize);
        impl std::io::Read for Slow<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let step = self.1.min(buffer.len());
                (&mut self.0).take(step as u64).read(&mut buffer[..step])
            }
        }
        let stated = stated.or_else(|| of_start(bytes));
        let mut decoding = Decoding::new(Slow(bytes, step), stated);
        let met = decoding.met();
        let mut text = Vec::new();
        decoding.read_to_end(&mut text).unwrap();
        (
            String::from_utf8_lossy(&text).into_owned(),
            met.get().name(),
        )
    }

    fn utf16(text: &str, to_bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn the_bytes_tell_the_encoding() {
        let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(TEXT);
        let with_mark = format!("\u{feff}{TEXT}");
        for step in [1, 2, 3, 7, 100_000] {
            let met = |bytes: &[u8]| {
                let (text, encoding) = read(bytes, step, None);
                assert_eq!(text.trim_start_matches('\u{feff}'), TEXT, "{encoding}");
                encoding
            };
            assert_eq!(met(TEXT.as_bytes()), "UTF-8");
            assert_eq!(met(with_mark.as_bytes()), "UTF-8");
            assert_eq!(met(&latin), "windows-1252");
            assert_eq!(met(&utf16(TEXT, u16::to_le_bytes)), "UTF-16LE");
            assert_eq!(met(&utf16(TEXT, u16::to_be_bytes)), "UTF-16BE");
            assert_eq!(met(&utf16(&with_mark, u16::to_le_bytes)), "UTF-16LE");
            assert_eq!(met(&utf16(&with_mark, u16::to_be_bytes)), "UTF-16BE");
        }
    }

    #[test]
    fn a_late_character_decides_too() {
        let mut bytes = vec![b'a'; 100_000];
        bytes.extend(b"\xb5g/dl\n");
        bytes.extend(vec![b'b'; 100_000]);
        let (text, encoding) = read(&bytes, 8192, None);
        assert_eq!(encoding, "windows-1252");
        assert_eq!(text.len(), bytes.len() + 1);
        assert!(text.contains("a\u{b5}g/dl"));
    }

    #[test]
    fn one_broken_byte_does_not_change_the_encoding() {
        let broken = ["M\u{fc}ller,M\u{e4}rz,".as_bytes(), b"\xff", b",\n"].concat();
        assert_eq!(read(&broken, 3, None).1, "UTF-8");
        // What somebody says holds.
        let stated: Encoding = "latin1".parse().unwrap();
        assert_eq!(read("\u{fc}".as_bytes(), 3, Some(stated)).0, "\u{c3}\u{bc}");
        assert!("latin-17".parse::<Encoding>().is_err());
    }
}
