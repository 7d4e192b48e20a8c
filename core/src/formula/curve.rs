//! The columns of a model along one of its variables, the others held: where a curve is predicted.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Formula;
use super::coding::{Coding, Variable};
use super::evaluate::{Evaluator, unknown_column};
use super::expression::Expression;
use super::prepare::{Prepared, variables};
use super::refusal::PrepareError;
use super::value::complete;
use crate::frame::{Frame, FrameColumn, Labels};
use crate::mixed::{Column, MixedFit, Prediction};

/// A curve along one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// The column.
    pub along: String,
    /// Its values, rising.
    pub values: Vec<f64>,
    /// What the other columns of the right-hand side are held at.
    pub held: Vec<(String, Held)>,
    /// Fixed and random columns, one value a point.
    columns: Vec<Column>,
    offset: Option<Arc<[f64]>>,
}

/// What a column is held at.
#[derive(Debug, Clone, PartialEq)]
pub enum Held {
    /// A number.
    Number(f64),
    /// A label.
    Label(String),
}

impl Curve {
    /// What a fit of the same formula and table says at each point, on the scale of the response.
    #[must_use]
    pub fn predict(&self, fit: &MixedFit) -> Vec<Prediction> {
        let at = |point: usize| {
            let of_columns = self.columns.iter().filter_map(|column| {
                let value = column.values.get(point)?;
                Some((column.name.as_str(), *value))
            });
            let values: Vec<(&str, f64)> = of_columns.collect();
            let offset = self.offset.as_ref().and_then(|offset| offset.get(point));
            fit.predict(&values)
                .shifted(offset.copied().unwrap_or_default())
        };
        (0..self.values.len()).map(at).collect()
    }
}

/// The curve of `points` points over the range of a column in the rows of a design.
pub(super) fn curve(
    formula: &Formula,
    frame: &Frame,
    prepared: &Prepared,
    along: &str,
    points: usize,
    at: &[(String, String)],
) -> Result<Curve, PrepareError> {
    let names: BTreeSet<&str> = formula.predictor_columns().collect();
    let asked = at.iter().map(|(name, _)| name.as_str());
    for name in asked.chain([along]) {
        if frame.column(name).is_none() {
            return Err(unknown_column(frame, name));
        }
        if !names.contains(name) {
            return Err(PrepareError::NotAPredictor {
                column: name.to_owned(),
                columns: names.iter().copied().collect::<Vec<_>>().join(", "),
            });
        }
    }
    let mut is_complete = is_kept(prepared, frame.rows());
    let values = range(frame, along, &is_complete, points)?;
    let mut held = Vec::new();
    let mut joined = Frame::new(frame.rows() + points);
    for name in names {
        let column = frame
            .column(name)
            .ok_or_else(|| unknown_column(frame, name))?;
        let longer = if name == along {
            numbers_then(column, &values)
        } else {
            let wanted = at.iter().find(|(known, _)| known == name);
            let (longer, value) = held_at(
                column,
                name,
                wanted.map(|(_, text)| text),
                &is_complete,
                points,
            )?;
            held.push((name.to_owned(), value));
            longer
        };
        joined.push(name, longer)?;
    }
    // Levels, and what `scale` subtracts, are those of the rows that were fitted.
    is_complete.resize(joined.rows(), false);
    let evaluator = Evaluator {
        frame: &joined,
        is_complete: &is_complete,
        scaled_rows: frame.rows(),
    };
    let tail = frame.rows()..joined.rows();
    let variables = variables(formula.model(), &evaluator, |expression, variable| {
        within(expression, variable, tail.clone())
    })?;
    let mut coding = Coding::new(points, &variables);
    let mut columns = coding.columns(&formula.model().fixed)?;
    for part in &formula.model().random {
        columns.extend(coding.columns(&part.terms)?);
    }
    let mut offset: Option<Arc<[f64]>> = None;
    for summand in &formula.model().offsets {
        let known = evaluator.numbers(summand)?;
        let known = known.get(tail.clone()).unwrap_or_default();
        offset = Some(match offset {
            None => known.into(),
            Some(sum) => sum
                .iter()
                .zip(known)
                .map(|(sum, known)| sum + known)
                .collect(),
        });
    }
    Ok(Curve {
        along: along.to_owned(),
        values,
        held,
        columns,
        offset,
    })
}

