//! What `diel` understands on the command line. The arguments of a command live with the command.

use clap::{ArgAction, Parser, Subcommand, ValueEnum};

use crate::service::{
    amend, audit, batches, compliance, conversion, demo, fhir, flags, health, keep, method,
    participant, plot, policy, profiles, protocol, quality, reference, register, results, rhythms,
    role, serve, specimens, study, submit, token, whoami,
};
use crate::{analyze, check, codebook, codes, cohort, completions, design, plate, simulate};

const EXAMPLES: &str = "\
Examples:
  diel analyze samples.csv                         slopes and verdicts of everybody in a file
  diel analyze samples.csv --profiles days.csv     and every day's features
  diel check plate.xlsx                            how a file is understood, and which rows are refused
  diel plate wells.csv --unit nmol/L               concentrations from the optical densities of a plate
  diel simulate --out cohort.csv --truth truth.csv a cohort with known slopes
  diel cohort fit samples.csv --formula F          a mixed model of everybody in a file
  diel design power --power 0.8 --difference-sds 0.5   how many persons show a difference of slopes
  diel demo                                        the service with simulated data, from samples to flags
  diel serve                                       the service, for `study`, `submit` and the queries
  diel codes                                       what the codes in the answers mean

Exit status: 0 done, 1 the input or the service refused, 2 wrong usage.";

/// Salivary cortisol rhythms: from samples to slopes, their uncertainty, and flags for review.
///
/// A flag is a reason to look again, never a statement about a person.
#[derive(Debug, Parser)]
#[command(name = "diel", version, after_help = EXAMPLES, max_term_width = 110, propagate_version = true)]
pub(crate) struct Arguments {
    /// Say more on standard error: -v what happens, -vv in detail.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,

    /// Write the log as text, or as one JSON object a line.
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        value_enum,
        default_value = "text",
        env = "DIEL_LOG_FORMAT"
    )]
    pub(crate) log_format: LogFormat,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How lines of the log are written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LogFormat {
    /// For eyes.
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compute the profiles and rhythms of a file of samples, without a server.
    Analyze(Box<analyze::AnalyzeArguments>),
    /// Show how a file of samples is understood and which rows are refused; nothing is stored.
    Check(Box<check::CheckArguments>),
    /// Turn the optical densities of a plate into concentrations.
    Plate(Box<plate::PlateArguments>),
    /// Make a cohort with known slopes, as a file that `analyze` and `submit` read.
    Simulate(Box<simulate::SimulateArguments>),
    /// Show the whole way from samples to flags, on simulated data.
    Demo(demo::DemoArguments),
    /// Run the service.
    Serve(serve::ServeArguments),
    /// Create, list, show and change studies.
    Study(Box<study::StudyArguments>),
    /// List whose retention ends, and erase a participant from a study.
    Participant(participant::ParticipantArguments),
    /// Show, list and change a study's policy for flags, and see what a change would do.
    Policy(Box<policy::PolicyArguments>),
    /// Send a file of samples to a study.
    Submit(Box<submit::SubmitArguments>),
    /// Send a sampling log to a study: whose which tube is, and when it was filled.
    Register(Box<register::RegisterArguments>),
    /// Show, list and correct what is known of tubes, and find those that wait.
    Specimens(Box<specimens::SpecimensArguments>),
    /// Send a corrected file of results, as new revisions with a reason.
    Amend(Box<amend::AmendArguments>),
    /// List and show batches, recall one and take a recall back.
    Batches(Box<batches::BatchesArguments>),
    /// Show every revision of a specimen's result, or the results of a batch.
    Results(Box<results::ResultsArguments>),
    /// Write a study as HL7 FHIR R4, and read results of other systems.
    Fhir(Box<fhir::FhirArguments>),
    /// Show and set which tubes a day has and when each is due.
    Protocol(Box<protocol::ProtocolArguments>),
    /// Hold actual against planned times: within tolerance, outside, or not known.
    Compliance(Box<compliance::ComplianceArguments>),
    /// Query the profiles of sampling days.
    Profiles(Box<profiles::ProfilesArguments>),
    /// Query the rhythms of participants.
    Rhythms(Box<rhythms::RhythmsArguments>),
    /// List, show and create what a study knows of its assays: limits, reported bias.
    Method(Box<method::MethodArguments>),
    /// List, show and create functions from one assay's concentrations to another's.
    Conversion(Box<conversion::ConversionArguments>),
    /// Query and review flags.
    Flags(Box<flags::FlagsArguments>),
    /// Show what quality control says of batches, and the controls and rules it rests on.
    Quality(Box<quality::QualityArguments>),
    /// Read, export and verify the audit trail.
    Audit(Box<audit::AuditArguments>),
    /// Copy a SQLite database while it is at work.
    Backup(keep::BackupArguments),
    /// Put a copy back where a database is to be.
    Restore(keep::RestoreArguments),
    /// Check that a database is what was stored in it: file, audit trail, rows, numbers.
    Verify(keep::VerifyArguments),
    /// List, show and create the population models that slopes are judged against.
    Reference(reference::ReferenceArguments),
    /// Make, list and end the tokens that callers send.
    Token(token::TokenArguments),
    /// List, grant and take what principals may do.
    Role(role::RoleArguments),
    /// Ask a server whether it takes calls.
    Health(health::HealthArguments),
    /// Show whom the service takes you for.
    Whoami(whoami::WhoAmIArguments),
    /// Draw a participant's samples, curve and posterior.
    Plot(Box<plot::PlotArguments>),
    /// Fit mixed models of a whole cohort, of a file or of a study, and freeze them as references.
    Cohort(cohort::CohortArguments),
    /// Plan a study: how many days make a metric reliable, how many persons show a difference.
    Design(design::DesignArguments),
    /// Describe the columns of profiles, rhythms and flags, and write the syntax that SPSS and Stata read them with.
    Codebook(codebook::CodebookArguments),
    /// List the codes of findings, reasons, verdicts and conditions with their meaning.
    Codes(codes::CodesArguments),
    /// Print a completion script for a shell.
    Completions(completions::CompletionsArguments),
}
