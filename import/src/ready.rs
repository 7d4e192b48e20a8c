//! Bytes that were made and not yet asked for.

/// A queue of bytes, handed over in pieces as large as a reader asks for.
#[derive(Debug, Default)]
pub(super) struct Ready {
    bytes: Vec<u8>,
    /// How many of them were handed over.
    handed: usize,
}

impl Ready {
    /// Whether nothing is left.
    pub(super) const fn is_empty(&self) -> bool {
        self.bytes.len() == self.handed
    }

    /// The bytes, to be added to.
    pub(super) const fn end(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Hands over as much as there is room for; how much that was.
    pub(super) fn hand_over(&mut self, room: &mut [u8]) -> usize {
        let rest = self.bytes.get(self.handed..).unwrap_or_default();
        let count = rest.len().min(room.len());
        if let (Some(to), Some(from)) = (room.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.handed += count;
        if self.is_empty() {
            self.bytes.clear();
            self.handed = 0;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::Ready;

    #[test]
    fn what_goes_in_comes_out_in_order() {
        let mut ready = Ready::default();
        ready.end().extend(b"abcde");
        let mut room = [0; 2];
        let mut all: Vec<u8> = Vec::new();
        while !ready.is_empty() {
            let count = ready.hand_over(&mut room);
            all.extend(room.iter().take(count));
        }
        assert_eq!(all, b"abcde");
        assert_eq!(ready.hand_over(&mut room), 0);
    }
}
