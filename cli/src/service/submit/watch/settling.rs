//! When a file is whole: its size and its time of change have stayed the same.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::time::{Duration, Instant};

use super::folder::{Entry, Stamp};
use super::{FIRST_PAUSE, LONGEST_PAUSE};

/// A file as it was seen, and since when it has looked so.
#[derive(Debug)]
struct Seen {
    stamp: Stamp,
    since: Instant,
    /// Not to be tried before, after a failure.
    deferred: Option<Instant>,
    pause: Duration,
}

/// The files of a folder from look to look. The clock is the process's own: that of a share may go otherwise.
#[derive(Debug)]
pub(super) struct Settling {
    settle: Duration,
    seen: HashMap<OsString, Seen>,
    unsettled: Vec<OsString>,
}

impl Settling {
    pub(super) fn new(settle: Duration) -> Self {
        Self {
            settle,
            seen: HashMap::new(),
            unsettled: Vec::new(),
        }
    }

    /// Notes what there is now. Returns the names of the files that are whole and not deferred, in the order given.
    pub(super) fn look(
        &mut self,
        entries: impl IntoIterator<Item = Entry>,
        now: Instant,
    ) -> Vec<OsString> {
        let mut before = std::mem::take(&mut self.seen);
        let mut whole = Vec::new();
        self.unsettled.clear();
        for Entry { name, stamp, .. } in entries {
            let seen = match before.remove(&name) {
                Some(seen) if seen.stamp == stamp => seen,
                _ => Seen {
                    stamp,
                    since: now,
                    deferred: None,
                    pause: FIRST_PAUSE,
                },
            };
            if now.duration_since(seen.since) < self.settle {
                self.unsettled.push(name.clone());
            } else if seen.deferred.is_none_or(|until| until <= now) {
                whole.push(name.clone());
            }
            self.seen.insert(name, seen);
        }
        whole
    }

    /// Files of the last look that had not stayed the same for long enough.
    pub(super) fn unsettled(&self) -> &[OsString] {
        &self.unsettled
    }

    /// Leaves a file alone for a while, each time for twice as long. Returns for how long.
    pub(super) fn defer(&mut self, name: &OsStr, now: Instant) -> Duration {
        let Some(seen) = self.seen.get_mut(name) else {
            return FIRST_PAUSE;
        };
        seen.pause = LONGEST_PAUSE.min(seen.pause * 2);
        seen.deferred = now.checked_add(seen.pause);
        seen.pause
    }
}

#[cfg(test)]
mod tests {
    use super::super::folder::Kind;
    use super::*;

    fn file(bytes: u64) -> [Entry; 1] {
        [Entry {
            name: "plate.csv".into(),
            kind: Kind::File,
            stamp: Stamp::of_bytes(bytes),
        }]
    }

    #[test]
    fn a_file_is_whole_when_it_has_stayed_the_same() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut settling = Settling::new(Duration::from_secs(5));
        assert!(settling.look(file(10), start).is_empty());
        assert!(settling.look(file(10), after(4)).is_empty());
        assert!(settling.look(file(20), after(5)).is_empty(), "it grew");
        assert_eq!(settling.unsettled(), ["plate.csv"]);
        assert!(settling.look(file(20), after(9)).is_empty());
        assert_eq!(settling.look(file(20), after(10)), ["plate.csv"]);
        assert!(settling.unsettled().is_empty());
        let mut at_once = Settling::new(Duration::ZERO);
        assert_eq!(at_once.look(file(10), start), ["plate.csv"]);
    }

    #[test]
    fn a_failure_is_waited_out_longer_each_time() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut settling = Settling::new(Duration::ZERO);
        settling.look(file(10), start);
        assert_eq!(settling.defer(OsStr::new("plate.csv"), start).as_secs(), 2);
        assert!(settling.look(file(10), after(1)).is_empty());
        assert_eq!(settling.look(file(10), after(2)), ["plate.csv"]);
        assert_eq!(
            settling.defer(OsStr::new("plate.csv"), after(2)).as_secs(),
            4
        );
        // Another file under the name starts anew.
        assert_eq!(settling.look(file(11), after(3)), ["plate.csv"]);
    }
}
