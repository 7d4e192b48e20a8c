//! Conditions of lists. Those that are absent do not show in the statement, so that it stays one the engine can plan.

use sqlx::{Database, Encode, QueryBuilder, Type};

/// A bound on a column.
pub(crate) fn push_bound<'t, D, T>(
    select: &mut QueryBuilder<D>,
    condition: &'static str,
    bound: Option<T>,
) where
    D: Database,
    T: Encode<'t, D> + Type<D>,
{
    if let Some(bound) = bound {
        select.push(condition).push_bind(bound);
    }
}

/// Bounds on the age of a participant `p`.
pub(crate) fn push_ages<D>(select: &mut QueryBuilder<D>, least: Option<f64>, greatest: Option<f64>)
where
    D: Database,
    f64: for<'t> Encode<'t, D> + Type<D>,
{
    push_bound(select, " and p.age_years >= ", least);
    push_bound(select, " and p.age_years <= ", greatest);
}

/// A choice of texts, closed by a parenthesis; nothing when there is none to choose from.
pub(crate) fn push_one_of<D, S>(
    select: &mut QueryBuilder<D>,
    condition: &'static str,
    choices: &[S],
) where
    D: Database,
    S: AsRef<str>,
    for<'t> &'t str: Encode<'t, D> + Type<D>,
{
    if choices.is_empty() {
        return;
    }
    select.push(condition);
    for (place, choice) in choices.iter().enumerate() {
        if place > 0 {
            select.push(", ");
        }
        select.push_bind(choice.as_ref());
    }
    select.push(")");
}
