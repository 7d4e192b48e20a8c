//! Built-in populations by name.

use std::sync::Arc;

use anyhow::Context as _;
use diel_core::Reference;

/// The built-in population that `--preset` names.
pub(crate) fn find(name: &str) -> anyhow::Result<&'static Arc<Reference>> {
    Reference::find(name).with_context(|| {
        let builtin = Reference::builtin().iter();
        let known: Vec<&str> = builtin.map(|reference| reference.id()).collect();
        format!(
            "--preset {name}: there is no such population; there are {}",
            known.join(", ")
        )
    })
}
