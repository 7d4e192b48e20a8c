//! The answer as people read it: two tables and sentences.

use super::answer::{Answer, ProfileAnswer, RandomAnswer};
use crate::output::{Cell, Column, Format, Frame};

const FIXED: &[Column] = &[
    Column::new("fixed effect"),
    Column::new("estimate"),
    Column::new("se"),
    Column::new("df"),
    Column::new("t"),
    Column::new("p"),
    Column::headed("lower", "95 % from"),
    Column::headed("upper", "to"),
];

const RANDOM: &[Column] = &[
    Column::new("group"),
    Column::headed("term", "varies"),
    Column::new("sd"),
    Column::headed("variance", "variance"),
    Column::headed("correlation", "correlation with those above"),
];

const PROFILE: &[Column] = &[
    Column::headed("parameter", "profile of"),
    Column::headed("estimate", "ML estimate"),
    Column::headed("lower", "95 % from"),
    Column::headed("upper", "to"),
];

/// The name of the constant column.
const INTERCEPT: &str = "(Intercept)";

pub(super) fn render(answer: &Answer) -> String {
    let mut text = format!("{}\n{}\n\n", answer.formula, summary(answer));
    text.push_str(&fixed(answer));
    text.push('\n');
    text.push_str(&random(answer));
    if let Some(profile) = &answer.profile {
        text.push('\n');
        text.push_str(&profile_table(profile));
    }
    for remark in remarks(answer) {
        text.push_str(&remark);
        text.push('\n');
    }
    text
}

fn summary(answer: &Answer) -> String {
    let groups: Vec<String> = answer
        .groups
        .iter()
        .map(|(name, levels)| format!("{levels} {name}"))
        .collect();
    let how = if answer.criterion == "REML" {
        "restricted maximum likelihood (REML)"
    } else {
        "maximum likelihood (ML)"
    };
    format!(
        "{} observations, {}; by {how}, criterion {:.4}",
        answer.n_observations,
        groups.join(", "),
        answer.objective
    )
}

fn profile_table(profile: &[ProfileAnswer]) -> String {
    let mut frame = Frame::new(PROFILE);
    for interval in profile {
        frame.push(vec![
            Cell::from(interval.parameter.as_str()),
            Cell::from(interval.estimate),
            interval
                .lower
                .map_or_else(|| Cell::from("not found"), Cell::from),
            interval
                .upper
                .map_or_else(|| Cell::from("not found"), Cell::from),
        ]);
    }
    String::from_utf8_lossy(&frame.to_bytes(Format::Table)).into_owned()
}

fn fixed(answer: &Answer) -> String {
    let mut frame = Frame::new(FIXED);
    for effect in &answer.fixed {
        frame.push(vec![
            Cell::from(effect.name.as_str()),
            Cell::from(effect.estimate),
            Cell::from(effect.se),
            Cell::from(effect.df),
            Cell::from(effect.t),
            p_value(effect.p),
            Cell::from(effect.lower),
            Cell::from(effect.upper),
        ]);
    }
    String::from_utf8_lossy(&frame.to_bytes(Format::Table)).into_owned()
}

/// A probability too small for a double is not 0.
fn p_value(p: f64) -> Cell {
    if p == 0.0 {
        Cell::from("< 1e-300")
    } else {
        Cell::from(p)
    }
}

fn random(answer: &Answer) -> String {
    let mut frame = Frame::new(RANDOM);
    for effect in &answer.random {
        for (position, (term, sd)) in effect.terms.iter().zip(&effect.sd).enumerate() {
            frame.push(vec![
                Cell::from(effect.group.as_str()),
                Cell::from(term.as_str()),
                Cell::from(*sd),
                Cell::from(sd * sd),
                Cell::from(correlations(effect, position)),
            ]);
        }
    }
    let residual = answer.residual_sd;
    frame.push(vec![
        Cell::from("residual"),
        Cell::Absent,
        Cell::from(residual),
        Cell::from(residual * residual),
        Cell::Absent,
    ]);
    String::from_utf8_lossy(&frame.to_bytes(Format::Table)).into_owned()
}

