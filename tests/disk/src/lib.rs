//! A disk under SQLite that fails when a test says so: the Nth write, sync, truncation, opening or removal is refused, or the
//! power goes at that moment and takes with it what was not synced.
//!
//! It is a VFS of SQLite around the system's own (`unix`), chosen by `vfs=NAME` in the address of a database, so that nothing
//! of the program under test is changed. Beside each file it keeps what a disk would have kept: what was there at the last
//! sync, and every change since. What the program writes to a file past SQLite counts as synced once a sync of it has failed;
//! before that the disk does not see it. [`Disk::after_power_loss`] writes that down, with as much of the changes as a test asks for.

mod files;
mod plan;
mod vfs;

use std::ffi::CString;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use files::Files;
pub use files::Loss;
use plan::Plan;
pub use plan::{Fault, Operation};

/// A disk of its own name. It stays registered with SQLite until the process ends.
#[derive(Debug, Clone, Copy)]
pub struct Disk {
    name: &'static str,
    shared: &'static Shared,
}

/// What the callbacks of the VFS and the test share.
#[derive(Debug, Default)]
pub(crate) struct Shared(Mutex<State>);

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) plan: Plan,
    pub(crate) files: Files,
}

impl Shared {
    /// The state is whole between any two calls, also after a panic elsewhere.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disk {
    /// Registers a disk with SQLite.
    ///
    /// # Errors
    /// The name cannot be one, or SQLite refuses.
    pub fn register(name: &'static str) -> io::Result<Self> {
        let shared: &'static Shared = Box::leak(Box::default());
        vfs::register(CString::new(name)?, shared)?;
        Ok(Self { name, shared })
    }

    /// The address of a database on this disk.
    #[must_use]
    pub fn url(&self, database: &Path) -> String {
        format!("sqlite://{}?vfs={}", database.display(), self.name)
    }

    /// Forgets all files and lets the operation numbered `at`, from 1, fail.
    pub fn fail(&self, fault: Fault, at: u64) {
        let mut state = self.shared.lock();
        state.files = Files::default();
        state.plan = Plan::new(fault, at);
    }

    /// What the program writes past SQLite never reaches the disk, until [`Disk::fail`]: as if it wrote nothing so.
    pub fn forget_writes_past_sqlite(&self) {
        self.shared.lock().files.forget_past();
    }

    /// The operation that failed, once it has.
    #[must_use]
    pub fn struck(&self) -> Option<Operation> {
        self.shared.lock().plan.struck()
    }

    /// How many operations there were since [`Disk::fail`].
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.shared.lock().plan.operations()
    }

    /// The program has ended without closing anything, and the system goes on: its files, as the system shows them, are
    /// copied into the folder `to`, and the disk holds of them there what it held.
    ///
    /// # Errors
    /// Whatever keeps a file from being copied.
    pub fn after_the_end(&self, to: &Path) -> io::Result<()> {
        self.shared.lock().files.copy_to(to)
    }

    /// Writes into the folder `to` what the disk holds when the power goes now.
    ///
    /// # Errors
    /// Whatever keeps a file from being written.
    pub fn after_power_loss(&self, loss: Loss, to: &Path) -> io::Result<()> {
        self.shared.lock().files.after_power_loss(loss, to)
    }
}
