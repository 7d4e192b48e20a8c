//! The operations and their SQL, written once. This folder is compiled for each engine, as a part of that engine's
//! module, which provides the types and words named here.

use super::{AUDIT_TABLES, BEGIN, BEGIN_SNAPSHOT, Conn, Db, MIGRATION_TABLES, STEP_TABLES};

/// A row as the engine returns it.
type Row = <Db as sqlx::Database>::Row;
/// Values bound to a statement.
type Arguments = <Db as sqlx::Database>::Arguments;

pub(crate) use super::scan::Prepared;

#[macro_use]
mod numbers;

mod awakenings;
mod bulk;
mod effects;
mod fields;
mod ground;
mod judge;
mod requests;
mod revise;
pub(crate) mod statements;
mod steps;

pub(crate) mod amend;
pub(crate) mod amendments;
pub(crate) mod audit;
pub(crate) mod batches;
pub(crate) mod case;
pub(crate) mod cohort;
pub(crate) mod controls;
pub(crate) mod conversions;
pub(crate) mod corrections;
pub(crate) mod delete;
pub(crate) mod erase;
pub(crate) mod facts;
pub(crate) mod fits;
pub(crate) mod flags;
pub(crate) mod history;
pub(crate) mod integrity;
pub(crate) mod jobs;
pub(crate) mod methods;
pub(crate) mod overview;
pub(crate) mod participants;
pub(crate) mod policies;
pub(crate) mod preview;
pub(crate) mod principals;
pub(crate) mod profiles;
pub(crate) mod protocols;
pub(crate) mod quality;
pub(crate) mod queue;
pub(crate) mod recall;
pub(crate) mod references;
pub(crate) mod refused_calls;
pub(crate) mod register;
pub(crate) mod results;
pub(crate) mod review;
pub(crate) mod rhythms;
pub(crate) mod samplings;
pub(crate) mod schema;
pub(crate) mod specimens;
pub(crate) mod studies;
pub(crate) mod submit;
pub(crate) mod tokens;
pub(crate) mod watch;
pub(crate) mod write;
