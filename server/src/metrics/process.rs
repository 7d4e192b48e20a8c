//! What the system says of this process, under the names that Prometheus' own clients use. Elsewhere than on Linux nothing.

use std::fs;
use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Ticks of processor time in a second: fixed by Linux for what it tells programs.
const TICKS_A_SECOND: f64 = 100.0;

#[derive(Debug, Clone, Default)]
pub(super) struct Process {
    resident_bytes: Gauge,
    open_descriptors: Gauge,
    most_descriptors: Gauge,
    processor_seconds: Counter<f64, AtomicU64>,
}

impl Process {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "process_resident_memory_bytes",
            "Memory of this process that is in RAM",
            self.resident_bytes.clone(),
        );
        registry.register(
            "process_open_fds",
            "File descriptors of this process that are open",
            self.open_descriptors.clone(),
        );
        registry.register(
            "process_max_fds",
            "Most file descriptors that this process may open",
            self.most_descriptors.clone(),
        );
        registry.register(
            "process_cpu_seconds",
            "Processor time of this process, in the system and outside",
            self.processor_seconds.clone(),
        );
    }

    pub(super) fn look(&self) {
        if let Some(kib) = first_number("/proc/self/status", "VmRSS:") {
            self.resident_bytes.set(kib.saturating_mul(1024));
        }
        if let Some(most) = first_number("/proc/self/limits", "Max open files") {
            self.most_descriptors.set(most);
        }
        if let Ok(open) = fs::read_dir("/proc/self/fd") {
            // One is that of looking.
            let open = open.count().saturating_sub(1);
            self.open_descriptors
                .set(i64::try_from(open).unwrap_or(i64::MAX));
        }
        if let Some(seconds) = processor_seconds() {
            let more = seconds - self.processor_seconds.get();
            if more > 0.0 {
                self.processor_seconds.inc_by(more);
            }
        }
    }
}

/// The first number of the line that begins with a word.
fn first_number(file: &str, word: &str) -> Option<i64> {
    let text = fs::read_to_string(file).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(word))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// User and system time: the 12th and 13th word behind the name, which stands in brackets and may hold blanks.
fn processor_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, behind) = text.rsplit_once(')')?;
    let ticks: Vec<f64> = behind
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|word| word.parse().ok())
        .collect::<Option<_>>()?;
    Some(ticks.iter().sum::<f64>() / TICKS_A_SECOND)
}
