//! `diel fhir`: samples and results as resources of HL7 FHIR R4.

mod export;
mod import;
mod person;
mod sending;

use clap::{Args, Subcommand};

use super::connect::ServerOptions;
use crate::service;

const EXAMPLES: &str = "\
Results are Observations (LOINC 51844-9 or 2142-8, UCUM units), tubes are Specimens; persons are named by their pseudonymous code
alone. Flags and rhythms are not exported: a flag is a reason to look again, never a statement about a person.

Examples:
  diel fhir export --study pilot --out pilot.json
  diel fhir export --study pilot --lines --out pilot.ndjson
  diel fhir import pilot.json --study second --validate-only
  diel fhir import pilot.json --study second --lab \"Lab 7\"";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct FhirArguments {
    #[command(subcommand)]
    command: FhirCommand,
}

#[derive(Debug, Subcommand)]
enum FhirCommand {
    /// Write the tubes, results in force and days of a study.
    Export(export::ExportArguments),
    /// Send the results, tubes and days of a file to a study.
    Import(import::ImportArguments),
}

pub(crate) fn run(arguments: &FhirArguments) -> anyhow::Result<()> {
    match &arguments.command {
        FhirCommand::Export(arguments) => service::run_client(export::export(arguments)),
        FhirCommand::Import(arguments) => service::run_client(import::import(arguments)),
    }
}
