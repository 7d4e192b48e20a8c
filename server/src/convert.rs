//! Wire types stop here: one module a resource, each turning messages into checked values and back.

pub(crate) mod access;
pub(crate) mod audit;
pub(crate) mod batch;
pub(crate) mod collection;
pub(crate) mod compliance;
pub(crate) mod control;
pub(crate) mod correction;
pub(crate) mod design;
pub(crate) mod filter;
pub(crate) mod fit;
pub(crate) mod flag;
pub(crate) mod mask;
pub(crate) mod measurement;
pub(crate) mod participant;
pub(crate) mod policy;
pub(crate) mod preview;
pub(crate) mod profile;
pub(crate) mod protocol;
pub(crate) mod quality;
pub(crate) mod queue;
pub(crate) mod reference;
pub(crate) mod revision;
pub(crate) mod rhythm;
pub(crate) mod specimen;
pub(crate) mod study;
pub(crate) mod time;
