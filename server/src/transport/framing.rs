//! Where messages begin and end in the bytes of a gRPC body: one byte of flags, four of length, the message.

/// Follows a body frame by frame.
#[derive(Debug, Default)]
pub(super) struct Framing {
    /// Bytes of the prefix that have come.
    prefix: Vec<u8>,
    /// Bytes of the present message that are still to come.
    missing: usize,
}

const PREFIX_BYTES: usize = 5;

/// What a piece of a body holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Piece {
    /// Lengths of the messages that begin in it, together.
    pub(super) begun_bytes: usize,
    /// Messages that begin in it.
    pub(super) begun: usize,
}

impl Framing {
    /// Takes the next bytes.
    pub(super) fn take(&mut self, mut bytes: &[u8]) -> Piece {
        let mut piece = Piece::default();
        while let Some(first) = bytes.first() {
            if self.missing > 0 {
                let taken = self.missing.min(bytes.len());
                self.missing -= taken;
                bytes = bytes.get(taken..).unwrap_or_default();
                continue;
            }
            self.prefix.push(*first);
            bytes = bytes.get(1..).unwrap_or_default();
            if self.prefix.len() == PREFIX_BYTES {
                self.missing = length(&self.prefix);
                piece.begun_bytes = piece.begun_bytes.saturating_add(self.missing);
                piece.begun += 1;
                self.prefix.clear();
            }
        }
        piece
    }

    /// Whether all of what began has come.
    pub(super) fn is_between(&self) -> bool {
        self.missing == 0 && self.prefix.is_empty()
    }
}

fn length(prefix: &[u8]) -> usize {
    let bytes = prefix.get(1..PREFIX_BYTES).unwrap_or_default();
    bytes
        .iter()
        .fold(0, |length, byte| (length << 8) | usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::{Framing, Piece};

    #[test]
    fn messages_are_told_apart_wherever_the_body_is_cut() {
        let body = [0, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0];
        for cut in 0..body.len() {
            let mut framing = Framing::default();
            let (one, other) = body.split_at(cut);
            let pieces = [framing.take(one), framing.take(other)];
            let bytes: usize = pieces.iter().map(|piece| piece.begun_bytes).sum();
            let begun: usize = pieces.iter().map(|piece| piece.begun).sum();
            assert_eq!((bytes, begun), (3 + 256, 3), "cut at {cut}");
            assert!(!framing.is_between(), "256 bytes are still to come");
        }
        let mut framing = Framing::default();
        assert_eq!(framing.take(&[0, 0, 0]), Piece::default());
        assert!(!framing.is_between());
        framing.take(&[0, 1, 9]);
        assert!(framing.is_between());
    }
}
