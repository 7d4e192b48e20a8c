//! `diel role`: what principals may do, and where.

use clap::{Args, Subcommand, ValueEnum};
use diel_client::v1;

use super::connect::ServerOptions;
use super::{answer, name};
use crate::output::{Column, OutputOptions, Records};
use crate::service;
use crate::service::answer::Answer;

pub(super) const COLUMNS: &[Column] = &[
    Column::new("principal"),
    Column::new("role"),
    Column::new("study"),
];

/// What stands for all studies in answers.
const ALL_STUDIES: &str = "all studies";

const EXAMPLES: &str = "\
  submitter   sends and amends results, and sees what was sent
  researcher  reads everything of a study, fits its cohort, and keeps its participants' facts
  reviewer    reads everything of a study and decides about its flags
  admin       all of that, and the study's policy, and who may do what in it

Examples:
  diel role list
  diel role list --study pilot
  diel role grant carol --role reviewer --study pilot
  diel role take carol --role reviewer --study pilot";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RoleArguments {
    #[command(subcommand)]
    command: RoleCommand,
}

#[derive(Debug, Subcommand)]
enum RoleCommand {
    /// List who may do what: everywhere, or what is granted in one study by its name.
    List(ListArguments),
    /// Grant a role to a principal that has had a token.
    Grant(ChangeArguments),
    /// Take a role from a principal.
    Take(ChangeArguments),
}

/// What a principal may do.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum RoleChoice {
    /// Sends and amends results, and sees what was sent.
    Submitter,
    /// Reads everything of a study, fits its cohort, and keeps its participants' facts.
    Researcher,
    /// Reads everything of a study and decides about its flags.
    Reviewer,
    /// Does all of that, and changes what the study is judged by and who may call.
    Admin,
}

impl RoleChoice {
    pub(super) const fn message(self) -> v1::Role {
        match self {
            Self::Submitter => v1::Role::Submitter,
            Self::Researcher => v1::Role::Researcher,
            Self::Reviewer => v1::Role::Reviewer,
            Self::Admin => v1::Role::Admin,
        }
    }
}

#[derive(Debug, Args)]
struct ListArguments {
    /// Only principals that are granted something in this study by its name, such as pilot.
    #[arg(long, value_name = "STUDY")]
    study: Option<String>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Debug, Args)]
struct ChangeArguments {
    /// The principal, such as carol.
    principal: String,

    /// The role.
    #[arg(long, value_enum, value_name = "ROLE")]
    role: RoleChoice,

    #[command(flatten)]
    place: PlaceOption,

    #[command(flatten)]
    server: ServerOptions,
}

/// One study or all of them: it has to be said which.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct PlaceOption {
    /// In this study, such as pilot.
    #[arg(long, value_name = "STUDY")]
    study: Option<String>,

    /// In all studies, also those to come.
    #[arg(long)]
    all_studies: bool,
}

impl PlaceOption {
    fn name(&self) -> String {
        self.study.as_deref().map(name::study).unwrap_or_default()
    }
}

pub(crate) fn run(arguments: &RoleArguments) -> anyhow::Result<()> {
    match &arguments.command {
        RoleCommand::List(arguments) => service::run_client(list(arguments)),
        RoleCommand::Grant(arguments) => service::run_client(grant(arguments)),
        RoleCommand::Take(arguments) => service::run_client(take(arguments)),
    }
}

async fn list(arguments: &ListArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let parent = arguments.study.as_deref().map(name::study);
    let mut principals = client.list(v1::ListPrincipalsRequest {
        parent: parent.unwrap_or_default(),
        ..Default::default()
    });
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    while let Some(principal) = principals.next().await {
        let principal = principal?;
        for grant in &principal.grants {
            answer.row(|records| write(records, &principal, grant))?;
        }
    }
    answer.end(None)
}

async fn grant(arguments: &ChangeArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let request = v1::GrantRoleRequest {
        name: name::principal(&arguments.principal),
        role: arguments.role.message().into(),
        study: arguments.place.name(),
    };
    say(&client.grant_role(request).await?)
}

async fn take(arguments: &ChangeArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let request = v1::TakeRoleRequest {
        name: name::principal(&arguments.principal),
        role: arguments.role.message().into(),
        study: arguments.place.name(),
    };
    say(&client.take_role(request).await?)
}

fn say(principal: &v1::Principal) -> anyhow::Result<()> {
    let grants: Vec<String> = principal.grants.iter().map(in_words).collect();
    let has = if grants.is_empty() {
        "no role".to_owned()
    } else {
        grants.join(", ")
    };
    answer::say(&format!("{} has {has}", name::id(&principal.name)))
}

/// `reviewer in pilot`.
pub(super) fn in_words(grant: &v1::Grant) -> String {
    format!("{} in {}", word(grant), place(grant))
}

/// A row of [`COLUMNS`].
pub(super) fn write(records: &mut dyn Records, principal: &v1::Principal, grant: &v1::Grant) {
    records.text(name::id(&principal.name));
    records.text(&word(grant));
    records.text(place(grant));
    records.end_row();
}

fn word(grant: &v1::Grant) -> String {
    let name = grant.role().as_str_name();
    name.trim_start_matches("ROLE_").to_lowercase()
}

fn place(grant: &v1::Grant) -> &str {
    if grant.study.is_empty() {
        ALL_STUDIES
    } else {
        name::id(&grant.study)
    }
}
