//! What an erasure says of the chain: which entries lost their content.

use super::Record;

/// What was done, of an entry that erases others.
pub const ERASURES: [&str; 2] = ["erase_participant", "erase_entries"];

/// Where an erasure keeps the numbers of the entries, in its JSON of what holds afterwards.
pub const ERASED_ENTRIES: &str = "erased_entries";

/// The numbers of the entries whose content an entry erased, ascending; `None` for an entry that erases nothing.
#[must_use]
pub fn erased_entries(record: &Record) -> Option<Vec<i64>> {
    if !ERASURES.contains(&record.action.as_str()) {
        return None;
    }
    let (_, behind) = record
        .after
        .split_once(&format!("\"{ERASED_ENTRIES}\":["))?;
    let (numbers, _) = behind.split_once(']')?;
    let numbers = numbers.split(',').filter(|number| !number.is_empty());
    numbers.map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::erased_entries;
    use crate::audit::Record;

    #[test]
    fn an_erasure_names_entries_and_nothing_else_does() {
        let record = |action: &str, after: &str| Record {
            action: action.to_owned(),
            after: after.to_owned(),
            ..Record::default()
        };
        let named = record(
            "erase_participant",
            r#"{"a":1,"erased_entries":[2,7],"z":2}"#,
        );
        assert_eq!(erased_entries(&named), Some(vec![2, 7]));
        let of_a_study = record("erase_entries", r#"{"erased_entries":[1]}"#);
        assert_eq!(erased_entries(&of_a_study), Some(vec![1]));
        let none = record("erase_participant", r#"{"erased_entries":[]}"#);
        assert_eq!(erased_entries(&none), Some(vec![]));
        let other = record("update_participant", r#"{"erased_entries":[2]}"#);
        assert_eq!(erased_entries(&other), None);
        let damaged = record("erase_participant", r#"{"erased_entries":[2,x]}"#);
        assert_eq!(erased_entries(&damaged), None);
    }
}
