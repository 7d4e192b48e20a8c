//! `diel codes`: what the codes in the answers mean.

use clap::Args;

use crate::output::{Cell, Column, Frame, OutputOptions};

const EXAMPLES: &str = "\
Examples:
  diel codes
  diel codes finding
  diel codes --format csv > codes.csv";

const COLUMNS: &[Column] = &[
    Column::new("kind"),
    Column::new("code"),
    Column::new("meaning"),
];

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CodesArguments {
    /// Only this kind: finding, absence, reason, verdict, condition, missing, shortage, plate and others; all are listed without it.
    kind: Option<String>,

    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: &CodesArguments) -> anyhow::Result<()> {
    let wanted = arguments.kind.as_deref();
    let mut frame = Frame::new(COLUMNS);
    for entry in diel_core::codes().filter(|entry| wanted.is_none_or(|kind| kind == entry.kind)) {
        frame.push(vec![
            Cell::from(entry.kind),
            Cell::from(entry.code),
            Cell::from(entry.meaning),
        ]);
    }
    if let Some(kind) = wanted.filter(|_| frame.is_empty()) {
        anyhow::bail!(
            "there is no kind of code named `{kind}`; the kinds are finding, absence, reason, verdict, condition, missing, shortage, code_shape and others"
        );
    }
    frame.print(arguments.output.format)
}
