//! One event of the log.

use serde_json::{Map, Value};

/// The alarm of the evening tube in early versions of the app.
const EVENING_ALARM: i64 = 815;

/// An event as it stands.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) line: u64,
    /// The phone's clock, milliseconds since 1970.
    pub(super) milliseconds: i64,
    /// The phone's local time in words, `Thu May 15 2025 06:13:30 GMT+02:00`; empty in early versions.
    pub(super) local: &'a str,
    pub(super) action: &'a str,
    /// The extras as they stand.
    pub(super) extras: &'a str,
    values: Map<String, Value>,
}

/// The events in the order of the file, and lines that are none.
pub(super) fn entries(text: &str) -> (Vec<Entry<'_>>, Vec<(u64, String)>) {
    let (mut entries, mut unread) = (Vec::new(), Vec::new());
    let text = text.trim_start_matches('\u{feff}');
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.trim();
        if content.is_empty() {
            continue;
        }
        match Entry::read(line, content) {
            Ok(entry) => entries.push(entry),
            Err(rule) => unread.push((line, rule)),
        }
    }
    (entries, unread)
}

impl<'a> Entry<'a> {
    fn read(line: u64, content: &'a str) -> Result<Self, String> {
        let not_an_event = || {
            "is no event of the app: milliseconds since 1970, local time, action and extras, with `;` between"
                .to_owned()
        };
        let (time, rest) = content.split_once(';').ok_or_else(not_an_event)?;
        let milliseconds = time.parse().map_err(|_| not_an_event())?;
        let (second, rest) = rest.split_once(';').unwrap_or((rest, ""));
        let (local, action, extras) = if is_action(second) {
            ("", second, rest)
        } else {
            let (action, extras) = rest.split_once(';').unwrap_or((rest, ""));
            (second, action, extras)
        };
        if !is_action(action) {
            return Err(not_an_event());
        }
        let values = match extras {
            "" => Map::new(),
            extras => serde_json::from_str(extras)
                .map_err(|_| format!("the extras of {action} are not a JSON object"))?,
        };
        Ok(Self {
            line,
            milliseconds,
            local,
            action,
            extras,
            values,
        })
    }

    /// A text among the extras; numbers count as texts.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        match self.values.get(key)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    pub(super) fn number(&self, key: &str) -> Option<i64> {
        self.values.get(key)?.as_i64()
    }

    /// `S2` of an event that knows tubes by number alone.
    pub(super) fn sample_of_early_version(&self) -> Option<String> {
        if self.number("id") == Some(EVENING_ALARM) {
            return Some("SE".to_owned());
        }
        self.number("saliva_id").map(|number| format!("S{number}"))
    }
}

fn is_action(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
