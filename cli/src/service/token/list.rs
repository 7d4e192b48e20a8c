//! The tokens that there are.

use clap::Args;
use diel_client::{Timestamp, v1};

use super::ServerOptions;
use crate::output::{Column, OutputOptions, Records};
use crate::service::answer::{Answer, text_or_nothing};
use crate::service::{instant, name};

const COLUMNS: &[Column] = &[
    Column::new("token"),
    Column::new("principal"),
    Column::new("description"),
    Column::headed("expires_at", "expires"),
    Column::headed("revoked_at", "revoked"),
    Column::headed("last_used_at", "last used\nto the hour"),
    Column::unshown("created_at"),
    Column::unshown("name"),
];

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// Only this principal's.
    #[arg(long, value_name = "PRINCIPAL")]
    principal: Option<String>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn list(arguments: &ListArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let parent = arguments.principal.as_deref().map(name::principal);
    let mut tokens = client.list(v1::ListTokensRequest {
        parent: parent.unwrap_or_default(),
        ..Default::default()
    });
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    while let Some(token) = tokens.next().await {
        let token = token?;
        answer.row(|records| write(records, &token))?;
    }
    answer.end(None)
}

fn write(records: &mut dyn Records, token: &v1::Token) {
    records.text(name::id(&token.name));
    records.text(name::parent_id(&token.name));
    text_or_nothing(records, &token.description);
    for time in [
        &token.expire_time,
        &token.revoke_time,
        &token.last_use_time,
        &token.create_time,
    ] {
        text_or_nothing(records, &text(time.as_ref()));
    }
    records.text(&token.name);
    records.end_row();
}

fn text(time: Option<&Timestamp>) -> String {
    time.and_then(instant::utc_text).unwrap_or_default()
}
