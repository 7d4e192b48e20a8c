//! Ids on tubes that say whose sample it is: `Vp01 T1 S1` is participant `Vp01`, day `T1`, sample `S1`.

use std::str::FromStr;

/// How an id is taken apart: fields in braces, and what stands between them.
///
/// `{participant} T{day} S{label}` reads `Vp01 T1 S2` as participant `Vp01`, day `1`, sample `2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdPattern {
    /// What stands before the first field.
    start: String,
    /// Each field with what stands behind it.
    fields: Vec<(Field, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Participant,
    Day,
    Label,
}

/// What an id says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct IdParts<'a> {
    pub(crate) participant: &'a str,
    pub(crate) day: &'a str,
    pub(crate) label: &'a str,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdPatternError {
    /// A field that there is not.
    #[error(
        "`{{{field}}}` is none of {{participant}}, {{day}}, {{label}}; write, for example, \
         {{participant}} T{{day}} S{{label}}"
    )]
    Field {
        /// What stands in braces.
        field: String,
    },
    /// A brace that is not closed.
    #[error("a brace is not closed; write, for example, {{participant}} T{{day}} S{{label}}")]
    Brace,
    /// No participant, or a field twice.
    #[error("{{participant}} must stand in it, and no field twice")]
    Fields,
    /// Two fields with nothing between them.
    #[error("something must stand between two fields, else nobody knows where one ends")]
    Touching,
}

impl FromStr for IdPattern {
    type Err = IdPatternError;

    fn from_str(text: &str) -> Result<Self, IdPatternError> {
        let mut pieces = text.split('{');
        let start = pieces.next().unwrap_or_default().to_owned();
        let mut fields: Vec<(Field, String)> = Vec::new();
        for piece in pieces {
            let (field, behind) = piece.split_once('}').ok_or(IdPatternError::Brace)?;
            if fields.last().is_some_and(|(_, between)| between.is_empty()) {
                return Err(IdPatternError::Touching);
            }
            let field = match field.trim() {
                "participant" => Field::Participant,
                "day" => Field::Day,
                "label" => Field::Label,
                other => {
                    return Err(IdPatternError::Field {
                        field: other.to_owned(),
                    });
                }
            };
            if fields.iter().any(|(earlier, _)| *earlier == field) {
                return Err(IdPatternError::Fields);
            }
            fields.push((field, behind.to_owned()));
        }
        let has_participant = fields.iter().any(|(field, _)| *field == Field::Participant);
        has_participant
            .then_some(Self { start, fields })
            .ok_or(IdPatternError::Fields)
    }
}

impl IdPattern {
    /// Takes an id apart; `None` where it does not fit.
    pub(crate) fn parts<'a>(&self, id: &'a str) -> Option<IdParts<'a>> {
        let mut rest = id.trim().strip_prefix(self.start.as_str())?;
        let mut parts = IdParts::default();
        for (field, behind) in &self.fields {
            let (value, after) = if behind.is_empty() {
                (rest, "")
            } else {
                // A field is at least a character long, so that a separator within a code's first place is the code's.
                let first = rest.chars().next()?.len_utf8();
                let at = first + rest.get(first..)?.find(behind.as_str())?;
                (rest.get(..at)?, rest.get(at + behind.len()..)?)
            };
            if value.trim().is_empty() {
                return None;
            }
            match field {
                Field::Participant => parts.participant = value.trim(),
                Field::Day => parts.day = value.trim(),
                Field::Label => parts.label = value.trim(),
            }
            rest = after;
        }
        rest.is_empty().then_some(parts)
    }
}

/// The rule without a pattern: an id of two parts is participant and sample, of three participant, day and sample. Parts
/// are separated by blanks, else by `_`, else by `-`.
pub(crate) fn parts_of(id: &str) -> Option<IdParts<'_>> {
    let id = id.trim();
    let separator = [' ', '_', '-']
        .into_iter()
        .find(|separator| id.contains(*separator))?;
    let mut pieces = id.split(separator).filter(|piece| !piece.is_empty());
    let (participant, second) = (pieces.next()?, pieces.next()?);
    match (pieces.next(), pieces.next()) {
        (None, _) => Some(IdParts {
            participant,
            day: "",
            label: second,
        }),
        (Some(third), None) => Some(IdParts {
            participant,
            day: second,
            label: third,
        }),
        (Some(_), Some(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may panic")]

    use super::{IdParts, IdPattern, IdPatternError, parts_of};

    const fn parts<'a>(participant: &'a str, day: &'a str, label: &'a str) -> IdParts<'a> {
        IdParts {
            participant,
            day,
            label,
        }
    }

    #[test]
    fn two_or_three_parts_need_no_pattern() {
        assert_eq!(parts_of("Vp01 S1"), Some(parts("Vp01", "", "S1")));
        assert_eq!(parts_of("Vp01  T1 SA"), Some(parts("Vp01", "T1", "SA")));
        assert_eq!(parts_of("VP01_T2_B5"), Some(parts("VP01", "T2", "B5")));
        assert_eq!(parts_of("VP01-B5"), Some(parts("VP01", "", "B5")));
        for id in ["", "0010101", "Vp01 T1 S1 x"] {
            assert_eq!(parts_of(id), None, "{id}");
        }
    }

    #[test]
    fn a_pattern_takes_ids_apart() {
        let pattern: IdPattern = "{participant} T{day} S{label}".parse().unwrap();
        assert_eq!(pattern.parts("Vp01 T1 S10"), Some(parts("Vp01", "1", "10")));
        assert_eq!(pattern.parts("Vp01 S1"), None);
        let pattern: IdPattern = "K-{participant}-{label}".parse().unwrap();
        assert_eq!(pattern.parts("K-0012-bed"), Some(parts("0012", "", "bed")));
        assert_eq!(pattern.parts("K--bed"), None);
        let pattern: IdPattern = "{participant}".parse().unwrap();
        assert_eq!(pattern.parts(" 0012 "), Some(parts("0012", "", "")));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for (text, error) in [
            ("{label}", IdPatternError::Fields),
            ("{participant} {participant}", IdPatternError::Fields),
            ("{participant}{label}", IdPatternError::Touching),
            ("{participant", IdPatternError::Brace),
        ] {
            assert_eq!(text.parse::<IdPattern>(), Err(error), "{text}");
        }
        assert!(
            "{person} S{label}"
                .parse::<IdPattern>()
                .unwrap_err()
                .to_string()
                .starts_with("`{person}` is none of {participant}")
        );
    }
}
