//! The first token.

use std::sync::Arc;

use clap::Args;
use diel_server::SystemClock;

use super::show::SecretOption;

const EXAMPLES: &str = "\
Whoever can open the database can do everything to it, so nothing else is asked for. The service may run meanwhile.

Examples:
  diel token bootstrap --database sqlite:///var/lib/diel/diel.db --out admin.token
  diel token bootstrap --database postgres://diel@db.example/diel --principal c.diaz@example.org --lost";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct BootstrapArguments {
    /// The database of the service: sqlite://PATH or postgres://...
    #[arg(
        long,
        env = "DIEL_DATABASE",
        value_name = "URL",
        default_value = "sqlite://diel.db"
    )]
    database: String,

    /// Whose it is.
    #[arg(long, value_name = "PRINCIPAL", default_value = "admin")]
    principal: String,

    /// Make one even though an admin of all studies has a token that is good: it is lost.
    #[arg(long)]
    lost: bool,

    #[command(flatten)]
    secret: SecretOption,
}

pub(super) async fn bootstrap(arguments: &BootstrapArguments) -> anyhow::Result<()> {
    arguments.secret.check()?;
    let made = Box::pin(diel_server::bootstrap(
        &arguments.database,
        &arguments.principal,
        arguments.lost,
        Arc::new(SystemClock),
    ))
    .await?;
    let what = format!(
        "token {} of {}, admin of all studies, until {}",
        made.token.id(),
        made.principal,
        made.expires
    );
    arguments.secret.show(made.token.reveal(), &what)
}
