//! The conditions of a statement as the filters of the lists: what can be looked up, and nothing besides.

use diel_proto::v1 as pb;
use jiff::civil::Date;

use super::Table;
use super::statement::{Condition, Statement, StatementError, Test, Value};

const OF_PROFILES: &str = "participant = TEXT; day or sampling_date =, >=, <=, >, <, BETWEEN dates; \
    slope_regression_ln_per_h >=, <=, >, <, BETWEEN numbers; valid";
const OF_RHYTHMS: &str =
    "group, verdict =, IN texts; age_years, posterior_slope_ln_per_h >=, <=, >, <, BETWEEN numbers";
const OF_FLAGS: &str =
    "participant, claimed_by = TEXT; state, group =, IN texts; probability_flat >=, > NUMBER";
const OF_SAMPLES: &str = "participant = TEXT";
const OF_FITS: &str = "none can: a study has few fits";

/// A filter of one of the tables.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Selection {
    Profiles(pb::ProfileFilter),
    Rhythms(pb::RhythmFilter),
    Flags(pb::FlagFilter),
    Samples(pb::SpecimenFilter),
    Fits,
}

impl Selection {
    /// What the conditions of a statement select.
    ///
    /// # Errors
    /// [`StatementError::Condition`] for a condition that no filter knows.
    pub(crate) fn of(statement: &Statement) -> Result<Self, StatementError> {
        let conditions = &statement.conditions;
        Ok(match statement.table {
            Table::Profiles => {
                let mut filter = pb::ProfileFilter::default();
                each(conditions, statement.table, OF_PROFILES, |one| {
                    of_profiles(&mut filter, one)
                })?;
                Self::Profiles(filter)
            }
            Table::Rhythms => {
                let mut filter = pb::RhythmFilter::default();
                each(conditions, statement.table, OF_RHYTHMS, |one| {
                    of_rhythms(&mut filter, one)
                })?;
                Self::Rhythms(filter)
            }
            Table::Flags => {
                let mut filter = pb::FlagFilter::default();
                each(conditions, statement.table, OF_FLAGS, |one| {
                    of_flags(&mut filter, one)
                })?;
                Self::Flags(filter)
            }
            Table::Samples => {
                let mut filter = pb::SpecimenFilter::default();
                each(conditions, statement.table, OF_SAMPLES, |one| {
                    of_samples(&mut filter, one)
                })?;
                Self::Samples(filter)
            }
            Table::Fits => {
                each(conditions, statement.table, OF_FITS, |_| None)?;
                Self::Fits
            }
        })
    }
}

/// Takes up each condition; `None` says that it cannot be looked up.
fn each(
    conditions: &[Condition],
    table: Table,
    known: &'static str,
    mut take: impl FnMut(&Condition) -> Option<()>,
) -> Result<(), StatementError> {
    for condition in conditions {
        take(condition).ok_or_else(|| StatementError::Condition {
            column: condition.column.clone(),
            table: table.name(),
            known,
        })?;
    }
    Ok(())
}

fn of_profiles(filter: &mut pb::ProfileFilter, condition: &Condition) -> Option<()> {
    match condition.column.as_str() {
        "participant" => one_text(&mut filter.participant, &condition.test),
        "day" | "sampling_date" => dates(filter, &condition.test),
        "slope_regression_ln_per_h" => bounds(
            &mut filter.min_slope_ln_per_h,
            &mut filter.max_slope_ln_per_h,
            &condition.test,
        ),
        "valid" if condition.test == Test::Is(Value::Truth(true)) => {
            filter.valid_only = true;
            Some(())
        }
        _ => None,
    }
}

fn of_rhythms(filter: &mut pb::RhythmFilter, condition: &Condition) -> Option<()> {
    match condition.column.as_str() {
        "group" => any_of(&mut filter.groups, texts(&condition.test)?),
        "verdict" => {
            let known = |text: String| {
                pb::Verdict::from_str_name(&format!("VERDICT_{text}")).map(i32::from)
            };
            let verdicts = texts(&condition.test)?.into_iter().map(known);
            any_of(&mut filter.verdicts, verdicts.collect::<Option<_>>()?)
        }
        "age_years" => bounds(
            &mut filter.min_age_years,
            &mut filter.max_age_years,
            &condition.test,
        ),
        "posterior_slope_ln_per_h" => bounds(
            &mut filter.min_slope_ln_per_h,
            &mut filter.max_slope_ln_per_h,
            &condition.test,
        ),
        _ => None,
    }
}

fn of_flags(filter: &mut pb::FlagFilter, condition: &Condition) -> Option<()> {
    match condition.column.as_str() {
        "participant" => one_text(&mut filter.participant, &condition.test),
        "claimed_by" => one_text(&mut filter.claimed_by, &condition.test),
        "group" => any_of(&mut filter.groups, texts(&condition.test)?),
        "state" => {
            let known = |text: String| {
                let name = text.replace('-', "_").to_uppercase();
                pb::FlagState::from_str_name(&format!("FLAG_STATE_{name}")).map(i32::from)
            };
            let states = texts(&condition.test)?.into_iter().map(known);
            any_of(&mut filter.states, states.collect::<Option<_>>()?)
        }
        "probability_flat" => {
            let mut most = None;
            bounds(&mut filter.min_probability, &mut most, &condition.test)?;
            // The list has no greatest probability.
            most.is_none().then_some(())
        }
        _ => None,
    }
}

fn of_samples(filter: &mut pb::SpecimenFilter, condition: &Condition) -> Option<()> {
    match condition.column.as_str() {
        "participant" => one_text(&mut filter.participant, &condition.test),
        _ => None,
    }
}

