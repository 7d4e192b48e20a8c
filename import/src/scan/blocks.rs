//! A file in blocks that end where a line ends.

use std::io::{self, Read};

/// As much as is held of a file at a time.
const BLOCK_BYTES: usize = 8 * 1024 * 1024;

/// Cuts what it reads into blocks of whole lines.
pub(super) struct Blocks<R> {
    bytes: R,
    /// The beginning of a line whose end was not read yet.
    rest: Vec<u8>,
}

impl<R: Read> Blocks<R> {
    pub(super) const fn new(bytes: R) -> Self {
        Self {
            bytes,
            rest: Vec::new(),
        }
    }

    /// The next block; empty at the end. A last line without an end is a whole line.
    pub(super) fn next_block(&mut self) -> io::Result<Vec<u8>> {
        let mut block = std::mem::take(&mut self.rest);
        loop {
            let before = block.len();
            let wanted = BLOCK_BYTES.saturating_sub(before).max(BLOCK_BYTES / 8);
            let read = self
                .bytes
                .by_ref()
                .take(wanted as u64)
                .read_to_end(&mut block)?;
            if read < wanted {
                return Ok(block);
            }
            // A line longer than a block: go on until it ends.
            if let Some(end) = block.iter().rposition(|byte| *byte == b'\n') {
                self.rest = block.split_off(end + 1);
                return Ok(block);
            }
        }
    }

    /// Everything that was not handed out, with this block before it.
    pub(super) fn chain_after(self, block: Vec<u8>) -> impl Read {
        io::Cursor::new(block)
            .chain(io::Cursor::new(self.rest))
            .chain(self.bytes)
    }
}

/// Cuts a block of whole lines into about equal parts of whole lines.
pub(super) fn parts(block: &[u8], count: usize) -> Vec<&[u8]> {
    let mut parts = Vec::with_capacity(count);
    let mut rest = block;
    for remaining in (2..=count).rev() {
        let middle = rest.len() / remaining;
        let end = rest.iter().skip(middle).position(|byte| *byte == b'\n');
        let (part, behind) = rest.split_at(end.map_or(rest.len(), |end| middle + end + 1));
        parts.push(part);
        rest = behind;
    }
    parts.push(rest);
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may panic")]

    use std::io::Read as _;

    use super::{BLOCK_BYTES, Blocks, parts};

    fn lines(count: usize) -> Vec<u8> {
        (0..count)
            .flat_map(|line| format!("{line},{}\n", "x".repeat(line % 50)).into_bytes())
            .collect()
    }

    #[test]
    fn blocks_are_whole_lines_and_together_the_file() {
        let file = lines(400_000);
        assert!(file.len() > BLOCK_BYTES);
        let mut blocks = Blocks::new(file.as_slice());
        let mut whole = Vec::new();
        loop {
            let block = blocks.next_block().unwrap();
            if block.is_empty() {
                break;
            }
            assert_eq!(block.last(), Some(&b'\n'));
            whole.extend(block);
        }
        assert!(whole == file);
    }

    #[test]
    fn what_follows_a_block_can_be_read_on() {
        let file = lines(400_000);
        let mut blocks = Blocks::new(file.as_slice());
        let first = blocks.next_block().unwrap();
        let mut whole = Vec::new();
        blocks.chain_after(first).read_to_end(&mut whole).unwrap();
        assert!(whole == file);
    }

    #[test]
    fn parts_are_whole_lines_and_together_the_block() {
        for count in [1, 2, 3, 7] {
            for block in [lines(1000), lines(1), b"no end of line".to_vec()] {
                let parts = parts(&block, count);
                assert!(parts.len() <= count);
                assert_eq!(parts.concat(), block);
                assert!(parts.iter().rev().skip(1).all(|part| part.ends_with(b"\n")));
            }
        }
    }
}
