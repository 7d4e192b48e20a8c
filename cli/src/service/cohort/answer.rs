//! A fit as people and programs read it.

use std::io::IsTerminal as _;

use clap::{Args, ValueEnum};
use diel_client::v1;
use serde_json::{Map, Value, json};

use crate::output::{Column, Format, Frame, Records};
use crate::service::answer::say;
use crate::service::instant;

/// How a fit is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FitFormat {
    /// Tables for people.
    Table,
    /// One JSON object, with the keys of `diel cohort fit`.
    Json,
}

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct FitOutput {
    /// How to print the fit: a table at a terminal, else JSON.
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<FitFormat>,
}

const FIXED: &[Column] = &[
    Column::headed("name", "fixed effect"),
    Column::new("estimate"),
    Column::new("se"),
    Column::new("df"),
    Column::new("t"),
    Column::new("p"),
    Column::headed("lower", "95 % from"),
    Column::headed("upper", "to"),
];

const RANDOM: &[Column] = &[
    Column::headed("group", "between"),
    Column::headed("term", "random effect"),
    Column::new("sd"),
    Column::headed("correlation", "correlation\nwith the first"),
];

impl FitOutput {
    /// Prints a fit, ended or not.
    pub(super) fn print(self, fit: &v1::Fit) -> anyhow::Result<()> {
        let format = self.format.unwrap_or_else(|| {
            if std::io::stdout().is_terminal() {
                FitFormat::Table
            } else {
                FitFormat::Json
            }
        });
        match format {
            FitFormat::Json => say(&serde_json::to_string_pretty(&object(fit))?),
            FitFormat::Table => print_table(fit),
        }
    }
}

/// The word of a state.
pub(super) fn state(fit: &v1::Fit) -> &'static str {
    match fit.state() {
        v1::FitState::Unspecified => "",
        v1::FitState::Queued => "queued",
        v1::FitState::Running => "running",
        v1::FitState::Succeeded => "succeeded",
        v1::FitState::Failed => "failed",
        v1::FitState::Cancelled => "cancelled",
    }
}

/// How a fit ended, or how far it is.
pub(super) fn ending(fit: &v1::Fit) -> String {
    let word = state(fit);
    match fit.state() {
        v1::FitState::Failed => format!("{word}: {}", fit.error),
        v1::FitState::Running => {
            format!(
                "{word}, {} of {} participants",
                fit.done_count, fit.total_count
            )
        }
        _ => word.to_owned(),
    }
}

/// What is minimised.
pub(super) fn criterion(fit: &v1::Fit) -> &'static str {
    match fit.criterion() {
        v1::FitCriterion::Ml => "ML",
        _ => "REML",
    }
}

fn object(fit: &v1::Fit) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("name", json!(fit.name));
    put("state", json!(state(fit)));
    put("formula", json!(fit.formula));
    put("criterion", json!(criterion(fit)));
    put("done", json!(fit.done_count));
    put("total", json!(fit.total_count));
    put("error", json!(fit.error));
    put("error_reason", json!(fit.error_reason));
    put("seconds", json!(seconds(fit)));
    let Some(result) = &fit.result else {
        return Value::Object(object);
    };
    put("objective", json!(result.objective));
    put("log_likelihood", json!(result.log_likelihood));
    put("aic", json!(result.aic));
    put("bic", json!(result.bic));
    put("n_observations", json!(result.observation_count));
    put("rows_left_out", json!(result.left_out_row_count));
    let groups = result.groups.iter();
    let groups = groups.map(|group| (group.group.clone(), json!(group.level_count)));
    put("groups", Value::Object(groups.collect()));
    let shares = result.groups.iter().filter_map(|group| {
        let share = group.intraclass_correlation?;
        Some((group.group.clone(), json!(share)))
    });
    put("intraclass_correlations", Value::Object(shares.collect()));
    put("singular", json!(result.singular));
    put("residual_sd", json!(result.residual_sd));
    put("fixed", result.fixed.iter().map(fixed).collect());
    put("dropped", json!(result.dropped_columns));
    put("random", result.random.iter().map(random).collect());
    let optimizer = result.optimizer.as_ref();
    put("optimizer", optimizer.map_or(Value::Null, of_optimizer));
    put("persons", json!(result.person_count));
    put("persons_with_days", json!(result.persons_with_days_count));
    put("counted_days", json!(result.counted_days));
    put("software", json!(result.software_version));
    put("input_blake3", json!(result.input_digest));
    Value::Object(object)
}

/// From being asked for to the last step, in seconds.
fn seconds(fit: &v1::Fit) -> Option<f64> {
    let moment = |time: &Option<diel_client::Timestamp>| instant::to_moment(time.as_ref()?, 0);
    let (begun, ended) = (moment(&fit.create_time)?, moment(&fit.update_time)?);
    #[expect(
        clippy::cast_precision_loss,
        reason = "microseconds of a fit are exact in a double"
    )]
    Some((ended.microseconds() - begun.microseconds()) as f64 / 1e6)
}

fn fixed(effect: &v1::FixedEffect) -> Value {
    json!({
        "name": effect.term,
        "estimate": effect.estimate,
        "se": effect.se,
        "df": effect.df,
        "t": effect.t,
        "p": effect.p,
        "lower": effect.lower,
        "upper": effect.upper,
    })
}

fn random(term: &v1::RandomEffect) -> Value {
    let correlation: Vec<&[f64]> = term.correlations.chunks(term.terms.len().max(1)).collect();
    json!({
        "group": term.group,
        "terms": term.terms,
        "sd": term.sds,
        "correlation": correlation,
    })
}

fn of_optimizer(summary: &v1::FitOptimizer) -> Value {
    json!({
        "evaluations": summary.evaluation_count,
        "iterations": summary.iteration_count,
        "converged": summary.converged,
        "message": summary.message,
        "start": summary.start,
        "theta": summary.theta,
        "gradient": summary.gradient,
        "decrement": summary.decrement,
        "tolerance": summary.tolerance,
    })
}

fn print_table(fit: &v1::Fit) -> anyhow::Result<()> {
    say(&format!(
        "{}\n{} by {}: {}",
        fit.name,
        fit.formula,
        criterion(fit),
        ending(fit)
    ))?;
    let Some(result) = &fit.result else {
        return Ok(());
    };
    let mut effects = Frame::new(FIXED);
    for effect in &result.fixed {
        effects.text(&effect.term);
        effects.number(effect.estimate);
        for number in [
            effect.se,
            effect.df,
            effect.t,
            effect.p,
            effect.lower,
            effect.upper,
        ] {
            effects.maybe(number);
        }
        effects.end_row();
    }
    effects.print(Format::Table)?;
    let mut spread = Frame::new(RANDOM);
    for term in &result.random {
        for (position, (name, sd)) in term.terms.iter().zip(&term.sds).enumerate() {
            spread.text(&term.group);
            spread.text(name);
            spread.number(*sd);
            spread.maybe(
                term.correlations
                    .get(position)
                    .copied()
                    .filter(|_| position > 0),
            );
            spread.end_row();
        }
    }
    spread.text("");
    spread.text("residual");
    spread.number(result.residual_sd);
    spread.absent();
    spread.end_row();
    let groups = result.groups.iter();
    let groups: Vec<String> = groups
        .map(|group| format!("{} {}", group.level_count, group.group))
        .collect();
    spread.note(format!(
        "{} observations, {}; -2 log likelihood {}{}",
        result.observation_count,
        groups.join(", "),
        result.objective,
        if result.singular { "; singular" } else { "" }
    ));
    spread.print(Format::Table)
}
