//! The right of a stream to go on: asked for again and again while it lasts.

use super::caller::Caller;
use crate::refusal::Refusal;

/// A caller at a stream about a study, or about what lies outside any.
#[derive(Debug)]
pub(crate) struct Stay {
    pub(super) caller: Caller,
    pub(super) study: Option<String>,
}

impl Stay {
    /// Lets the stream go on. This costs a query once in a few seconds.
    ///
    /// # Errors
    /// As the gate and [`Caller::in_study`]: the token has ended, or the role was taken.
    pub(crate) async fn check(&self) -> Result<(), Refusal> {
        let caller = self.caller.renewed().await?;
        match &self.study {
            Some(study) => caller.in_study(study),
            None => caller.in_all_studies(),
        }
    }
}
