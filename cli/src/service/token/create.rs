//! A new token.

use clap::Args;
use diel_client::v1;

use super::show::SecretOption;
use super::{RoleChoice, ServerOptions};
use crate::service::{instant, name, role};

const EXAMPLES: &str = "\
The token is shown once. Roles belong to the principal: all of its tokens have them, and those it had stay.

Examples:
  diel token create carol --role reviewer --study pilot --out carol.token
  diel token create lab-7 --role submitter --study pilot --study second --days 30 --description \"plate reader\"
  diel token create root --role admin --all-studies";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CreateArguments {
    /// Whose it is, such as carol: 1 to 64 of a-z, 0-9 and . - _ @. This is the name in the audit trail.
    principal: String,

    /// Grant this role with it. May be repeated.
    #[arg(long = "role", value_enum, value_name = "ROLE")]
    roles: Vec<RoleChoice>,

    /// Grant the roles in this study, such as pilot. May be repeated.
    #[arg(
        long = "study",
        value_name = "STUDY",
        requires = "roles",
        conflicts_with = "all_studies"
    )]
    studies: Vec<String>,

    /// Grant the roles in all studies, also those to come.
    #[arg(long, requires = "roles")]
    all_studies: bool,

    /// How many days it is good for, 1 to 366.
    #[arg(long, value_name = "N", default_value_t = 90)]
    days: i32,

    /// What it is for.
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,

    #[command(flatten)]
    secret: SecretOption,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn create(arguments: &CreateArguments) -> anyhow::Result<()> {
    anyhow::ensure!(
        arguments.roles.is_empty() || arguments.all_studies || !arguments.studies.is_empty(),
        "--role: where? name a study with --study, or say --all-studies"
    );
    arguments.secret.check()?;
    let client = arguments.server.connect().await?;
    let request = v1::CreateTokenRequest {
        parent: name::principal(&arguments.principal),
        description: arguments.description.clone(),
        lifetime_days: arguments.days,
        grants: grants(arguments),
        validate_only: false,
    };
    let made = client.create_token(request).await?;
    let (token, principal) = (
        made.token.unwrap_or_default(),
        made.principal.unwrap_or_default(),
    );
    let until = token.expire_time.as_ref().and_then(instant::utc_text);
    let roles: Vec<String> = principal.grants.iter().map(role::in_words).collect();
    let what = format!(
        "token {} of {} until {}, who has {}",
        name::id(&token.name),
        name::id(&principal.name),
        until.unwrap_or_default(),
        if roles.is_empty() {
            "no role yet: `diel role grant`".to_owned()
        } else {
            roles.join(", ")
        }
    );
    arguments.secret.show(&made.secret, &what)
}

fn grants(arguments: &CreateArguments) -> Vec<v1::Grant> {
    let everywhere = [String::new()];
    let places = if arguments.all_studies {
        everywhere.to_vec()
    } else {
        arguments.studies.iter().map(|id| name::study(id)).collect()
    };
    let in_place = |study: &String| {
        let study = study.clone();
        arguments.roles.iter().map(move |role| v1::Grant {
            role: role.message().into(),
            study: study.clone(),
        })
    };
    places.iter().flat_map(in_place).collect()
}
