//! The settings of a server: from a file, then the environment, then the command line.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use diel_core::nearest;
use diel_server::Settings;
use toml::{Table, Value};

use super::keys::{KEYS, OTHER_VARIABLES, variable};
use super::origin::Origin;
use super::problem::{Problem, Problems, Unknown};
use crate::output;

/// Settings as far as they could be read, where each comes from, and what is wrong with them.
#[derive(Debug)]
pub(super) struct Gathered {
    /// The settings; a value that was refused is as if it had not been set.
    pub(super) settings: Settings,
    /// Everything that is wrong, in the order of reading.
    pub(super) problems: Vec<Problem>,
    origins: HashMap<&'static str, Origin>,
}

impl Gathered {
    /// Where the value of a key comes from.
    pub(super) fn origin(&self, key: &str) -> &Origin {
        self.origins.get(key).unwrap_or(&Origin::Default)
    }

    /// The settings, when nothing is wrong with them.
    ///
    /// # Errors
    /// All problems at once.
    pub(super) fn usable(self) -> Result<Settings, Problems> {
        if self.problems.is_empty() {
            Ok(self.settings)
        } else {
            Err(Problems(self.problems))
        }
    }
}

/// Puts the settings together and checks them. A key that nobody knows is refused with the known one that looks most
/// like it.
pub(super) fn gather(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
    options: impl IntoIterator<Item = (&'static str, Option<String>)>,
) -> Gathered {
    let mut reading = Reading::default();
    if let Some(path) = file {
        reading.read_file(path);
    }
    let ours = |(name, _): &(String, String)| name.starts_with("DIEL_");
    for (name, text) in environment.into_iter().filter(ours) {
        match KEYS.iter().find(|key| variable(key) == name) {
            Some(key) => reading.read_text(key, text, &name, Origin::Environment(name.clone())),
            None if OTHER_VARIABLES.contains(&name.as_str()) => {}
            None => output::tell(&format!(
                "warning: {}",
                unknown(name, KEYS.iter().map(|key| variable(key)))
            )),
        }
    }
    for (key, text) in options {
        if let Some(text) = text {
            reading.read_text(key, text, &format!("--{key}"), Origin::Option(key));
        }
    }
    reading.finish()
}

/// Values that were found good each by itself.
#[derive(Debug, Default)]
struct Reading {
    table: Table,
    origins: HashMap<&'static str, Origin>,
    problems: Vec<Problem>,
}

impl Reading {
    fn read_file(&mut self, path: &Path) {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(source) => {
                let path = path.to_owned();
                return self.problems.push(Problem::Unreadable { path, source });
            }
        };
        let table: Table = match toml::from_str(&text) {
            Ok(table) => table,
            Err(error) => {
                let path = path.to_owned();
                return self.problems.push(Problem::syntax(path, &text, &error));
            }
        };
        for (key, value) in flattened(table) {
            match KEYS.iter().find(|known| **known == key) {
                Some(known) => {
                    let shown = serde_json::json!(value).to_string();
                    if let Err(rule) = self.set(known, value, Origin::File(path.to_owned())) {
                        self.problems.push(Problem::InFile {
                            path: path.to_owned(),
                            key: known,
                            value: shown,
                            rule,
                        });
                    }
                }
                None => self.problems.push(Problem::Unknown {
                    path: path.to_owned(),
                    unknown: unknown(key, KEYS.iter().map(ToString::to_string)),
                }),
            }
        }
    }

    /// Sets a key from text, a number or a truth value where it is one. `source_name` is what the reader knows the
    /// text by.
    fn read_text(&mut self, key: &'static str, text: String, source_name: &str, origin: Origin) {
        let value = match (text.parse(), text.parse()) {
            (Ok(number), _) => Value::Integer(number),
            (_, Ok(truth)) => Value::Boolean(truth),
            _ => Value::String(text.clone()),
        };
        if let Err(rule) = self.set(key, value, origin) {
            self.problems.push(Problem::Text {
                source_name: source_name.to_owned(),
                text,
                rule,
            });
        }
    }

    /// Takes a value that is of the right kind, else says what it should be.
    fn set(&mut self, key: &'static str, value: Value, origin: Origin) -> Result<(), String> {
        let mut alone = Table::new();
        insert(&mut alone, key, value.clone());
        alone
            .try_into::<Settings>()
            .map_err(|error| error.message().to_owned())?;
        insert(&mut self.table, key, value);
        self.origins.insert(key, origin);
        Ok(())
    }

    fn finish(mut self) -> Gathered {
        // Cannot fail: each value was checked where its place could still be named.
        let settings: Settings = self.table.try_into().unwrap_or_default();
        if let Err(refused) = settings.check() {
            for problem in refused.0 {
                let origin = self.origins.get(problem.key());
                let origin = origin.cloned().unwrap_or(Origin::Default);
                let problem = diel_server::Problems(vec![problem]).to_string();
                self.problems.push(Problem::Rule { problem, origin });
            }
        }
        Gathered {
            settings,
            problems: self.problems,
            origins: self.origins,
        }
    }
}

