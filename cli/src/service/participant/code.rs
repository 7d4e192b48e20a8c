//! Under which code a study stores somebody.

use clap::Args;
use diel_client::v1;

use super::{ServerOptions, StudyOption};
use crate::output::{Column, OutputOptions};
use crate::service::answer::Answer;

const EXAMPLES: &str = "\
A study that keeps codes keyed shows stored codes only, k- and 26 letters for a person, t- for a tube. Whoever may name a person
there learns from this what to look for in answers, exports and the audit trail. Nothing is looked up: the answer does not say
whether there is such a person. In a study that stores codes as they are sent the answer is the code.

Examples:
  diel participant code P-017 --study clinic
  diel participant code P-017-1-07:30 --tube --study clinic
  diel participant code P-017 --study clinic --format json";

const COLUMNS: &[Column] = &[
    Column::headed("code_storage", "codes"),
    Column::headed("stored_code", "stored code"),
];

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CodeArguments {
    /// The code as the laboratory or the study team has it.
    code: String,

    /// It is a tube's code, and not a participant's.
    #[arg(long)]
    tube: bool,

    #[command(flatten)]
    study: StudyOption,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(super) async fn code(arguments: &CodeArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let code = arguments.code.clone();
    let (participant, specimen) = if arguments.tube {
        (String::new(), code)
    } else {
        (code, String::new())
    };
    let stored = client
        .get_stored_code(v1::GetStoredCodeRequest {
            parent: arguments.study.name(),
            participant,
            specimen,
        })
        .await?;
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    answer.row(|records| {
        records.text(match stored.code_storage() {
            v1::CodeStorage::Keyed => "keyed",
            v1::CodeStorage::AsSent | v1::CodeStorage::Unspecified => "as_sent",
        });
        records.text(if arguments.tube {
            &stored.specimen
        } else {
            &stored.participant
        });
        records.end_row();
    })?;
    answer.end(None)
}
