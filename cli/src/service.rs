//! The commands that run the service or talk to one.

pub(crate) mod amend;
mod answer;
pub(crate) mod audit;
pub(crate) mod batches;
pub(crate) mod cohort;
pub(crate) mod compliance;
mod condition;
pub(crate) mod connect;
pub(crate) mod conversion;
pub(crate) mod demo;
pub(crate) mod fhir;
pub(crate) mod flags;
pub(crate) mod health;
mod instant;
pub(crate) mod keep;
pub(crate) mod method;
pub(crate) mod name;
pub(crate) mod participant;
pub(crate) mod plot;
pub(crate) mod policy;
pub(crate) mod profiles;
pub(crate) mod protocol;
pub(crate) mod quality;
pub(crate) mod reference;
pub(crate) mod register;
pub(crate) mod results;
mod revised;
pub(crate) mod rhythms;
pub(crate) mod role;
pub(crate) mod serve;
pub(crate) mod specimens;
mod stop;
pub(crate) mod study;
pub(crate) mod submit;
pub(crate) mod token;
mod unit;
pub(crate) mod whoami;
mod whole_file;

use std::future::Future;

/// Runs a command that waits for the network: one thread is plenty, for there is one connection.
pub(crate) fn run_client(command: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(command)
}

/// Runs a command that serves others, on all cores.
pub(crate) fn run_server(command: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let ended = runtime.block_on(command);
    // A fit under way cannot be stopped and is not waited for: its job is taken up again.
    runtime.shutdown_background();
    ended
}
