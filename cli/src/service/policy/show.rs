//! The policy in force and the versions before it.

use clap::Args;
use diel_client::v1;

use super::columns::{COLUMNS, terms};
use super::{ServerOptions, StudyOption};
use crate::output::{Column, OutputOptions};
use crate::service::answer::Answer;

/// A row a term.
const TERMS: &[Column] = &[Column::new("term"), Column::new("value")];

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    #[command(flatten)]
    study: StudyOption,

    /// The version with this number; the one in force when not given.
    #[arg(long, value_name = "N")]
    number: Option<u64>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    study: StudyOption,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn show(arguments: &ShowArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let version = arguments
        .number
        .map_or_else(|| "current".to_owned(), |number| number.to_string());
    let name = format!("{}/policies/{version}", arguments.study.name());
    let policy = client.get_policy(name).await?;
    let mut answer = Answer::begin(TERMS, arguments.output.format)?;
    for (column, term) in COLUMNS.iter().zip(terms(&policy)) {
        answer.row(|records| {
            records.text(column.name);
            term.write(records);
            records.end_row();
        })?;
    }
    answer.end(None)
}

pub(super) async fn list(arguments: &ListArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let mut policies = client.list(v1::ListPoliciesRequest {
        parent: arguments.study.name(),
        ..Default::default()
    });
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    while let Some(policy) = policies.next().await {
        let terms = terms(&policy?);
        answer.row(|records| {
            terms.iter().for_each(|term| term.write(records));
            records.end_row();
        })?;
    }
    answer.end(None)
}
