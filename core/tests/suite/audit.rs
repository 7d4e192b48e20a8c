//! The chain of the audit trail: its hashes against another implementation, and everything that must be found.

use diel_core::audit::{Broken, Digest, Entry, Head, Kept, Record, Walk};

/// Two entries whose hashes were computed with Python's blake3 from the encoding as docs/audit.md states it.
#[test]
fn hashes_are_those_of_another_program() {
    let created = Head::EMPTY.seal(Record {
        study: "pilot".into(),
        at_us: 1_780_315_200_000_000,
        actor: "lab".into(),
        action: "create_study".into(),
        resource: "studies/pilot".into(),
        before: String::new(),
        after: "{\"display_name\":\"Pilot é\"}".into(),
        reason: String::new(),
    });
    let resolved = created.head().seal(Record {
        study: "pilot".into(),
        at_us: -1,
        actor: "rev".into(),
        action: "resolve_flag".into(),
        resource: "studies/pilot/flags/7".into(),
        before: r#"{"state":"open"}"#.into(),
        after: r#"{"decision":"dismissed","state":"resolved"}"#.into(),
        reason: "worked nights".into(),
    });
    assert_eq!(
        [created.hash.to_string(), resolved.hash.to_string()],
        [
            "a6db6e26a6be58f96629e639c8f9ce7f24cc46c52857ff1e4f539aac9e1fe776",
            "468af9ff79a076d0e8f6f55051af7760b2895fcd43c21b2b51b5e637f72710fc",
        ]
    );
    assert_eq!((resolved.sequence, resolved.previous), (2, created.hash));
}

/// A chain of the study `s`, numbered from 1.
fn chain(length: i64) -> Vec<Entry> {
    let mut head = Head::EMPTY;
    (0..length)
        .map(|number| {
            let entry = head.seal(Record {
                study: "s".into(),
                at_us: number,
                actor: "a".into(),
                action: "submit".into(),
                resource: format!("studies/s/batches/{number}"),
                after: format!("{{\"stored\":{number}}}"),
                ..Record::default()
            });
            head = entry.head();
            entry
        })
        .collect()
}

fn walk_expecting(entries: &[Entry], kept: Option<Kept>) -> Result<Head, Broken> {
    let mut walk = Walk::new("s");
    if let Some(kept) = kept {
        walk = walk.expecting(kept);
    }
    for entry in entries {
        walk.step(entry)?;
    }
    walk.finish()
}

fn walk(entries: &[Entry]) -> Result<Head, Broken> {
    walk_expecting(entries, None)
}

#[test]
fn a_whole_chain_ends_with_its_head() {
    for length in [0, 1, 20] {
        let entries = chain(length);
        let head = entries.last().map_or(Head::EMPTY, Entry::head);
        assert_eq!(walk(&entries), Ok(head));
        assert_eq!(head.sequence, length);
    }
}

/// Every byte of every field of an entry, one at a time, in the middle of a chain and at its end.
#[test]
fn one_byte_changed_is_found_wherever_it_is() {
    type Field = fn(&mut Record) -> &mut String;
    let fields: [Field; 7] = [
        |record| &mut record.actor,
        |record| &mut record.action,
        |record| &mut record.resource,
        |record| &mut record.before,
        |record| &mut record.after,
        |record| &mut record.reason,
        |record| &mut record.study,
    ];
    for at in [0, 4, 9] {
        let sequence = at as i64 + 1;
        for field in fields {
            let length = field(&mut chain(10)[at].record).len();
            for byte in 0..=length {
                let mut entries = chain(10);
                let text = field(&mut entries[at].record);
                if byte == length {
                    text.push('x');
                } else {
                    let other = if text.as_bytes()[byte] == b'x' {
                        "y"
                    } else {
                        "x"
                    };
                    text.replace_range(byte..=byte, other);
                }
                let found = walk(&entries).unwrap_err();
                let is_study = entries[at].record.study != "s";
                let expected = if is_study {
                    Broken::Study { sequence }
                } else {
                    Broken::Content { sequence }
                };
                assert_eq!(found, expected);
            }
        }
        let mut entries = chain(10);
        entries[at].record.at_us += 1;
        assert_eq!(walk(&entries), Err(Broken::Content { sequence }));
        for byte in 0..32 {
            let mut entries = chain(10);
            let mut bytes = *entries[at].hash.bytes();
            bytes[byte] ^= 1;
            entries[at].hash = Digest::new(bytes);
            assert_eq!(walk(&entries), Err(Broken::Content { sequence }));
            let mut entries = chain(10);
            let mut bytes = *entries[at].previous.bytes();
            bytes[byte] ^= 1;
            entries[at].previous = Digest::new(bytes);
            assert_eq!(walk(&entries), Err(Broken::Content { sequence }));
        }
    }
}

/// Texts that run together must not hash alike.
#[test]
fn the_border_between_two_fields_counts() {
    let mut entries = chain(3);
    let record = &mut entries[1].record;
    let moved = record.resource.pop().unwrap();
    record.before.insert(0, moved);
    assert_eq!(walk(&entries), Err(Broken::Content { sequence: 2 }));
}

/// Whoever changes an entry and seals it again breaks the next one.
#[test]
fn an_entry_that_was_sealed_again_breaks_its_successor() {
    let mut entries = chain(5);
    entries[2].record.reason = "another".into();
    entries[2].hash = entries[2].digest();
    assert_eq!(walk(&entries), Err(Broken::Predecessor { sequence: 4 }));
}

