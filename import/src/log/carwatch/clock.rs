//! The phone's clock: its offset from UTC, and whether it ran on.

use diel_core::Moment;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::entry::Entry;

/// A clock that is set right over the network goes back by less than this.
const SMALL_JUMP_MILLISECONDS: i64 = 60_000;
/// Events of one day are less than this apart.
const DAY_MILLISECONDS: i64 = 20 * 3_600_000;

/// A place where the clock went back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Jump {
    pub(super) before_line: u64,
    pub(super) after_line: u64,
    pub(super) milliseconds: i64,
    /// The first and the last line of the stretch whose times cannot be compared.
    spoilt: (u64, u64),
}

impl Jump {
    pub(super) fn spoils(&self, line: u64) -> bool {
        (self.spoilt.0..=self.spoilt.1).contains(&line)
    }
}

/// The larger jumps back, each with the day that it spoils: the events around it that follow each other within 20 h.
pub(super) fn jumps(entries: &[Entry<'_>]) -> Vec<Jump> {
    let mut jumps = Vec::new();
    for (at, pair) in entries.windows(2).enumerate() {
        let [before, after] = pair else { continue };
        let back = before.milliseconds.saturating_sub(after.milliseconds);
        if back <= SMALL_JUMP_MILLISECONDS {
            continue;
        }
        let (earlier, later) = entries.split_at(at + 1);
        let near = |one: &&Entry<'_>, other: &Entry<'_>| {
            one.milliseconds.saturating_sub(other.milliseconds).abs() <= DAY_MILLISECONDS
        };
        let first = earlier
            .iter()
            .rev()
            .take_while(|entry| near(entry, before))
            .last();
        let last = later.iter().take_while(|entry| near(entry, after)).last();
        jumps.push(Jump {
            before_line: before.line,
            after_line: after.line,
            milliseconds: back,
            spoilt: (
                first.map_or(before.line, |entry| entry.line),
                last.map_or(after.line, |entry| entry.line),
            ),
        });
    }
    jumps
}

/// A length of time for people.
pub(super) fn in_words(milliseconds: i64) -> String {
    let seconds = milliseconds / 1_000;
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3_600),
    }
}

/// An event with its moment, or why it has none.
pub(super) type Placed<'e, 'a> = (&'e Entry<'a>, Result<Moment, String>);

/// Every event with its moment, and what is remarkable about the clock, by line.
pub(super) fn place<'e, 'a>(
    entries: &'e [Entry<'a>],
    zone: Option<&TimeZone>,
) -> (Vec<Placed<'e, 'a>>, Vec<(u64, String)>) {
    let mut remarks = Vec::new();
    let mut last_difference = None;
    let placed = entries
        .iter()
        .map(|entry| {
            (
                entry,
                moment(entry, zone, &mut last_difference, &mut remarks),
            )
        })
        .collect();
    for pair in entries.windows(2) {
        let [before, after] = pair else { continue };
        let back = before.milliseconds.saturating_sub(after.milliseconds);
        if (1_000..=SMALL_JUMP_MILLISECONDS).contains(&back) {
            let text = format!(
                "the phone's clock went back by {} behind line {}; times are taken as they are",
                in_words(back),
                before.line
            );
            remarks.push((after.line, text));
        }
    }
    (placed, remarks)
}

fn moment(
    entry: &Entry<'_>,
    zone: Option<&TimeZone>,
    last_difference: &mut Option<i32>,
    remarks: &mut Vec<(u64, String)>,
) -> Result<Moment, String> {
    let microseconds = entry
        .milliseconds
        .checked_mul(1_000)
        .ok_or("lies outside the years 1950 to 9999")?;
    let of_zone = zone.and_then(|zone| {
        let instant = Timestamp::from_microsecond(microseconds).ok()?;
        Some(zone.to_offset(instant).seconds() / 60)
    });
    let of_phone = offset_minutes(entry.local);
    if let (Some(phone), Some(zone)) = (of_phone, of_zone)
        && phone != zone
        && *last_difference != Some(phone - zone)
    {
        *last_difference = Some(phone - zone);
        let text = format!(
            "the phone's clock stood at {} when the study's stood at {}; the phone's is where the person was, and is \
             taken",
            offset_text(phone),
            offset_text(zone)
        );
        remarks.push((entry.line, text));
    }
    let minutes = of_phone.or(of_zone).ok_or(
        "the log does not say the phone's offset from UTC; give --time-zone, such as Europe/Berlin",
    )?;
    Moment::new(microseconds, minutes).map_err(|error| error.to_string())
}

/// The offset in `Thu May 15 2025 06:13:30 GMT+02:00`, minutes east.
fn offset_minutes(local: &str) -> Option<i32> {
    let (_, offset) = local.rsplit_once("GMT")?;
    if offset.is_empty() {
        return Some(0);
    }
    let (sign, digits) = match offset.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = digits
        .split_once(':')
        .or_else(|| digits.split_at_checked(2))?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..=18).contains(&hours) && (0..60).contains(&minutes)).then(|| sign * (hours * 60 + minutes))
}

fn offset_text(minutes: i32) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    format!(
        "UTC{sign}{:02}:{:02}",
        minutes.abs() / 60,
        minutes.abs() % 60
    )
}

#[cfg(test)]
mod tests {
    use super::offset_minutes;

    #[test]
    fn offsets_are_read_as_the_app_writes_them() {
        assert_eq!(
            offset_minutes("Thu May 15 2025 06:13:30 GMT+02:00"),
            Some(120)
        );
        assert_eq!(
            offset_minutes("Thu May 15 2025 06:13:30 GMT-0330"),
            Some(-210)
        );
        assert_eq!(offset_minutes("Thu May 15 2025 06:13:30 GMT"), Some(0));
        assert_eq!(offset_minutes("06:13:30"), None);
        assert_eq!(offset_minutes(""), None);
    }
}
