//! The known name that looks most like what somebody wrote.

/// The candidate that contains the text, else the one with the fewest edits (Levenshtein), whatever the case; the first of equals.
///
/// ```
/// assert_eq!(diel_core::nearest("Huors", ["car", "hours"]), Some("hours"));
/// ```
#[must_use]
pub fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let text = text.trim().to_lowercase();
    candidates.into_iter().min_by_key(|candidate| {
        let candidate = candidate.to_lowercase();
        (!candidate.contains(&text), edits(&text, &candidate))
    })
}

/// Levenshtein's distance, by rows of the matrix.
fn edits(from: &str, to: &str) -> usize {
    let target: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=target.len()).collect();
    for (line, from_character) in from.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        let mut left = line + 1;
        next.push(left);
        for (pair, to_character) in row.windows(2).zip(&target) {
            let &[diagonal, above] = pair else { continue };
            left = (diagonal + usize::from(from_character != *to_character))
                .min(above + 1)
                .min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{edits, nearest};

    #[test]
    fn distances_of_the_textbook() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("same", "same"), 0);
    }

    #[test]
    fn the_misspelt_name_is_found() {
        assert_eq!(
            nearest("Particpant", ["concentration", "participant", "unit"]),
            Some("participant")
        );
        assert_eq!(
            nearest("steroids", ["travel", "corticosteroids"]),
            Some("corticosteroids")
        );
    }
}
