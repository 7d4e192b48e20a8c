//! Walking a chain from its first entry to its head.

use std::collections::BTreeMap;

use super::{Broken, Digest, Entry, Head, Kept, erased_entries};

/// A walk along a chain. Entries come in the order in which they are stored; the first thing that is wrong ends it.
#[derive(Debug, Clone)]
pub struct Walk {
    study: String,
    /// The last entry that was right.
    head: Head,
    /// Another entry stood where the next should: it may yet turn up, out of order.
    displaced: Option<i64>,
    kept: Option<Kept>,
    is_kept_found: bool,
    /// Entries without content, by the later entry that is to name them.
    erased: BTreeMap<i64, Vec<i64>>,
}

impl Walk {
    /// A walk along the chain of a study, empty for the chain outside any study.
    #[must_use]
    pub fn new(study: &str) -> Self {
        Self {
            study: study.to_owned(),
            head: Head::EMPTY,
            displaced: None,
            kept: None,
            is_kept_found: false,
            erased: BTreeMap::new(),
        }
    }

    /// A head that was kept outside: the chain must contain it, wherever it has grown to since.
    #[must_use]
    pub fn expecting(mut self, kept: Kept) -> Self {
        self.is_kept_found = kept.hash == Digest::NONE;
        self.kept = Some(kept);
        self
    }

    /// The last entry that was right.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Goes on to the next entry.
    ///
    /// # Errors
    /// [`Broken`] names the first entry that is wrong. The walk is over then.
    pub fn step(&mut self, entry: &Entry) -> Result<(), Broken> {
        let (sequence, found) = (self.head.sequence.saturating_add(1), entry.sequence);
        if let Some(stood) = self.displaced {
            return if found == sequence {
                Err(Broken::Order {
                    sequence,
                    found: stood,
                })
            } else {
                Ok(())
            };
        }
        if found > sequence {
            self.displaced = Some(found);
            return Ok(());
        }
        if found < sequence {
            return Err(Broken::Order { sequence, found });
        }
        if entry.record.study != self.study {
            return Err(Broken::Study { sequence });
        }
        match entry.erased_by {
            // What is hashed is gone; the next entry still says which hash this one had.
            Some(by) if by > sequence && entry.is_blank() => {
                self.erased.entry(by).or_default().push(sequence);
            }
            Some(_) => return Err(Broken::Emptied { sequence }),
            None if entry.digest() != entry.hash => return Err(Broken::Content { sequence }),
            None => {}
        }
        if entry.previous != self.head.hash {
            return Err(Broken::Predecessor { sequence });
        }
        if let Some(named) = erased_entries(&entry.record)
            && self.erased.remove(&sequence).unwrap_or_default() != named
        {
            return Err(Broken::Erasure { sequence });
        }
        self.head = entry.head();
        self.meet()
    }

    /// Compares the entry just passed with the head that was kept.
    fn meet(&mut self) -> Result<(), Broken> {
        let Some(kept) = self.kept else { return Ok(()) };
        if kept.hash == self.head.hash {
            self.is_kept_found = true;
        } else if kept.sequence == Some(self.head.sequence) {
            return Err(Broken::Rewritten {
                sequence: self.head.sequence,
            });
        }
        Ok(())
    }

    /// Ends the walk where nothing but the entries themselves says that they are all: returns the head.
    ///
    /// # Errors
    /// [`Broken::Missing`], and [`Broken::Cut`] or [`Broken::Kept`] when the chain does not reach the head that was kept.
    pub fn finish(self) -> Result<Head, Broken> {
        let last = self.head.sequence;
        if let Some(found) = self.displaced {
            let sequence = last.saturating_add(1);
            return Err(Broken::Missing { sequence, found });
        }
        if let Some(sequence) = self.erased.values().flatten().min() {
            return Err(Broken::Emptied {
                sequence: *sequence,
            });
        }
        match self.kept.filter(|_| !self.is_kept_found) {
            None => Ok(self.head),
            Some(Kept {
                sequence: Some(head),
                ..
            }) if head > last => Err(Broken::Cut { last, head }),
            Some(kept) => Err(Broken::Kept {
                hash: kept.hash,
                last,
            }),
        }
    }

    /// Ends the walk at the head that the source of the entries states.
    ///
    /// # Errors
    /// As [`Walk::finish`]; [`Broken::Cut`] and [`Broken::Head`] when the chain ends elsewhere.
    pub fn finish_at(self, stated: Head) -> Result<Head, Broken> {
        let found = self.finish()?;
        if found.sequence < stated.sequence {
            return Err(Broken::Cut {
                last: found.sequence,
                head: stated.sequence,
            });
        }
        if found != stated {
            return Err(Broken::Head { stated, found });
        }
        Ok(found)
    }
}