#[test]
fn what_was_taken_out_put_in_or_moved_is_found() {
    let deleted = |at: usize| {
        let mut entries = chain(6);
        entries.remove(at);
        walk(&entries)
    };
    for (at, sequence) in [(0, 1), (2, 3), (4, 5)] {
        let found = sequence + 1;
        assert_eq!(deleted(at), Err(Broken::Missing { sequence, found }));
    }
    // The lines of a file swapped: both are there, in the wrong places.
    let mut swapped = chain(6);
    swapped.swap(2, 4);
    let expected = Broken::Order {
        sequence: 3,
        found: 5,
    };
    assert_eq!(walk(&swapped), Err(expected));
    // The rows of a table swapped: their numbers changed places, and the table is read by number.
    let mut swapped = chain(6);
    let (one, other) = (swapped[2].clone(), swapped[4].clone());
    swapped[2] = Entry {
        sequence: 3,
        ..other
    };
    swapped[4] = Entry { sequence: 5, ..one };
    assert_eq!(walk(&swapped), Err(Broken::Content { sequence: 3 }));
    // One entry twice.
    let mut doubled = chain(6);
    let copy = doubled[3].clone();
    doubled.insert(4, copy);
    let expected = Broken::Order {
        sequence: 5,
        found: 4,
    };
    assert_eq!(walk(&doubled), Err(expected));
}

#[test]
fn an_end_that_was_cut_off_is_found_by_the_head_that_was_kept() {
    let entries = chain(8);
    let head = entries[7].head();
    let cut = &entries[..6];
    assert_eq!(walk(cut).unwrap().sequence, 6, "nothing in it shows");
    let expected = Broken::Cut { last: 6, head: 8 };
    assert_eq!(walk_expecting(cut, Some(head.into())), Err(expected));
    let alone: Kept = head.hash.to_string().parse().unwrap();
    let expected = Broken::Kept {
        hash: head.hash,
        last: 6,
    };
    assert_eq!(walk_expecting(cut, Some(alone)), Err(expected));
    let mut walk = Walk::new("s");
    cut.iter().for_each(|entry| walk.step(entry).unwrap());
    let expected = Broken::Cut { last: 6, head: 8 };
    assert_eq!(walk.finish_at(head), Err(expected));
    // The chain has grown since the head was kept: that is its right.
    let kept = entries[4].head();
    assert_eq!(walk_expecting(&entries, Some(kept.into())), Ok(head));
}

#[test]
fn a_chain_that_was_written_anew_is_found_by_the_head_that_was_kept() {
    let kept = chain(8)[4].head();
    let mut head = Head::EMPTY;
    let anew: Vec<Entry> = chain(8)
        .into_iter()
        .map(|mut entry| {
            entry.record.reason = "a kinder one".into();
            let entry = head.seal(entry.record);
            head = entry.head();
            entry
        })
        .collect();
    assert_eq!(walk(&anew), Ok(head), "it is whole in itself");
    let expected = Broken::Rewritten { sequence: 5 };
    assert_eq!(walk_expecting(&anew, Some(kept.into())), Err(expected));
}

#[test]
fn a_head_is_read_as_it_is_written() {
    let head = chain(3)[2].head();
    assert_eq!(head.to_string().parse(), Ok(Kept::from(head)));
    let long = format!("3:{}0", head.hash);
    for bad in ["", "3", "x:y", long.as_str(), "-1:00"] {
        assert!(bad.parse::<Kept>().is_err(), "{bad}");
    }
}

/// Three entries, of which the last says that it emptied the ones named.
fn erased(named: &str) -> [Entry; 3] {
    let record = |action: &str, resource: &str, after: &str| Record {
        study: "s".into(),
        action: action.into(),
        resource: resource.into(),
        after: after.into(),
        ..Record::default()
    };
    let first = Head::EMPTY.seal(record(
        "update_participant",
        "studies/s/participants/P1",
        "{}",
    ));
    let second = first.head().seal(record("submit", "studies/s", "{}"));
    let after = format!(r#"{{"erased_entries":[{named}]}}"#);
    let third = second
        .head()
        .seal(record("erase_participant", "studies/s", &after));
    [first, second, third]
}

fn emptied(entry: &Entry, by: i64) -> Entry {
    Entry {
        record: Record {
            resource: String::new(),
            after: String::new(),
            ..entry.record.clone()
        },
        erased_by: Some(by),
        ..entry.clone()
    }
}

#[test]
fn an_entry_may_be_empty_when_a_later_one_says_so() {
    let [first, second, third] = erased("1");
    let whole = walk(&[emptied(&first, 3), second.clone(), third.clone()]);
    assert_eq!(whole, Ok(third.head()));
    // The entry is named and still there, or another was emptied too.
    let named = walk(&[first.clone(), second.clone(), third.clone()]);
    assert_eq!(named, Err(Broken::Erasure { sequence: 3 }));
    let more = walk(&[emptied(&first, 3), emptied(&second, 3), third.clone()]);
    assert_eq!(more, Err(Broken::Erasure { sequence: 3 }));
    // Nobody says that it was emptied.
    for by in [1, 4] {
        let alone = walk(&[emptied(&first, by), second.clone()]);
        assert_eq!(alone, Err(Broken::Emptied { sequence: 1 }));
    }
    // Something is left in it, or its hash is another.
    let mut left = emptied(&first, 3);
    left.record.reason = "left".into();
    let left = walk(&[left, second.clone(), third.clone()]);
    assert_eq!(left, Err(Broken::Emptied { sequence: 1 }));
    let mut other = emptied(&first, 3);
    other.hash = Digest::NONE;
    let other = walk(&[other, second, third]);
    assert_eq!(other, Err(Broken::Predecessor { sequence: 2 }));
}
