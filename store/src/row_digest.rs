//! The digest of a row: whether its columns are those that were written.

/// Gathers the columns of a row, in their order and each with its kind, and cuts BLAKE3 of them to 64 bits.
///
/// It has no secret: it finds what a disk or a hand changed unknowingly, not what somebody changed who computes it again.
#[derive(Debug)]
pub(crate) struct RowDigest(Vec<u8>);

impl RowDigest {
    /// Begins with what kind of row it is, so that rows of two tables never have one digest.
    pub(crate) fn new(kind: &'static str) -> Self {
        let mut digest = Self(Vec::with_capacity(192));
        digest.text(Some(kind));
        digest
    }

    pub(crate) fn integer(&mut self, value: Option<i64>) {
        match value {
            None => self.0.push(0),
            Some(value) => self.add(1, &value.to_le_bytes()),
        }
    }

    /// A number as engines give it back: without the sign of zero.
    pub(crate) fn number(&mut self, value: Option<f64>) {
        match value {
            None => self.0.push(0),
            Some(value) => self.add(2, &(value + 0.0).to_bits().to_le_bytes()),
        }
    }

    pub(crate) fn text(&mut self, value: Option<&str>) {
        match value {
            None => self.0.push(0),
            Some(value) => {
                self.add(3, &(value.len() as u64).to_le_bytes());
                self.0.extend_from_slice(value.as_bytes());
            }
        }
    }

    fn add(&mut self, kind: u8, bytes: &[u8]) {
        self.0.push(kind);
        self.0.extend_from_slice(bytes);
    }

    /// The first eight bytes of the hash, little-endian.
    pub(crate) fn finish(&self) -> i64 {
        let hash = blake3::hash(&self.0);
        let first = hash.as_bytes().first_chunk().copied();
        i64::from_le_bytes(first.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::RowDigest;

    #[test]
    fn neighbours_that_read_alike_are_told_apart() {
        let of = |texts: [Option<&str>; 2]| {
            let mut digest = RowDigest::new("a row");
            texts.into_iter().for_each(|text| digest.text(text));
            digest.finish()
        };
        assert_ne!(of([Some("ab"), Some("c")]), of([Some("a"), Some("bc")]));
        assert_ne!(of([Some(""), None]), of([None, Some("")]));
    }

    /// Made with Python's `blake3` 1.0.11: `int.from_bytes(blake3(...).digest()[:8], "little", signed=True)` over the kind as
    /// `03 0100000000000000 72`, then `01 0700000000000000`, `02 000000000000f83f`, `00`.
    #[test]
    fn the_encoding_stays() {
        let mut digest = RowDigest::new("r");
        digest.integer(Some(7));
        digest.number(Some(1.5));
        digest.text(None);
        assert_eq!(digest.finish(), KNOWN);
        let mut negative_zero = RowDigest::new("r");
        negative_zero.number(Some(-0.0));
        let mut zero = RowDigest::new("r");
        zero.number(Some(0.0));
        assert_eq!(negative_zero.finish(), zero.finish());
    }

    const KNOWN: i64 = 472_341_070_215_749_249;
}
