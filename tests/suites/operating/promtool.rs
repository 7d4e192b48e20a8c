//! Prometheus' own opinion of what is given to it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const MISSING: &str = "promtool is needed to run these tests; they are never skipped. On Debian: \
    apt-get install --no-install-recommends prometheus";

/// What `promtool check metrics` finds wrong with a page of numbers: nothing, when it is good.
pub(crate) fn check_metrics(text: &str) -> String {
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect(MISSING);
    let mut input = promtool.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    let output = promtool.wait_with_output().unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success() || !said.is_empty());
    said
}

/// Asks `promtool check rules` about a file of rules.
pub(crate) fn check_rules(file: &Path) {
    let output = Command::new("promtool")
        .args(["check", "rules"])
        .arg(file)
        .output()
        .expect(MISSING);
    assert!(output.status.success(), "{output:?}");
}

/// Asks `promtool test rules` whether alerts are raised when they should be.
pub(crate) fn test_rules(file: &Path) {
    let output = Command::new("promtool")
        .args(["test", "rules"])
        .arg(file)
        .output()
        .expect(MISSING);
    assert!(output.status.success(), "{output:?}");
}
