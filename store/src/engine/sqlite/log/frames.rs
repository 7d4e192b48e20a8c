//! The frames of a log, and whether changes that were committed stand behind the place where SQLite stops reading.
//!
//! SQLite takes the first frame that is not as it was written for the end of the log: after a loss of power it is. When a bit of
//! an earlier frame is wrong, everything that was committed behind it is dropped without a word. The two can be told apart:
//! a frame's checksum goes on from that of the frame before it, and a frame that goes on from a commit was only written once
//! that commit was on the disk and answered.

use std::io::{self, Read};

const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
/// The last bit says in which order of bytes words are summed: 1 is big-endian.
const MAGIC: u32 = 0x377f_0682;

/// How a log ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Where the last change does, or in a change that was not written to its end.
    Whole,
    /// In a change that was written to its end and is not whole. A loss of power leaves that of a change that nobody was
    /// told of, and so does a wrong bit of the last one.
    InDoubt,
    /// In this frame, from 1; 0 is the header. Behind it stand changes that were answered as stored.
    Lost {
        /// The frame.
        frame: u64,
    },
}

/// A checksum of SQLite's, over words of 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sum(u32, u32);

impl Sum {
    const START: Self = Self(0, 0);

    /// From two words, big-endian as they are stored.
    fn read(bytes: &[u8]) -> Self {
        Self(word(bytes, 0), word(bytes, 4))
    }

    fn over(self, bytes: &[u8], is_big_endian: bool) -> Self {
        let (mut one, mut two) = (self.0, self.1);
        let number = |word: &[u8]| {
            let word = word.first_chunk().copied().unwrap_or_default();
            if is_big_endian {
                u32::from_be_bytes(word)
            } else {
                u32::from_le_bytes(word)
            }
        };
        for pair in bytes.chunks_exact(8) {
            let (first, second) = pair.split_at(4);
            one = one.wrapping_add(number(first)).wrapping_add(two);
            two = two.wrapping_add(number(second)).wrapping_add(one);
        }
        Self(one, two)
    }
}

/// A word of a header, zero where there is none.
fn word(bytes: &[u8], at: usize) -> u32 {
    let word = bytes.get(at..).and_then(<[u8]>::first_chunk);
    word.map_or(0, |word| u32::from_be_bytes(*word))
}

struct Header {
    is_big_endian: bool,
    page_bytes: usize,
    salts: (u32, u32),
    sum: Sum,
}

impl Header {
    /// `None` when it is not as it was written.
    fn read(bytes: &[u8]) -> Option<Self> {
        let magic = word(bytes, 0);
        let is_big_endian = magic & 1 == 1;
        let sum = Sum::START.over(bytes.get(..24)?, is_big_endian);
        let is_right = magic & !1 == MAGIC && Sum::read(bytes.get(24..)?) == sum;
        let page_bytes = usize::try_from(word(bytes, 8)).ok()?;
        is_right.then_some(Self {
            is_big_endian,
            page_bytes,
            salts: (word(bytes, 16), word(bytes, 20)),
            sum,
        })
    }
}

/// Reads a log to its end.
pub(super) fn end(mut log: impl Read) -> io::Result<End> {
    let mut bytes = [0; HEADER_BYTES];
    if !fill(&mut log, &mut bytes)? {
        return Ok(End::Whole);
    }
    let Some(header) = Header::read(&bytes) else {
        // It is on the disk before the first frame is written.
        return Ok(if fill(&mut log, &mut [0])? {
            End::Lost { frame: 0 }
        } else {
            End::Whole
        });
    };
    let mut frame = vec![0; FRAME_HEADER_BYTES + header.page_bytes];
    let (mut number, mut before) = (0, header.sum);
    // The first frame that SQLite does not take, and whether the one before the present one commits and stands behind it.
    let (mut broken, mut follows_lost_commit) = (None, false);
    // Behind the end stands what is left of earlier logs, whose frames go on from each other too.
    let mut follows_this_log = true;
    // The checksum that the frame before should have had, where it has another: it may be the one thing wrong with it.
    let mut mended = None;
    let mut end = End::Whole;
    while fill(&mut log, &mut frame)? {
        number += 1;
        let (head, page) = frame.split_at(FRAME_HEADER_BYTES);
        let place = head.get(..8).unwrap_or_default();
        let stored = Sum::read(head.get(16..).unwrap_or_default());
        let sum_after = |before: Sum| {
            let with_place = before.over(place, header.is_big_endian);
            with_place.over(page, header.is_big_endian)
        };
        let sum = sum_after(before);
        // Bytes that the disk never got are zeros, whose sum is zero; no page has that number.
        let is_frame = word(head, 0) != 0;
        let goes_on =
            is_frame && (sum == stored || mended.is_some_and(|sum| sum_after(sum) == stored));
        mended = (!goes_on).then_some(sum);
        let is_of_this_log = (word(head, 8), word(head, 12)) == header.salts;
        if broken.is_none() && !(goes_on && is_of_this_log) {
            broken = Some(number);
        }
        let commits = word(head, 4) != 0;
        if let (Some(frame), true) = (broken, goes_on) {
            let only_salts_are_wrong = follows_this_log && !is_of_this_log;
            if only_salts_are_wrong || (is_of_this_log && follows_lost_commit) {
                return Ok(End::Lost { frame });
            }
            if is_of_this_log && commits {
                end = End::InDoubt;
            }
        }
        follows_lost_commit = broken.is_some() && is_of_this_log && commits;
        follows_this_log = is_of_this_log;
        before = stored;
    }
    Ok(end)
}

