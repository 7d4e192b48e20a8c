//! How large the parts of a zip archive say they are, before any of them is unpacked.

/// Ends the list of an archive's parts.
const LIST_END: &[u8] = b"PK\x05\x06";
/// The end of the list and the longest comment behind it.
const TAIL_BYTES: usize = 22 + 65_535;
/// Begins an entry of the list.
const ENTRY: &[u8] = b"PK\x01\x02";
/// Bytes of an entry before its name.
const ENTRY_BYTES: usize = 46;

/// Bytes of all parts together, by the archive's own list; 0 where there is none that can be read.
///
/// The format: .ZIP File Format Specification 6.3, sections 4.3.12 and 4.3.16. A part of 4 GiB or more, whose size stands elsewhere,
/// counts as 4 GiB.
pub(super) fn unpacked_bytes(archive: &[u8]) -> u64 {
    let mut at = list_begin(archive).unwrap_or(usize::MAX);
    let mut bytes = 0_u64;
    while archive
        .get(at..)
        .is_some_and(|rest| rest.starts_with(ENTRY))
    {
        let field = |offset, width| number(archive, at.saturating_add(offset), width).unwrap_or(0);
        bytes = bytes.saturating_add(field(24, 4));
        let behind = field(28, 2) + field(30, 2) + field(32, 2);
        at = at
            .saturating_add(ENTRY_BYTES)
            .saturating_add(usize::try_from(behind).unwrap_or(usize::MAX));
    }
    bytes
}

/// Where the list begins. Its end is the end of the archive, but for a comment.
fn list_begin(archive: &[u8]) -> Option<usize> {
    let tail = archive.get(archive.len().saturating_sub(TAIL_BYTES)..)?;
    let mut windows = tail.windows(LIST_END.len());
    let end = windows.rposition(|window| window == LIST_END)?;
    usize::try_from(number(tail, end + 16, 4)?).ok()
}

/// A number of some bytes, the least first.
fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(width)?)?;
    let digits = bytes.iter().rev();
    Some(digits.fold(0, |number, byte| (number << 8) | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may panic")]

    use rust_xlsxwriter::Workbook;

    use super::unpacked_bytes;

    #[test]
    fn an_archive_says_how_large_it_is() {
        let size = |text: &str| {
            let mut workbook = Workbook::new();
            workbook.add_worksheet().write_string(0, 0, text).unwrap();
            let archive = workbook.save_to_buffer().unwrap();
            (unpacked_bytes(&archive), archive.len() as u64)
        };
        let (small, _) = size("a");
        // 30,000 letters more are 30,000 bytes more, however small they are packed.
        let (large, packed) = size(&"a".repeat(30_001));
        assert_eq!(large - small, 30_000);
        assert!(packed < 30_000);
    }

    #[test]
    fn what_is_no_archive_has_no_size() {
        for bytes in [
            b"".as_slice(),
            b"PK",
            b"PK\x05\x06",
            b"PK\x05\x06 and no more than this",
        ] {
            assert_eq!(unpacked_bytes(bytes), 0);
        }
    }
}
