//! Which operation fails, and how.

use std::ffi::c_int;

use rusqlite::ffi;

/// An operation that can fail. Reading always succeeds while there is power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Bytes are written.
    Write,
    /// Changes are brought to the disk.
    Sync,
    /// A file is cut.
    Truncate,
    /// A file is opened.
    Open,
    /// A file is removed.
    Delete,
}

impl Operation {
    fn error(self) -> c_int {
        match self {
            Self::Write => ffi::SQLITE_IOERR_WRITE,
            Self::Sync => ffi::SQLITE_IOERR_FSYNC,
            Self::Truncate => ffi::SQLITE_IOERR_TRUNCATE,
            Self::Open => ffi::SQLITE_CANTOPEN,
            Self::Delete => ffi::SQLITE_IOERR_DELETE,
        }
    }
}

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The system reports an error, once. After a failed sync what it should have brought to the disk never gets there.
    Error,
    /// Half of the bytes are written, then the system reports an error, once.
    ShortWrite,
    /// There is no room, once.
    NoSpace,
    /// The power goes: nothing happens any more.
    PowerLoss,
}

/// What becomes of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ruling {
    Done,
    Refused(c_int),
    HalfWritten(c_int),
}

#[derive(Debug, Default)]
pub(crate) struct Plan {
    fault: Option<Fault>,
    at: u64,
    operations: u64,
    struck: Option<Operation>,
}

impl Plan {
    pub(crate) fn new(fault: Fault, at: u64) -> Self {
        Self {
            fault: Some(fault),
            at,
            ..Self::default()
        }
    }

    pub(crate) fn struck(&self) -> Option<Operation> {
        self.struck
    }

    pub(crate) fn operations(&self) -> u64 {
        self.operations
    }

    /// Whether the power is gone.
    pub(crate) fn is_dark(&self) -> bool {
        self.struck.is_some() && self.fault == Some(Fault::PowerLoss)
    }

    pub(crate) fn rule(&mut self, operation: Operation) -> Ruling {
        if self.is_dark() {
            return Ruling::Refused(operation.error());
        }
        self.operations += 1;
        let Some(fault) = self.fault.filter(|_| self.operations == self.at) else {
            return Ruling::Done;
        };
        self.struck = Some(operation);
        match (fault, operation) {
            (Fault::ShortWrite, Operation::Write) => Ruling::HalfWritten(ffi::SQLITE_IOERR_WRITE),
            (Fault::NoSpace, Operation::Write | Operation::Truncate) => {
                Ruling::Refused(ffi::SQLITE_FULL)
            }
            _ => Ruling::Refused(operation.error()),
        }
    }
}