/// A field for one text is taken once.
fn one_text(field: &mut String, test: &Test) -> Option<()> {
    match test {
        Test::Is(Value::Text(text)) if field.is_empty() && !text.is_empty() => {
            field.clone_from(text);
            Some(())
        }
        _ => None,
    }
}

/// A field for any of some values is taken once: two conditions would mean those in both.
fn any_of<T>(field: &mut Vec<T>, values: Vec<T>) -> Option<()> {
    if !field.is_empty() {
        return None;
    }
    *field = values;
    Some(())
}

fn texts(test: &Test) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    match test {
        Test::Is(value) => Some(vec![text(value)?]),
        Test::OneOf(values) => values.iter().map(text).collect(),
        _ => None,
    }
}

fn bounds(least: &mut Option<f64>, most: &mut Option<f64>, test: &Test) -> Option<()> {
    let mut raise = |bound: f64| *least = Some(least.map_or(bound, |least| least.max(bound)));
    let mut lower = |bound: f64| *most = Some(most.map_or(bound, |most| most.min(bound)));
    match test {
        Test::AtLeast(Value::Number(bound)) => raise(*bound),
        Test::AtMost(Value::Number(bound)) => lower(*bound),
        // The next double is the least that is greater.
        Test::Above(Value::Number(bound)) => raise(bound.next_up()),
        Test::Below(Value::Number(bound)) => lower(bound.next_down()),
        Test::Between(Value::Number(from), Value::Number(to)) => {
            raise(*from);
            lower(*to);
        }
        _ => return None,
    }
    Some(())
}

/// Dates of the form YYYY-MM-DD are in the order of their texts.
fn dates(filter: &mut pb::ProfileFilter, test: &Test) -> Option<()> {
    let read = |value: &Value| match value {
        Value::Text(text) => text.parse::<Date>().ok(),
        _ => None,
    };
    let date = |value: &Value| Some(read(value)?.to_string());
    let (from, to) = match test {
        Test::Is(on) => (Some(date(on)?), Some(date(on)?)),
        Test::AtLeast(from) => (Some(date(from)?), None),
        Test::AtMost(to) => (None, Some(date(to)?)),
        Test::Above(before) => (Some(read(before)?.tomorrow().ok()?.to_string()), None),
        Test::Below(after) => (None, Some(read(after)?.yesterday().ok()?.to_string())),
        Test::Between(from, to) => (Some(date(from)?), Some(date(to)?)),
        Test::OneOf(_) => return None,
    };
    if let Some(from) = from
        && from > filter.first_date
    {
        filter.first_date = from;
    }
    if let Some(to) = to
        && (filter.last_date.is_empty() || to < filter.last_date)
    {
        filter.last_date = to;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn of(text: &str) -> Result<Selection, StatementError> {
        Selection::of(&Statement::read(text).unwrap())
    }

    #[test]
    fn conditions_become_the_filters_of_the_lists() {
        let profiles = of(
            "select * from s.profiles where participant = 'P-1' and day >= '2026-03-01' and sampling_date <= '2026-03-09' \
             and day >= '2026-03-02' and slope_regression_ln_per_h between -0.2 and -0.1 and valid = true",
        );
        assert_eq!(
            profiles,
            Ok(Selection::Profiles(pb::ProfileFilter {
                participant: "P-1".to_owned(),
                first_date: "2026-03-02".to_owned(),
                last_date: "2026-03-09".to_owned(),
                min_slope_ln_per_h: Some(-0.2),
                max_slope_ln_per_h: Some(-0.1),
                valid_only: true,
                ..Default::default()
            }))
        );
        assert_eq!(
            of(
                "select * from s.rhythms where verdict in ('NOT_FLAT', 'INDETERMINATE') and \"group\" = 'a'"
            ),
            Ok(Selection::Rhythms(pb::RhythmFilter {
                groups: vec!["a".to_owned()],
                verdicts: vec![
                    pb::Verdict::NotFlat.into(),
                    pb::Verdict::Indeterminate.into()
                ],
                ..Default::default()
            }))
        );
        assert_eq!(
            of("select * from s.flags where state = 'awaiting-second' and probability_flat >= 0.9"),
            Ok(Selection::Flags(pb::FlagFilter {
                states: vec![pb::FlagState::AwaitingSecond.into()],
                min_probability: Some(0.9),
                ..Default::default()
            }))
        );
    }

    #[test]
    fn a_strict_bound_leaves_out_its_end() {
        assert_eq!(
            of(
                "select * from s.profiles where day > '2026-02-28' and day < '2026-04-01' \
                and slope_regression_ln_per_h > 0 and slope_regression_ln_per_h < 1"
            ),
            Ok(Selection::Profiles(pb::ProfileFilter {
                first_date: "2026-03-01".to_owned(),
                last_date: "2026-03-31".to_owned(),
                // The least double above 0, and the greatest below 1.
                min_slope_ln_per_h: Some(5e-324),
                max_slope_ln_per_h: Some(0.999_999_999_999_999_9),
                ..Default::default()
            }))
        );
    }

    #[test]
    fn what_no_filter_knows_is_refused_with_what_one_knows() {
        for text in [
            "select * from s.profiles where mesor >= 1",
            "select * from s.profiles where valid = false",
            "select * from s.profiles where day = 'monday'",
            "select * from s.profiles where participant = 'a' and participant = 'b'",
            "select * from s.rhythms where verdict = 'flat'",
            "select * from s.flags where probability_flat <= 0.5",
            "select * from s.flags where probability_flat between 0.1 and 0.5",
            "select * from s.flags where state > 'open'",
            "select * from s.samples where label = 'wake'",
            "select * from s.fits where fit = '1'",
        ] {
            let error = of(text).unwrap_err().to_string();
            assert!(error.contains("cannot be looked up"), "{text}: {error}");
        }
    }
}
