//! Any text as the settings of a server, and as the mapping of a file.
#![no_main]

use diel_import::Mapping;
use diel_server::Settings;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = toml::from_str::<Settings>(text);
    if let Ok(mapping) = Mapping::parse(text) {
        let written = mapping.to_toml();
        let again = Mapping::parse(&written);
        assert!(again.is_ok(), "{again:?}\n{written}");
    }
});
