//! What can go wrong inside a transaction, and what is worth another attempt.

use sqlx::postgres::PgDatabaseError;

use crate::StoreError;
use crate::error::EngineFault;

/// Why a transaction did not reach its end.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The caller's request cannot be met; asking again changes nothing.
    Refused(StoreError),
    /// Another writer changed what was read. The operation starts again on what is there now.
    Stale,
    /// The engine failed.
    Engine(sqlx::Error),
    /// The engine went away while it committed, and did not say whether it had.
    InDoubt(sqlx::Error),
}

impl From<StoreError> for Fault {
    fn from(refusal: StoreError) -> Self {
        Self::Refused(refusal)
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Engine(error)
    }
}

impl Fault {
    /// Why a commit was not confirmed: the engine said that it did not, or said nothing.
    pub(crate) fn of_commit(error: sqlx::Error) -> Self {
        if leaves_open(&error) {
            Self::InDoubt(error)
        } else {
            Self::Engine(error)
        }
    }

    /// What the engine said, when it is the engine that failed.
    pub(crate) fn engine(&self) -> Option<&sqlx::Error> {
        match self {
            Self::Engine(error) | Self::InDoubt(error) => Some(error),
            Self::Refused(_) | Self::Stale => None,
        }
    }

    /// Whether the same operation can be expected to succeed when it starts again: another writer came between.
    pub(crate) fn passes(&self) -> bool {
        match self {
            Self::Stale => true,
            Self::Refused(_) | Self::InDoubt(_) => false,
            Self::Engine(error) => match error.as_database_error().and_then(|error| error.code()) {
                // PostgreSQL: serialization failure, deadlock, a key that another writer took first.
                // SQLite: a busy snapshot, and the same two kinds of taken keys.
                Some(code) => matches!(
                    code.as_ref(),
                    "40001" | "40P01" | "23505" | "517" | "1555" | "2067"
                ),
                None => false,
            },
        }
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(refusal) => refusal,
            Fault::Stale => Self::Unavailable(EngineFault::new(Contended)),
            Fault::InDoubt(error) => Self::InDoubt(without_values(error)),
            Fault::Engine(error) if is_outage(&error) => Self::Unavailable(without_values(error)),
            Fault::Engine(error) => Self::Engine(without_values(error)),
        }
    }
}

/// What PostgreSQL said, but for the parts that hold values of rows: its detail, its hint and its context always may.
#[derive(Debug, thiserror::Error)]
#[error(
    "{code}: {message} (table {table:?}, column {column:?}, constraint {constraint:?}, in {routine:?})"
)]
struct SaidByPostgres {
    code: String,
    message: String,
    table: Option<String>,
    column: Option<String>,
    constraint: Option<String>,
    routine: Option<String>,
}

/// An error as it may be logged: logs go to more people and places than the data do.
fn without_values(error: sqlx::Error) -> EngineFault {
    let said = error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
    let Some(said) = said else {
        return EngineFault::new(error);
    };
    let owned = |text: Option<&str>| text.map(str::to_owned);
    // Errors of class 22 are about a value, and quote it.
    let message = if said.code().starts_with("22") {
        "a value that the statement cannot take"
    } else {
        said.message()
    };
    EngineFault::new(SaidByPostgres {
        code: said.code().to_owned(),
        message: message.to_owned(),
        table: owned(said.table()),
        column: owned(said.column()),
        constraint: owned(said.constraint()),
        routine: owned(said.routine()),
    })
}

/// The last attempt still met another writer.
#[derive(Debug, thiserror::Error)]
#[error("other writers changed the same rows during every attempt")]
struct Contended;

/// The task that held the transaction ended without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the writer ended before it answered")]
struct Interrupted;

/// For a write whose task was stopped, as at shutdown.
pub(crate) fn interrupted() -> StoreError {
    StoreError::InDoubt(EngineFault::new(Interrupted))
}

/// Whether a commit that ended so may have happened: the connection, its process or its thread is gone, or the disk failed.
fn leaves_open(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error.code().is_some_and(|code| leaves_open_code(&code)),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}

/// PostgreSQL's connections and interventions of an operator; SQLite's errors of the disk.
fn leaves_open_code(code: &str) -> bool {
    const OF_DISK: u32 = 10;
    if code.len() == 5 {
        return code.starts_with("08") || code.starts_with("57P");
    }
    code.parse::<u32>().is_ok_and(|code| code & 0xff == OF_DISK)
}

fn is_outage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| is_outage_code(&code)),
        _ => false,
    }
}

/// PostgreSQL's codes have five characters and a class in the first two; SQLite's are decimal numbers whose lowest
/// byte is the kind.
fn is_outage_code(code: &str) -> bool {
    if code.len() == 5 {
        // Connection, resources, operator intervention, system error, deadlock and serialization, read-only.
        return ["08", "53", "57", "58", "40"]
            .iter()
            .any(|class| code.starts_with(class))
            || code == "25006";
    }
    // Busy, locked, out of memory, read-only, interrupted, disk error, disk full, cannot open.
    code.parse::<u32>()
        .is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 7 | 8 | 9 | 10 | 13 | 14))
}

#[cfg(test)]
mod tests {
    use super::{is_outage_code, leaves_open_code};

    #[test]
    fn outages_are_told_from_refused_statements() {
        for code in ["5", "517", "13", "778", "57P01", "53300", "08006", "40P01"] {
            assert!(is_outage_code(code), "{code}");
        }
        for code in ["1", "19", "2067", "42601", "23505"] {
            assert!(!is_outage_code(code), "{code}");
        }
    }

    #[test]
    fn a_commit_that_was_refused_is_told_from_one_in_doubt() {
        for code in ["1034", "778", "57P01", "08006"] {
            assert!(leaves_open_code(code), "{code}");
        }
        for code in ["5", "13", "19", "40001", "53100", "23505"] {
            assert!(!leaves_open_code(code), "{code}");
        }
    }
}