/// A variable at the points alone, which must have a value there: a label that was fitted, a logarithm.
fn within(
    expression: &Expression,
    variable: Variable,
    points: std::ops::Range<usize>,
) -> Result<Variable, PrepareError> {
    let at_points = variable.mapped(
        |values| values.get(points.clone()).unwrap_or_default().into(),
        |codes| codes.get(points.clone()).unwrap_or_default().into(),
    );
    let has_values = match &at_points {
        Variable::Numbers(columns) => columns
            .iter()
            .all(|(_, values)| values.iter().all(|value| value.is_finite())),
        Variable::Factor(factor) => factor.codes.iter().all(|code| *code != Labels::MISSING),
    };
    if has_values {
        Ok(at_points)
    } else {
        Err(PrepareError::NoValue {
            part: expression.to_string(),
        })
    }
}

/// Whether each row of the table is one of the design's.
fn is_kept(prepared: &Prepared, rows: usize) -> Vec<bool> {
    let Some(kept) = &prepared.rows else {
        return vec![true; rows];
    };
    let mut is_kept = vec![false; rows];
    for row in kept {
        if let Some(mark) = row.checked_sub(1).and_then(|row| is_kept.get_mut(row)) {
            *mark = true;
        }
    }
    is_kept
}

/// Values at equal distances from the least to the greatest.
#[expect(clippy::cast_precision_loss, reason = "points are few")]
fn range(
    frame: &Frame,
    along: &str,
    is_complete: &[bool],
    points: usize,
) -> Result<Vec<f64>, PrepareError> {
    let column = match frame.column(along) {
        Some(FrameColumn::Labels(labels)) => {
            return Err(PrepareError::LabelAsNumber {
                part: along.to_owned(),
                value: labels.levels().first().cloned().unwrap_or_default(),
            });
        }
        Some(column) => column.values(),
        None => &[],
    };
    let (least, greatest) = complete(column, is_complete).fold(
        (f64::INFINITY, f64::NEG_INFINITY),
        |(least, most), (value, _)| (least.min(*value), most.max(*value)),
    );
    let steps = points.saturating_sub(1).max(1) as f64;
    Ok((0..points)
        .map(|point| least + (greatest - least) * (point as f64 / steps))
        .collect())
}

fn numbers_then(column: &FrameColumn, more: &[f64]) -> FrameColumn {
    let values = column.values().iter().chain(more).copied();
    FrameColumn::numbers(values.collect::<Vec<f64>>())
}

/// A column followed by one value for each point: the one asked for, else the mean or the first label.
fn held_at(
    column: &FrameColumn,
    name: &str,
    wanted: Option<&String>,
    is_complete: &[bool],
    points: usize,
) -> Result<(FrameColumn, Held), PrepareError> {
    if let FrameColumn::Labels(labels) = column {
        let used = complete(labels.codes(), is_complete);
        let first = used.filter_map(|(code, _)| labels.levels().get(*code as usize));
        let label = wanted
            .cloned()
            .or_else(|| first.min().cloned())
            .unwrap_or_default();
        let text = |code: &u32| labels.levels().get(*code as usize).map(String::as_str);
        let more = std::iter::repeat_n(Some(label.as_str()), points);
        let longer = Labels::from_texts(labels.codes().iter().map(text).chain(more));
        return Ok((longer.into(), Held::Label(label)));
    }
    let number = match wanted {
        Some(text) => text
            .trim()
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite()),
        None => Some(mean(column.values(), is_complete)),
    };
    let Some(number) = number else {
        return Err(PrepareError::LabelAsNumber {
            part: name.to_owned(),
            value: wanted.cloned().unwrap_or_default(),
        });
    };
    Ok((
        numbers_then(column, &vec![number; points]),
        Held::Number(number),
    ))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of rows are exact in a double"
)]
fn mean(values: &[f64], is_complete: &[bool]) -> f64 {
    let kept = || complete(values, is_complete);
    kept().map(|(value, _)| value).sum::<f64>() / kept().count() as f64
}
