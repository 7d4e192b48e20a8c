//! `diel serve --check-config`: what would be served, and from which word each setting comes.

use std::io::Write as _;

use serde_json::Value;

use super::keys::KEYS;
use super::problem::Problems;
use super::settings::Gathered;

/// Prints every setting with its origin, as TOML that `--config` reads again, and then everything that is wrong.
///
/// # Errors
/// All problems at once.
pub(super) fn check(gathered: Gathered) -> anyhow::Result<()> {
    let shown = serde_json::to_value(gathered.settings.shown())?;
    let lines: Vec<(String, String)> = KEYS
        .iter()
        .map(|key| {
            let origin = gathered.origin(key);
            match value(&shown, key) {
                Some(value) => (format!("{key} = {value}"), format!("# {origin}")),
                None => (format!("# {key} is not set"), String::new()),
            }
        })
        .collect();
    let width = lines.iter().map(|(line, _)| line.len()).max().unwrap_or(0);
    let mut out = std::io::stdout().lock();
    for (line, origin) in lines {
        let line = format!("{line:width$}  {origin}");
        writeln!(out, "{}", line.trim_end())?;
    }
    out.flush()?;
    if gathered.problems.is_empty() {
        Ok(())
    } else {
        Err(Problems(gathered.problems).into())
    }
}

/// The value of a key as TOML has it; `None` when it is not set.
pub(super) fn value(settings: &Value, key: &str) -> Option<String> {
    let pointer = format!("/{}", key.replace('.', "/"));
    match settings.pointer(&pointer) {
        None | Some(Value::Null) => None,
        Some(value) => Some(value.to_string()),
    }
}
