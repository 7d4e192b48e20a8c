//! Rate, errors and duration: of every method of gRPC, and of every page.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tonic::Code;

use super::{Counts, Labels, Levels};

/// Seconds: from a read of one row to the longest that a call may take by default.
const SECONDS: [f64; 14] = [
    0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0,
];

type Seconds<L> = Family<L, Histogram, fn() -> Histogram>;

fn seconds<L: Clone + std::hash::Hash + Eq>() -> Seconds<L> {
    Family::new_with_constructor(|| Histogram::new(SECONDS))
}

/// Calls of gRPC.
#[derive(Debug, Clone)]
pub(crate) struct Calls {
    ended: Counts<2>,
    seconds: Seconds<Labels<1>>,
    in_flight: Levels<1>,
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            ended: Counts::default(),
            seconds: seconds(),
            in_flight: Levels::default(),
        }
    }
}

impl Calls {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "diel_grpc_calls",
            "Calls that ended, by method and gRPC code; CANCELLED are those whose callers did not wait for the end",
            self.ended.clone(),
        );
        registry.register(
            "diel_grpc_call_seconds",
            "Calls from their head to the end of the answer; streams last as long as they are open",
            self.seconds.clone(),
        );
        registry.register(
            "diel_grpc_calls_in_flight",
            "Calls that have begun and not ended",
            self.in_flight.clone(),
        );
    }

    /// Puts the series of defects at 0: one that began with its first defect would never be seen to rise.
    pub(super) fn expect_defects(&self, methods: impl Iterator<Item = &'static str>) {
        for method in methods {
            let labels = [("method", method), ("code", code_word(Code::Internal))];
            drop(self.ended.get_or_create(&labels));
        }
    }

    /// A call of a method has begun.
    pub(crate) fn begin(&self, method: &'static str) {
        self.in_flight.get_or_create(&[("method", method)]).inc();
    }

    /// A call that had begun has ended.
    pub(crate) fn end(&self, method: &'static str, code: Code, lasted: Duration) {
        self.in_flight.get_or_create(&[("method", method)]).dec();
        self.seconds
            .get_or_create(&[("method", method)])
            .observe(lasted.as_secs_f64());
        self.ended
            .get_or_create(&[("method", method), ("code", code_word(code))])
            .inc();
    }
}

/// Requests to the console. A page's label is its route as the code writes it, with the names of its parts in place of what
/// they were.
#[derive(Debug, Clone)]
pub(crate) struct Pages {
    ended: Family<[(&'static str, String); 2], Counter>,
    seconds: Seconds<[(&'static str, String); 1]>,
}

impl Default for Pages {
    fn default() -> Self {
        Self {
            ended: Family::default(),
            seconds: seconds(),
        }
    }
}

impl Pages {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "diel_console_requests",
            "Requests to the console that were answered, by route and HTTP status",
            self.ended.clone(),
        );
        registry.register(
            "diel_console_request_seconds",
            "Requests to the console until the head of the answer",
            self.seconds.clone(),
        );
    }

    /// A page was answered.
    pub(crate) fn end(&self, route: &str, status: u16, lasted: Duration) {
        self.seconds
            .get_or_create(&[("route", route.to_owned())])
            .observe(lasted.as_secs_f64());
        self.ended
            .get_or_create(&[("route", route.to_owned()), ("status", status.to_string())])
            .inc();
    }
}

/// A code as the protocol names it.
pub(crate) const fn code_word(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
