//! Any text as the formula of a model.
#![no_main]

use diel_core::formula::Formula;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(formula) = Formula::parse(text) {
        let _ = formula.columns().count();
    }
});
