//! A line of an exported chain: an entry, or the head at the end. JSON, with the keys in this order and nothing else.

use diel_core::audit::{Digest, DigestError, Entry, Head, Record};
use serde::{Deserialize, Serialize};

/// A line, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// An entry.
    Entry(Entry),
    /// The end of the chain of a study.
    Head(String, Head),
}

/// Why a line cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineError {
    /// It is no entry and no head.
    #[error("is neither an entry nor a head: {0}")]
    Json(#[from] serde_json::Error),
    /// It is one, but other bytes than an export has for it.
    #[error("is not written as an export writes it, so it was changed")]
    Changed,
    /// A hash is none.
    #[error("a hash {0}")]
    Hash(#[from] DigestError),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryLine {
    study: String,
    sequence: i64,
    previous_hash: String,
    at_us: i64,
    actor: String,
    action: String,
    resource: String,
    before_json: String,
    after_json: String,
    reason: String,
    hash: String,
    /// Only where content was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    erased_by: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadLine {
    study: String,
    head_sequence: i64,
    head_hash: String,
}

impl Line {
    /// Reads a line without its end.
    pub(super) fn read(text: &str) -> Result<Self, LineError> {
        let line = match serde_json::from_str::<HeadLine>(text) {
            Ok(head) => Self::Head(
                head.study,
                Head {
                    sequence: head.head_sequence,
                    hash: head.head_hash.parse()?,
                },
            ),
            Err(_) => Self::Entry(entry(serde_json::from_str(text)?)?),
        };
        if line.write()? == text {
            Ok(line)
        } else {
            Err(LineError::Changed)
        }
    }

    /// The line, without its end.
    pub(super) fn write(&self) -> Result<String, LineError> {
        Ok(match self {
            Self::Entry(entry) => serde_json::to_string(&line(entry))?,
            Self::Head(study, head) => serde_json::to_string(&HeadLine {
                study: study.clone(),
                head_sequence: head.sequence,
                head_hash: head.hash.to_string(),
            })?,
        })
    }
}

fn entry(line: EntryLine) -> Result<Entry, DigestError> {
    let digest = |text: &str| text.parse::<Digest>();
    Ok(Entry {
        sequence: line.sequence,
        previous: digest(&line.previous_hash)?,
        hash: digest(&line.hash)?,
        erased_by: line.erased_by,
        record: Record {
            study: line.study,
            at_us: line.at_us,
            actor: line.actor,
            action: line.action,
            resource: line.resource,
            before: line.before_json,
            after: line.after_json,
            reason: line.reason,
        },
    })
}

fn line(entry: &Entry) -> EntryLine {
    let record = entry.record.clone();
    EntryLine {
        study: record.study,
        sequence: entry.sequence,
        previous_hash: entry.previous.to_string(),
        at_us: record.at_us,
        actor: record.actor,
        action: record.action,
        resource: record.resource,
        before_json: record.before,
        after_json: record.after,
        reason: record.reason,
        hash: entry.hash.to_string(),
        erased_by: entry.erased_by,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use diel_core::audit::{Head, Record};

    use super::{Line, LineError};

    #[test]
    fn a_line_reads_back_and_other_ways_to_write_it_do_not() {
        let entry = Head::EMPTY.seal(Record {
            study: "s".into(),
            reason: "said \"no\"\n".into(),
            after: "{\"a\":1}".into(),
            ..Record::default()
        });
        for line in [
            Line::Head("s".into(), entry.head()),
            Line::Entry(entry.clone()),
        ] {
            let text = line.write().unwrap();
            assert_eq!(Line::read(&text).unwrap(), line);
            for changed in [
                text.replacen(':', ": ", 1),
                text.replacen("\"s\"", "\"\\u0073\"", 1),
            ] {
                assert!(
                    matches!(Line::read(&changed), Err(LineError::Changed)),
                    "{changed}"
                );
            }
            let more = text.replacen('{', "{\"more\":1,", 1);
            assert!(matches!(Line::read(&more), Err(LineError::Json(_))));
        }
    }
}