/// The keys of a table with their values, those of sections behind the section's name.
fn flattened(table: Table) -> Vec<(String, Value)> {
    let mut keys = Vec::new();
    for (key, value) in table {
        match value {
            Value::Table(section) => {
                keys.extend(
                    section
                        .into_iter()
                        .map(|(inner, value)| (format!("{key}.{inner}"), value)),
                );
            }
            value => keys.push((key, value)),
        }
    }
    keys
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

fn unknown(name: String, known: impl Iterator<Item = String>) -> Unknown {
    let known: Vec<String> = known.collect();
    let likely = nearest(&name, known.iter().map(String::as_str)).map(str::to_owned);
    Unknown { name, likely }
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

    fn refused(file: Option<&Path>, environment: &[(&str, &str)]) -> String {
        let environment = environment
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let gathered = gather(file, environment, []);
        gathered.usable().unwrap_err().to_string()
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
        let gathered = gather(Some(file.path()), environment, given);
        assert_eq!(gathered.origin("listen"), &Origin::Option("listen"));
        let variable = Origin::Environment("DIEL_DATABASE".to_owned());
        assert_eq!(gathered.origin("database"), &variable);
        let from_file = Origin::File(file.path().to_owned());
        assert_eq!(gathered.origin("limits.readers"), &from_file);
        assert_eq!(gathered.origin("web"), &Origin::Default);
        let settings = gathered.usable().unwrap();
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
        let refused = refused(Some(file.path()), &[]);
        assert!(
            refused
                .contains("`limits.batch_row` is not a setting; did you mean `limits.batch_rows`?"),
            "{refused}"
        );
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_refused_where_it_stands() {
        let file = file("listen = 7");
        let message = refused(Some(file.path()), &[]);
        assert!(message.contains("listen = 7: invalid type"), "{message}");
        let given = [("listen", Some("everywhere".to_owned()))];
        let message = gather(None, [], given).usable().unwrap_err().to_string();
        assert!(
            message.starts_with("--listen `everywhere`: invalid socket address"),
            "{message}"
        );
        let message = refused(None, &[("DIEL_LIMITS_READERS", "many")]);
        assert!(
            message.starts_with("DIEL_LIMITS_READERS `many`: "),
            "{message}"
        );
    }

    #[test]
    fn a_line_that_is_no_toml_is_told_by_its_number_for_it_may_hold_a_password() {
        let file = file("web = 'off'\ndatabase = 'postgres://diel:hunter2@db/diel");
        let message = refused(Some(file.path()), &[]);
        assert!(message.contains(", line 2: "), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }

    #[test]
    fn what_is_wrong_in_all_places_is_said_at_once() {
        let file = file("wbe = 'off'\nlisten = 7\n[limits]\nreaders = 0");
        let message = refused(
            Some(file.path()),
            &[
                ("DIEL_LIMITS_CALL_SECONDS", "0"),
                ("DIEL_ACCESS", "everybody"),
            ],
        );
        for part in [
            "5 settings cannot be used:",
            "`wbe` is not a setting; did you mean `web`?",
            "listen = 7: invalid type",
            "DIEL_ACCESS `everybody`: unknown variant",
            "limits.call_seconds = 0: has to be 1 to 86400 (environment DIEL_LIMITS_CALL_SECONDS)",
            "limits.readers = 0: has to be 1 to 1000 (file ",
        ] {
            assert!(message.contains(part), "{part}\nis not in\n{message}");
        }
    }

    #[test]
    fn every_key_is_a_variable_too() {
        for key in KEYS {
            let text = match *key {
                "listen" | "web" => "127.0.0.1:9",
                "access" => "tokens",
                "behind_tls_proxy" => "true",
                "database" | "tls.certificate" | "tls.key" | "tls.client_ca" | "codes.key_file" => {
                    "sqlite://there"
                }
                _ => "1",
            };
            let name = variable(key);
            let gathered = gather(None, [(name.clone(), text.to_owned())], []);
            assert_eq!(gathered.origin(key), &Origin::Environment(name), "{key}");
        }
    }
}
