//! `diel`: salivary cortisol rhythms, from a file of samples to flags with their evidence.

mod analyze;
mod arguments;
mod check;
mod code_shapes;
mod codebook;
mod codes;
mod cohort;
mod completions;
mod design;
mod file_options;
mod output;
mod plate;
mod preset;
mod reference_table;
mod refused_cells;
mod rejects;
mod schedule;
mod service;
mod simulate;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command, LogFormat};

/// The input or the service refused; usage errors leave with 2, which clap sees to.
const REFUSED: u8 = 1;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_log(arguments.verbose, arguments.log_format);
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::tell(&format!("error: {error:#}"));
            ExitCode::from(REFUSED)
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Analyze(arguments) => analyze::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Plate(arguments) => plate::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Serve(arguments) => service::serve::run(&arguments),
        Command::Demo(arguments) => service::demo::run(&arguments),
        Command::Study(arguments) => service::study::run(&arguments),
        Command::Submit(arguments) => service::submit::run(&arguments),
        Command::Register(arguments) => service::register::run(&arguments),
        Command::Specimens(arguments) => service::specimens::run(&arguments),
        Command::Amend(arguments) => service::amend::run(&arguments),
        Command::Batches(arguments) => service::batches::run(&arguments),
        Command::Results(arguments) => service::results::run(&arguments),
        Command::Fhir(arguments) => service::fhir::run(&arguments),
        Command::Protocol(arguments) => service::protocol::run(&arguments),
        Command::Compliance(arguments) => service::compliance::run(&arguments),
        Command::Profiles(arguments) => service::profiles::run(&arguments),
        Command::Rhythms(arguments) => service::rhythms::run(&arguments),
        Command::Participant(arguments) => service::participant::run(&arguments),
        Command::Policy(arguments) => service::policy::run(&arguments),
        Command::Quality(arguments) => service::quality::run(&arguments),
        Command::Flags(arguments) => service::flags::run(&arguments),
        Command::Audit(arguments) => service::audit::run(&arguments),
        Command::Backup(arguments) => service::keep::back_up(&arguments),
        Command::Restore(arguments) => service::keep::restore(&arguments),
        Command::Verify(arguments) => service::keep::verify(&arguments),
        Command::Method(arguments) => service::method::run(&arguments),
        Command::Conversion(arguments) => service::conversion::run(&arguments),
        Command::Reference(arguments) => service::reference::run(&arguments),
        Command::Token(arguments) => service::token::run(&arguments),
        Command::Role(arguments) => service::role::run(&arguments),
        Command::Health(arguments) => service::health::run(&arguments),
        Command::Whoami(arguments) => service::whoami::run(&arguments),
        Command::Plot(arguments) => service::plot::run(&arguments),
        Command::Cohort(arguments) => cohort::run(&arguments),
        Command::Design(arguments) => design::run(&arguments),
        Command::Codebook(arguments) => codebook::run(&arguments),
        Command::Codes(arguments) => codes::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
    }
}

fn start_log(verbose: u8, format: LogFormat) {
    let default = match verbose {
        // The SVG reader warns of a rule for dark screens, which a PNG has no use for.
        0 => "warn,simplecss=off",
        1 => "info,simplecss=off",
        _ => "debug",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("DIEL_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(default));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().with_span_list(false).init(),
    }
}

/// `diel ... | head` is no failure.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
