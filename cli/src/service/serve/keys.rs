//! The names of the settings.

/// The keys of a configuration file; those of a section stand behind its name and a dot.
pub(super) const KEYS: &[&str] = &[
    "listen",
    "web",
    "database",
    "access",
    "behind_tls_proxy",
    "tls.certificate",
    "tls.key",
    "tls.client_ca",
    "codes.key_file",
    "limits.batch_rows",
    "limits.message_bytes",
    "limits.request_bytes",
    "limits.connections",
    "limits.connections_per_address",
    "limits.connection_age_seconds",
    "limits.connection_grace_seconds",
    "limits.streams_per_connection",
    "limits.heavy_calls",
    "limits.calls_per_second",
    "limits.calls_burst",
    "limits.heavy_calls_per_second",
    "limits.heavy_calls_burst",
    "limits.open_streams",
    "limits.simulations",
    "limits.call_seconds",
    "limits.drain_seconds",
    "limits.job_lease_seconds",
    "limits.readers",
];

/// Variables of the environment that begin like settings and are not.
pub(super) const OTHER_VARIABLES: &[&str] = &[
    "DIEL_CONFIG",
    "DIEL_SERVER",
    "DIEL_TOKEN",
    "DIEL_TOKEN_FILE",
    "DIEL_CA_FILE",
    "DIEL_CERTIFICATE_FILE",
    "DIEL_KEY_FILE",
    "DIEL_LOG",
    "DIEL_LOG_FORMAT",
];

/// `limits.batch_rows` is DIEL_LIMITS_BATCH_ROWS.
pub(super) fn variable(key: &str) -> String {
    format!("DIEL_{}", key.replace('.', "_").to_uppercase())
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::panic,
        clippy::unwrap_used,
        reason = "a test stops at the first surprise"
    )]

    use std::collections::{BTreeMap, BTreeSet};

    use diel_server::Settings;
    use serde_json::Value;

    use super::super::checking::value;
    use super::KEYS;

    const OPERATIONS: &str = include_str!("../../../../docs/operations.md");

    /// The keys and defaults of the table of settings; rows of several keys have no default.
    fn documented() -> BTreeMap<String, String> {
        let table = OPERATIONS.split("\n## Settings\n").nth(1).unwrap();
        let table = table.split("\n## ").next().unwrap();
        let rows = table.lines().filter(|line| line.starts_with("| `"));
        rows.flat_map(|row| {
            let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
            let [keys, default, _] = cells[..] else {
                panic!("{row:?} is not key, default, meaning")
            };
            let keys = keys.split(", ").map(|key| key.trim_matches('`').to_owned());
            keys.map(|key| (key, default.trim_matches('`').to_owned()))
                .collect::<Vec<_>>()
        })
        .collect()
    }

    /// Every key of a structure.
    fn walked(structure: &Value, before: &str) -> BTreeSet<String> {
        let fields = structure.as_object().unwrap().iter();
        fields
            .flat_map(|(field, value)| match value {
                Value::Object(_) => walked(value, &format!("{before}{field}.")),
                _ => BTreeSet::from([format!("{before}{field}")]),
            })
            .collect()
    }

    #[test]
    fn the_keys_are_those_of_the_server_and_those_of_the_documentation() {
        let keys: BTreeSet<_> = KEYS.iter().map(ToString::to_string).collect();
        let defaults = serde_json::to_value(Settings::default()).unwrap();
        assert_eq!(keys, walked(&defaults, ""));
        assert_eq!(keys, documented().into_keys().collect());
    }

    #[test]
    fn the_defaults_are_those_of_the_documentation() {
        let defaults = serde_json::to_value(Settings::default()).unwrap();
        for (key, told) in documented() {
            // Where the console stands by itself is told in words.
            if key == "web" {
                continue;
            }
            let default = value(&defaults, &key).unwrap_or_default();
            assert_eq!(default.trim_matches('"'), told, "{key}");
        }
    }
}
