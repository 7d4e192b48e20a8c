//! A study at a glance.

use diel_core::Rules;

use super::{Store, on_engine};
use crate::{Overview, StoreError};

impl Store {
    /// Gathers a study's overview slice by slice. What it costs grows with the study: keep what it answers.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn overview(&self, study: &str) -> Result<Overview, StoreError> {
        let mut overview = Overview::default();
        on_engine!(self, |database, operations| {
            let mut after = String::new();
            loop {
                // A connection for each slice: others wait for one slice at most.
                let mut conn = database.reader().await?;
                let slice =
                    operations::overview::add_participants(&mut conn, study, &after, &mut overview);
                match slice.await? {
                    Some(last) => after = last,
                    None => break,
                }
            }
            let high_cv_percent = Rules::DEFAULT.replicate_cv_percent;
            let mut after = 0;
            loop {
                let mut conn = database.reader().await?;
                let slice = operations::overview::add_plates(
                    &mut conn,
                    study,
                    after,
                    high_cv_percent,
                    &mut overview,
                );
                match slice.await? {
                    Some(last) => after = last,
                    None => break,
                }
            }
        });
        Ok(overview)
    }
}
