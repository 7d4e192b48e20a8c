//! What the suites share: databases, whole services, and rows to send them.

pub mod database;
pub mod envoy;
pub mod faults;
pub mod frames;
pub mod http;
pub mod killing;
pub mod line;
pub mod load;
pub mod postgres;
pub mod process;
pub mod random;
pub mod rejudging;
pub mod replicas;
pub mod reviewers;
pub mod rows;
pub mod service;
pub mod spread;
pub mod token;
pub mod traces;
pub mod traffic;
pub mod trail;
