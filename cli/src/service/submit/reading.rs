//! The second reading: good rows become batches, while those before them are on their way.

use std::sync::Arc;
use std::thread;

use diel_import::{ImportError, ImportOptions};
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::batches::{Batcher, FileBatch};
use super::input::Input;
use super::message::Ready;

/// Batches that are ready before they can be sent; beyond it the reader waits.
const READ_AHEAD: usize = 2;

/// A batch, or why there are no more.
pub(super) type Read = Result<FileBatch, ImportError>;

/// Reads the good rows of a file, on a thread of its own, into batches in the order of the file.
///
/// Rows that are refused are left out: the first reading has told of them.
///
/// # Errors
/// No thread can be started.
pub(super) fn batches(
    input: Arc<Input>,
    options: ImportOptions,
    batcher: Batcher,
) -> std::io::Result<Receiver<Read>> {
    let (sender, receiver) = mpsc::channel(READ_AHEAD);
    thread::Builder::new()
        .name("reader".to_owned())
        .spawn(move || read(&input, &options, batcher, &sender))?;
    Ok(receiver)
}

/// Nobody receives any more when the service was lost: the process is about to end, and this thread with it.
fn read(input: &Input, options: &ImportOptions, mut batcher: Batcher, batches: &Sender<Read>) {
    let scanned = diel_import::scan(input.path(), options, &mut |_, _| (), |row| {
        if let Some(batch) = Ready::of(row).ok().and_then(|ready| batcher.push(ready)) {
            let _ = batches.blocking_send(Ok(batch));
        }
    });
    match scanned {
        Ok(_) => batcher.finish().for_each(|batch| {
            let _ = batches.blocking_send(Ok(batch));
        }),
        Err(error) => {
            let _ = batches.blocking_send(Err(input.named(error)));
        }
    }
}
