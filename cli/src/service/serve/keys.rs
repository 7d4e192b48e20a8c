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
    "limits.batch_rows",
    "limits.message_bytes",
    "limits.request_bytes",
    "limits.connections",
    "limits.connections_per_address",
    "limits.connection_age_seconds",
    "limits.connection_grace_seconds",
    "limits.streams_per_connection",
    "limits.heavy_calls",
    "limits.open_streams",
    "limits.simulations",
    "limits.call_seconds",
    "limits.drain_seconds",
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
];

/// `limits.batch_rows` is DIEL_LIMITS_BATCH_ROWS.
pub(super) fn variable(key: &str) -> String {
    format!("DIEL_{}", key.replace('.', "_").to_uppercase())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use diel_server::Settings;

    use super::KEYS;

    /// What serde lists when it meets a key that it does not know.
    fn known_to_the_server(text: &str) -> Vec<String> {
        let error = toml::from_str::<Settings>(text).unwrap_err().to_string();
        let listed = error.split("expected one of ").nth(1).unwrap();
        listed
            .split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn the_names_are_those_that_the_server_knows() {
        let mut known: Vec<String> = known_to_the_server("unknown = 1");
        known.retain(|key| key != "limits" && key != "tls");
        for section in ["tls", "limits"] {
            known.extend(
                known_to_the_server(&format!("[{section}]\nunknown = 1"))
                    .iter()
                    .map(|key| format!("{section}.{key}")),
            );
        }
        assert_eq!(known, KEYS);
    }
}
