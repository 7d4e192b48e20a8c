//! `diel whoami`: whom the service takes the caller for.

use clap::Args;

use super::connect::ServerOptions;
use super::role;
use crate::output::OutputOptions;
use crate::service;
use crate::service::answer::Answer;

const EXAMPLES: &str = "\
Examples:
  diel whoami --token-file carol.token
  DIEL_TOKEN=diel_... diel whoami --format csv";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct WhoAmIArguments {
    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

pub(crate) fn run(arguments: &WhoAmIArguments) -> anyhow::Result<()> {
    service::run_client(who_am_i(arguments))
}

async fn who_am_i(arguments: &WhoAmIArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let found = client.who_am_i().await?;
    let principal = found.principal.unwrap_or_default();
    let mut answer = Answer::begin(role::COLUMNS, arguments.output.format)?;
    for grant in &principal.grants {
        answer.row(|records| role::write(records, &principal, grant))?;
    }
    let note = found.open_access.then(|| {
        "Access to this service is open: whoever reaches it may do everything, under this name."
            .to_owned()
    });
    answer.end(note)
}