/// Whether there were enough bytes.
fn fill(log: &mut impl Read, bytes: &mut [u8]) -> io::Result<bool> {
    match log.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a panic fails the test"
    )]

    use sqlx::{Connection as _, Executor as _, SqliteConnection};

    use super::{End, FRAME_HEADER_BYTES, HEADER_BYTES, end};

    const PAGE: usize = 4096;
    const FRAME: usize = FRAME_HEADER_BYTES + PAGE;

    /// The log that SQLite itself writes for a table and three changes of one page each.
    async fn written() -> Vec<u8> {
        written_with(&[]).await
    }

    async fn written_with(more: &[&'static str]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("log.db");
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let mut conn = SqliteConnection::connect(&url).await.unwrap();
        for statement in [
            "pragma page_size = 4096",
            "pragma journal_mode = wal",
            "create table numbers (number integer primary key)",
            "insert into numbers values (1)",
            "insert into numbers values (2)",
            "insert into numbers values (3)",
        ]
        .iter()
        .chain(more)
        {
            conn.execute(*statement).await.unwrap();
        }
        std::fs::read(folder.path().join("log.db-wal")).unwrap()
    }

    fn flipped(log: &[u8], at: usize) -> End {
        let mut log = log.to_owned();
        log[at] ^= 0x10;
        end(log.as_slice()).unwrap()
    }

    #[tokio::test]
    async fn a_wrong_bit_before_the_last_change_is_told_from_an_end() {
        let log = written().await;
        assert_eq!((log.len() - HEADER_BYTES) % FRAME, 0);
        let frames = (log.len() - HEADER_BYTES) / FRAME;
        assert!(frames >= 4);
        assert_eq!(end(log.as_slice()).unwrap(), End::Whole);
        for cut in [0, 10, HEADER_BYTES, log.len() - 1, log.len() - FRAME] {
            assert_eq!(end(&log[..cut]).unwrap(), End::Whole, "cut at {cut}");
        }
        for at in 0..HEADER_BYTES {
            assert_eq!(flipped(&log, at), End::Lost { frame: 0 }, "byte {at}");
        }
        // Each of the last three frames is a change of its own.
        let start = |frame: usize| HEADER_BYTES + (frame - 1) * FRAME;
        let page = FRAME_HEADER_BYTES + 100;
        let lost = |frame: usize| End::Lost {
            frame: frame as u64,
        };
        assert_eq!(flipped(&log, start(1) + page), lost(1));
        assert_eq!(flipped(&log, start(frames - 1) + page), lost(frames - 1));
        for salt in 8..16 {
            assert_eq!(flipped(&log, start(frames) + salt), lost(frames));
        }
        // Its own checksum is wrong, and what follows goes on from the right one.
        assert_eq!(flipped(&log, start(frames - 1) + 16), lost(frames - 1));
        // It does not say that it commits.
        let mark = start(frames - 1) + 7;
        let mut uncommitted = log.clone();
        uncommitted[mark] = 0;
        assert_eq!(end(uncommitted.as_slice()).unwrap(), End::InDoubt);
        // As a write is that the end of the process cut short.
        assert_eq!(flipped(&log, start(frames) + page), End::Whole);
    }

    #[tokio::test]
    async fn what_the_disk_never_got_of_the_last_change_is_an_end() {
        let mut log = written().await;
        let last = log.len() - FRAME;
        log[last..].fill(0);
        assert_eq!(end(log.as_slice()).unwrap(), End::Whole);
        log.extend_from_slice(&[0; 3 * FRAME]);
        assert_eq!(end(log.as_slice()).unwrap(), End::Whole);
    }

    #[tokio::test]
    async fn what_is_left_of_an_earlier_log_is_none_of_this_one() {
        let (log, earlier) = (written().await, written().await);
        let mut both = log.clone();
        both.extend_from_slice(&earlier[HEADER_BYTES..]);
        assert_eq!(end(both.as_slice()).unwrap(), End::Whole);
    }

    #[tokio::test]
    async fn a_log_that_was_begun_again_over_a_longer_one_is_whole() {
        let again = written_with(&[
            "pragma wal_checkpoint(restart)",
            "insert into numbers values (4)",
        ])
        .await;
        assert_eq!(again.len(), written().await.len(), "it was not begun again");
        assert_eq!(end(again.as_slice()).unwrap(), End::Whole);
        assert_eq!(
            flipped(&again, HEADER_BYTES + 8),
            End::Lost { frame: 1 },
            "its one frame with a wrong salt"
        );
    }
}
