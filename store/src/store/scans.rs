//! Tables read from end to end, row by row and never held.

use jiff::civil::Date;

use super::{Store, on_engine};
use crate::scan::ProfileScan;
use crate::{PageRequest, ProfileFilter, ProfileParts, ProfileRow, StoreError};

impl Store {
    /// Fills something with a page of profiles by participant and date, and returns it with the key to go on from; `None`
    /// behind the last page. `put` is given the rows of [`Store::profiles`] one by one, with the parts that were asked for.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study, [`StoreError::Damaged`] for a row that breaks its own rules.
    pub async fn scan_profiles<T: Send + 'static>(
        &self,
        study: &str,
        filter: &ProfileFilter,
        parts: ProfileParts,
        page: &PageRequest<(String, Date)>,
        filled: T,
        put: impl Fn(&mut T, &ProfileRow<'_>) + Send + 'static,
    ) -> Result<(T, Option<(String, Date)>), StoreError> {
        let scan = ProfileScan::new(parts, page);
        on_engine!(self, |database, operations| {
            let _reads = crate::meter::time(&database.meter.read_seconds);
            let mut statement = operations::Prepared::default();
            let mut conn = database.reader().await?;
            let selecting = operations::profiles::scan::prepare(
                &mut conn,
                &mut statement,
                study,
                filter,
                &scan,
                page,
            );
            selecting.await?;
            drop(conn);
            let (filled, scan) = database.scan_profiles(statement, scan, filled, put).await?;
            Ok((filled, scan.next()))
        })
    }

    /// The key of the profile so many rows behind `after`, or behind the beginning, so that what lies on either side of it
    /// can be read at once ([`ProfileFilter::through`]); `None` where there are fewer. It takes a fraction of the time of reading them.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn profile_mark(
        &self,
        study: &str,
        after: Option<&(String, Date)>,
        rows: u32,
    ) -> Result<Option<(String, Date)>, StoreError> {
        on_engine!(self, |database, operations| {
            let mut conn = database.reader().await?;
            let finding = operations::profiles::scan::mark(&mut conn, study, after, rows);
            Ok(finding.await?)
        })
    }
}