fn correlations(effect: &RandomAnswer, position: usize) -> Option<String> {
    let row = effect.correlation.get(position)?.iter().take(position);
    let shown: Vec<String> = row.map(|value| format!("{value:.3}")).collect();
    (!shown.is_empty()).then(|| shown.join(" "))
}

fn shown_p(p: f64) -> String {
    if p < 1e-4 {
        format!("{p:.2e}")
    } else {
        format!("{p:.4}")
    }
}

/// What a reader must know to use the numbers.
fn remarks(answer: &Answer) -> Vec<String> {
    let mut remarks = Vec::new();
    remarks.extend(shares(answer));
    remarks.extend(answer.against.as_ref().map(|against| {
        format!(
            "Against {}, both by ML: chi-squared {:.4} on {} degrees of freedom, p {}. Where a variance is 0 in the smaller model p \
             is too large.",
            against.formula,
            against.chi_squared,
            against.df,
            shown_p(against.p)
        )
    }));
    if answer.n_censored > 0 {
        remarks.push(format!(
            "{} responses are known only as beyond a limit and are modelled so; the fit is by approximate maximum likelihood.",
            answer.n_censored
        ));
    }
    if let Some(df) = answer.residual.df {
        remarks.push(format!(
            "The residual is Student's t on {df} degrees of freedom, its scale stands as sd; the fit is by approximate maximum \
             likelihood."
        ));
    }
    if answer.rows_left_out > 0 {
        let missing: Vec<String> = answer
            .missing
            .iter()
            .map(|(column, rows)| format!("{rows} in {column}"))
            .collect();
        remarks.push(format!(
            "{} rows are left out because a value is missing: {}.",
            answer.rows_left_out,
            missing.join(", ")
        ));
    }
    if !answer.dropped.is_empty() {
        remarks.push(format!(
            "Left out as combinations of other columns: {}.",
            answer.dropped.join(", ")
        ));
    }
    if answer.singular {
        remarks.push(
            "The fit is singular: a variance, or a combination of effects, is estimated as zero. The data do not support all \
             of the random terms; the fixed effects can still be read."
                .to_owned(),
        );
    }
    if !answer.optimizer.converged {
        remarks.push(format!(
            "The fit has NOT converged after {} evaluations ({}). Do not use these numbers; a simpler model may fit.",
            answer.optimizer.evaluations, answer.optimizer.message
        ));
    }
    remarks
}

/// Each group's share of the variance where everything but the intercept is 0, an intraclass correlation.
fn shares(answer: &Answer) -> Option<String> {
    let intercepts: Vec<(&str, f64)> = answer
        .random
        .iter()
        .filter_map(|effect| {
            let place = effect.terms.iter().position(|term| term == INTERCEPT)?;
            let sd = effect.sd.get(place)?;
            Some((effect.group.as_str(), sd * sd))
        })
        .collect();
    let of_groups: f64 = intercepts.iter().map(|(_, variance)| variance).sum();
    let total = of_groups + answer.residual_sd * answer.residual_sd;
    if intercepts.is_empty() || total <= 0.0 {
        return None;
    }
    let shares: Vec<String> = intercepts
        .iter()
        .map(|(group, variance)| format!("{group} {:.1} %", 100.0 * variance / total))
        .collect();
    let varies_more = answer.random.iter().any(|effect| {
        let mut terms = effect.terms.iter();
        terms.any(|term| term != INTERCEPT)
    });
    let condition = if varies_more {
        " where the columns that vary are 0"
    } else {
        ""
    };
    Some(format!(
        "Share of the variance{condition}: {}, residual {:.1} %.",
        shares.join(", "),
        100.0 * (total - of_groups) / total
    ))
}
