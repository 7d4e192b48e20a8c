//! When the person woke, as the app knows it.

use diel_core::{Moment, TimeSource};

use super::entry::Entry;

/// Awakenings this near each other are one, said twice.
const SAME_AWAKENING_HOURS: f64 = 3.0;

/// An awakening.
#[derive(Debug, Clone)]
pub(super) struct Wakening {
    pub(super) line: u64,
    pub(super) at: Moment,
    /// A pressed button is the person's word; an alarm that was stopped is the phone's.
    pub(super) source: TimeSource,
    /// Further events of the same awakening: line and time.
    pub(super) repeated: Vec<(u64, Moment)>,
}

/// The awakenings by time. An alarm that was stopped says so only before the day's first scan, for the alarms of
/// tubes are stopped too.
pub(super) fn wakenings(placed: &[(&Entry<'_>, Result<Moment, String>)]) -> Vec<Wakening> {
    let mut found: Vec<Wakening> = Vec::new();
    for (entry, moment) in placed {
        let Ok(at) = *moment else { continue };
        let source = match entry.action {
            "spontaneous_awakening" => TimeSource::SelfReport,
            "alarm_stop" if is_of_awakening(entry) => TimeSource::Electronic,
            _ => continue,
        };
        match found.last_mut() {
            Some(last) if at.hours_since(last.at).abs() <= SAME_AWAKENING_HOURS => {
                last.repeated.push((entry.line, at));
            }
            _ => found.push(Wakening {
                line: entry.line,
                at,
                source,
                repeated: Vec::new(),
            }),
        }
    }
    found.sort_by_key(|wakening| wakening.at);
    found
}

/// The alarm that wakes has no tube, or the first.
fn is_of_awakening(entry: &Entry<'_>) -> bool {
    matches!(entry.number("saliva_id"), None | Some(0)) && entry.number("id") != Some(815)
}
