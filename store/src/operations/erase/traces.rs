//! What names a participant outside their own rows: entries of the audit trail, and answers kept for repeated requests.

use std::collections::HashSet;

use serde_json::Value;

use super::super::Conn;
use super::super::fields::Fields;
use crate::fault::Fault;

pub(super) const STATEMENTS: [&str; 6] = [SPECIMENS, FLAGS, ENTRIES, EMPTY, ANSWERS, FORGET];

/// Tubes that are the participant's now, or were until a correction.
const SPECIMENS: &str = "select specimen from specimens where study_no = $1 and participant = $2 \
    union select specimen from earlier_facts where study_no = $1 and participant = $2";

const FLAGS: &str = "select flag_id from flags where study_no = $1 and participant = $2";

const ENTRIES: &str = "select sequence, resource, before_json, after_json, reason from audit_entries \
    where study_no = $1 and sequence > $2 order by sequence limit $3";

const EMPTY: &str = "update audit_entries set resource = '', before_json = '', after_json = '', reason = '', \
    erased_by = $1 where study_no = $2 and sequence = $3";

const ANSWERS: &str = "select request_id, answer from requests where study_no = $1 and request_id > $2 \
    order by request_id limit $3";

const FORGET: &str = "delete from requests where study_no = $1 and request_id = $2";

/// Rows read at a time.
const SLICE: i64 = 500;

/// A code shorter than this, in characters, is looked for as a whole text only: in a sentence it could be any number.
const SHORTEST_IN_A_SENTENCE: usize = 3;

/// What a participant is known by in a study.
#[derive(Debug)]
pub(super) struct Traces {
    code: String,
    /// Ids of tubes and flags.
    ids: HashSet<String>,
}

impl Traces {
    pub(super) async fn of(conn: &mut Conn, no: i64, code: &str) -> Result<Self, Fault> {
        let mut ids = HashSet::new();
        for statement in [SPECIMENS, FLAGS] {
            let found: Vec<String> = sqlx::query_scalar(statement)
                .bind(no)
                .bind(code)
                .fetch_all(&mut *conn)
                .await?;
            ids.extend(found);
        }
        Ok(Self {
            code: code.to_owned(),
            ids,
        })
    }

    /// Empties the entries of the trail that name the participant, and returns their numbers.
    pub(super) async fn empty_entries(
        &self,
        conn: &mut Conn,
        no: i64,
        by: i64,
    ) -> Result<Vec<i64>, Fault> {
        let mut emptied = Vec::new();
        let mut after = 0;
        loop {
            let rows = sqlx::query(ENTRIES)
                .bind(no)
                .bind(after)
                .bind(SLICE)
                .fetch_all(&mut *conn)
                .await?;
            let Some(last) = rows.last() else { break };
            after = Fields(last).integer("sequence")?;
            for row in &rows {
                let fields = Fields(row);
                let names = self.stand_in_text(fields.text("resource")?)
                    || self.stand_in_text(fields.text("reason")?)
                    || self.stand_in_json(fields.text("before_json")?)
                    || self.stand_in_json(fields.text("after_json")?);
                if names {
                    emptied.push(fields.integer("sequence")?);
                }
            }
        }
        for sequence in &emptied {
            sqlx::query(EMPTY)
                .bind(by)
                .bind(no)
                .bind(sequence)
                .execute(&mut *conn)
                .await?;
        }
        Ok(emptied)
    }

    /// Deletes kept answers that name the participant, and returns how many.
    pub(super) async fn forget_answers(&self, conn: &mut Conn, no: i64) -> Result<u64, Fault> {
        let mut naming = Vec::new();
        let mut after = String::new();
        loop {
            let rows = sqlx::query(ANSWERS)
                .bind(no)
                .bind(&after)
                .bind(SLICE)
                .fetch_all(&mut *conn)
                .await?;
            let Some(last) = rows.last() else { break };
            after = Fields(last).owned("request_id")?;
            for row in &rows {
                let fields = Fields(row);
                if self.stand_in_json(fields.text("answer")?) {
                    naming.push(fields.owned("request_id")?);
                }
            }
        }
        for request in &naming {
            sqlx::query(FORGET)
                .bind(no)
                .bind(request)
                .execute(&mut *conn)
                .await?;
        }
        Ok(naming.len() as u64)
    }

    fn stand_in_json(&self, text: &str) -> bool {
        match serde_json::from_str::<Value>(text) {
            Ok(value) => self.stand_in(&value),
            // What is no JSON is read as a sentence.
            Err(_) => self.stand_in_text(text),
        }
    }

    fn stand_in(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.stand_in_text(text),
            Value::Array(values) => values.iter().any(|value| self.stand_in(value)),
            Value::Object(members) => members.values().any(|value| self.stand_in(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// Whether a text is, or holds as a part of a name or as a word, what the participant is known by.
    fn stand_in_text(&self, text: &str) -> bool {
        let is_one = |part: &str| part == self.code || self.ids.contains(part);
        is_one(text)
            || text.split('/').any(is_one)
            || self.code.chars().count() >= SHORTEST_IN_A_SENTENCE && has_word(text, &self.code)
    }
}

/// Whether `word` stands in the text with no letter or digit beside it.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, found)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let behind = text
            .get(at + found.len()..)
            .and_then(|text| text.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !behind.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Traces;

    #[test]
    fn a_participant_is_found_by_code_tube_and_flag() {
        let traces = Traces {
            code: "P-017".to_owned(),
            ids: HashSet::from(["T9".to_owned(), "0198-f".to_owned()]),
        };
        for json in [
            r#"{"participant":"P-017"}"#,
            r#"{"specimens":[{"specimen":"T9"}]}"#,
            r#"{"flag":"studies/s/flags/0198-f"}"#,
            r#"{"note":"swapped with P-017, see the diary"}"#,
        ] {
            assert!(traces.stand_in_json(json), "{json}");
        }
        for json in [
            r#"{"participant":"P-0170"}"#,
            r#"{"specimen":"T99"}"#,
            r#"{"count":17,"note":"XP-017"}"#,
            "",
        ] {
            assert!(!traces.stand_in_json(json), "{json}");
        }
        let short = Traces {
            code: "7".to_owned(),
            ids: HashSet::new(),
        };
        assert!(short.stand_in_text("studies/s/participants/7/rhythm"));
        assert!(!short.stand_in_text("7 wells were dry"));
    }
}
