//! The settings of a server: from a file, then the environment, then the command line.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use diel_server::Settings;
use toml::{Table, Value};

use super::keys::{KEYS, OTHER_VARIABLES, variable};
use crate::output;
use diel_core::nearest;

/// Puts the settings together. A key that nobody knows is refused with the known one that looks most like it.
pub(super) fn settings(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
    options: impl IntoIterator<Item = (&'static str, Option<String>)>,
) -> anyhow::Result<Settings> {
    let mut table = file.map_or_else(|| Ok(Table::new()), read)?;
    let ours = |(name, _): &(String, String)| name.starts_with("DIEL_");
    for (name, text) in environment.into_iter().filter(ours) {
        match KEYS.iter().find(|key| variable(key) == name) {
            Some(key) => set(&mut table, key, text, &name)?,
            None if OTHER_VARIABLES.contains(&name.as_str()) => {}
            None => output::tell(&format!(
                "warning: {}",
                unknown(&name, KEYS.iter().map(|key| variable(key)))
            )),
        }
    }
    for (key, text) in options {
        if let Some(text) = text {
            set(&mut table, key, text, &format!("--{key}"))?;
        }
    }
    // Cannot fail: each value was checked where its place could still be named.
    Ok(table.try_into()?)
}

fn read(path: &Path) -> anyhow::Result<Table> {
    let place = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(place)?;
    let table: Table = toml::from_str(&text).with_context(place)?;
    for key in keys_of(&table) {
        if !KEYS.contains(&key.as_str()) {
            anyhow::bail!(
                "{}: {}",
                path.display(),
                unknown(&key, KEYS.iter().map(ToString::to_string))
            );
        }
    }
    // With the text at hand, a value of the wrong kind is shown where it stands.
    toml::from_str::<Settings>(&text).with_context(place)?;
    Ok(table)
}

/// The keys of a table, those of sections behind the section's name.
fn keys_of(table: &Table) -> Vec<String> {
    let mut keys = Vec::new();
    for (key, value) in table {
        match value {
            Value::Table(section) => {
                keys.extend(section.keys().map(|inner| format!("{key}.{inner}")))
            }
            _ => keys.push(key.clone()),
        }
    }
    keys
}

/// Sets a key from text, a number or a truth value where it is one. `source` is what the reader knows the text by.
fn set(table: &mut Table, key: &str, text: String, source: &str) -> anyhow::Result<()> {
    let value = match (text.parse(), text.parse()) {
        (Ok(number), _) => Value::Integer(number),
        (_, Ok(truth)) => Value::Boolean(truth),
        _ => Value::String(text.clone()),
    };
    insert(table, key, value.clone());
    let mut alone = Table::new();
    insert(&mut alone, key, value);
    match alone.try_into::<Settings>() {
        Ok(_) => Ok(()),
        Err(error) => anyhow::bail!("{source} `{text}`: {}", error.message()),
    }
}

fn insert(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((section, inner)) => {
            let section = table
                .entry(section)
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(section) = section {
                section.insert(inner.to_owned(), value);
            }
        }
    }
}

fn unknown(name: &str, known: impl Iterator<Item = String>) -> String {
    let known: Vec<String> = known.collect();
    match nearest(name, known.iter().map(String::as_str)) {
        Some(likely) => format!("`{name}` is not a setting; did you mean `{likely}`?"),
        None => format!("`{name}` is not a setting"),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::io::Write as _;

    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn the_environment_beats_the_file_and_options_beat_both() {
        let file = file(
            "listen = '127.0.0.1:1'\ndatabase = 'sqlite://file'\n[limits]\nbatch_rows = 1\nreaders = 2",
        );
        let environment = [
            ("DIEL_LISTEN", "127.0.0.1:2"),
            ("DIEL_LIMITS_BATCH_ROWS", "22"),
            ("DIEL_DATABASE", "sqlite://env"),
        ]
        .map(|(name, text)| (name.to_owned(), text.to_owned()));
        let given = [
            ("listen", Some("127.0.0.1:3".to_owned())),
            ("database", None),
        ];
        let settings = settings(Some(file.path()), environment, given).unwrap();
        assert_eq!(settings.listen.port(), 3);
        assert_eq!(settings.database, "sqlite://env");
        assert_eq!(
            (settings.limits.batch_rows, settings.limits.readers),
            (22, 2)
        );
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest() {
        let file = file("[limits]\nbatch_row = 1");
        let error = settings(Some(file.path()), [], []).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("`limits.batch_row` is not a setting; did you mean `limits.batch_rows`?"),
            "{error}"
        );
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_refused_where_it_stands() {
        let file = file("listen = 7");
        let error = format!("{:#}", settings(Some(file.path()), [], []).unwrap_err());
        assert!(error.contains("listen = 7"), "{error}");
        let given = [("listen", Some("everywhere".to_owned()))];
        let error = settings(None, [], given).unwrap_err().to_string();
        assert!(
            error.starts_with("--listen `everywhere`: invalid socket address"),
            "{error}"
        );
        let environment = [("DIEL_LIMITS_READERS".to_owned(), "many".to_owned())];
        let error = settings(None, environment, []).unwrap_err().to_string();
        assert!(error.starts_with("DIEL_LIMITS_READERS `many`: "), "{error}");
    }
}
