//! Resource names: people write `pilot`, the service says `studies/pilot`.

use clap::Args;

pub(super) use diel_server::table::reference;

/// The study that a command is about.
#[derive(Debug, Clone, Args)]
pub(crate) struct StudyOption {
    /// The study, such as pilot.
    #[arg(long, value_name = "STUDY")]
    pub(super) study: String,
}

impl StudyOption {
    /// `studies/{study}`.
    pub(super) fn name(&self) -> String {
        study(&self.study)
    }
}

/// `studies/{id}`, from the id or from the name itself.
pub(crate) fn study(id_or_name: &str) -> String {
    if id_or_name.starts_with("studies/") {
        id_or_name.to_owned()
    } else {
        format!("studies/{id_or_name}")
    }
}

/// `studies/{study}/batches/{id}`, from the name itself or from the id and its study.
///
/// # Errors
/// An id without a study.
pub(super) fn batch(id_or_name: &str, of: Option<&str>) -> anyhow::Result<String> {
    if id_or_name.contains('/') {
        return Ok(id_or_name.to_owned());
    }
    let Some(of) = of else {
        anyhow::bail!(
            "{id_or_name}: give the whole name, studies/STUDY/batches/{id_or_name}, or the study with --study"
        );
    };
    Ok(format!("{}/batches/{id_or_name}", study(of)))
}

/// `principals/{id}`, from the id or from the name itself.
pub(super) fn principal(id_or_name: &str) -> String {
    if id_or_name.starts_with("principals/") {
        id_or_name.to_owned()
    } else {
        format!("principals/{id_or_name}")
    }
}

/// What stands between the first two slashes.
pub(super) fn parent_id(name: &str) -> &str {
    name.split('/').nth(1).unwrap_or_default()
}

/// What stands behind the last slash.
pub(super) fn id(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::{batch, id, parent_id, principal, reference, study};

    #[test]
    fn an_id_and_a_name_are_the_same_study() {
        assert_eq!(study("pilot"), "studies/pilot");
        assert_eq!(study("studies/pilot"), "studies/pilot");
    }

    #[test]
    fn a_batch_needs_its_study() {
        let name = "studies/pilot/batches/0a";
        assert_eq!(batch(name, None).ok().as_deref(), Some(name));
        assert_eq!(batch("0a", Some("pilot")).ok().as_deref(), Some(name));
        assert!(batch("0a", None).is_err());
    }

    #[test]
    fn an_id_is_what_stands_last() {
        assert_eq!(id("studies/pilot/flags/7"), "7");
        assert_eq!(id("adult-noisy@1"), "adult-noisy@1");
    }

    #[test]
    fn a_token_is_its_principals() {
        assert_eq!(principal("carol"), "principals/carol");
        assert_eq!(principal("principals/carol"), "principals/carol");
        assert_eq!(parent_id("principals/carol/tokens/ab"), "carol");
    }

    #[test]
    fn a_reference_of_a_study_keeps_its_study() {
        assert_eq!(reference("references/adult-noisy@1"), "adult-noisy@1");
        assert_eq!(
            reference("studies/pilot/references/child@1"),
            "studies/pilot/references/child@1"
        );
    }
}
