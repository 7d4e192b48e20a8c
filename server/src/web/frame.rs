//! What stands around every page: where the visitor is, and who the visitor is.

use diel_store::Study;

use super::assets;
use super::visitor::Visitor;

/// Where in a study a page lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The study's overview.
    Overview,
    /// The queue and its flags.
    Flags,
    /// Participants.
    Participants,
    /// Batches and their quality.
    Batches,
}

/// The study that a page is about.
#[derive(Debug, Clone)]
pub(super) struct Around {
    /// Its id.
    pub(super) id: String,
    /// Its title.
    pub(super) title: String,
    /// Where in it the page lies.
    pub(super) place: Place,
}

/// What stands around a page.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Who looks; empty on pages for anybody.
    pub(super) visitor: String,
    /// Whether the visitor came with a token.
    pub(super) can_log_out: bool,
    /// What a form carries.
    pub(super) form_key: String,
    /// The study, on its pages.
    pub(super) around: Option<Around>,
    /// Makes browsers load what changed.
    pub(super) assets_version: &'static str,
    /// The version of diel.
    pub(super) version: &'static str,
}

impl Frame {
    /// Around a page that shows nothing of anybody's.
    pub(super) fn bare() -> Self {
        Self {
            visitor: String::new(),
            can_log_out: false,
            form_key: String::new(),
            around: None,
            assets_version: assets::version(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// Around a page outside any study.
    pub(super) fn of(visitor: &Visitor) -> Self {
        Self {
            visitor: visitor.name().to_owned(),
            can_log_out: visitor.has_token(),
            form_key: visitor.form_key(),
            ..Self::bare()
        }
    }

    /// Around a page of a study.
    pub(super) fn within(visitor: &Visitor, study: &Study, place: Place) -> Self {
        Self {
            around: Some(Around {
                id: study.id.clone(),
                title: study.display_name.clone(),
                place,
            }),
            ..Self::of(visitor)
        }
    }

    /// What marks the link to the page that one is on.
    pub(super) fn current(&self, place: &str) -> &'static str {
        let here = self.around.as_ref().map(|around| match around.place {
            Place::Overview => "overview",
            Place::Flags => "flags",
            Place::Participants => "participants",
            Place::Batches => "batches",
        });
        if here == Some(place) { "page" } else { "false" }
    }
}
