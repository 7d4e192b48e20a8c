//! Pages of the tables, from the store into whatever their rows are written to.

use diel_store::{
    FlagFilter, Page, PageRequest, ProfileFilter, RhythmFilter, SpecimenFilter, Store, StoreError,
};
use jiff::civil::Date;

use super::{Frame, Table};
use crate::convert::{fit, flag, rhythm, specimen};
use crate::table::profiles::{StoredDays, parts};
use crate::table::{
    Records, fits as fit_cells, flags as flag_cells, rhythms as rhythm_cells,
    samples as sample_cells,
};

/// Rows of one batch: of the widest table some 1.5 MB, below the 4 MiB that gRPC clients take unasked.
pub(crate) const PAGE_ROWS: u32 = 4_096;

/// The filter of a table that has none.
#[derive(Debug, Clone)]
pub(crate) struct Unfiltered;

/// What takes the rows of a page.
pub(crate) trait Sheet: Send + 'static {
    /// Where their cells go.
    fn records(&mut self) -> &mut dyn Records;

    /// Whether it keeps the column at a position.
    fn keeps(&self, _position: usize) -> bool {
        true
    }
}

impl Sheet for Frame {
    fn records(&mut self) -> &mut dyn Records {
        self
    }

    fn keeps(&self, position: usize) -> bool {
        self.is_kept(position)
    }
}

/// Fills a sheet with a page of profiles, of which only the columns that it keeps are read; returns it with the key
/// to go on from.
///
/// # Errors
/// Those of [`Store::scan_profiles`].
pub(crate) async fn profiles<S: Sheet>(
    store: &Store,
    study: &str,
    filter: &ProfileFilter,
    page: &PageRequest<(String, Date)>,
    sheet: S,
) -> Result<(S, Option<(String, Date)>), StoreError> {
    let columns = Table::Profiles.variables().iter().enumerate();
    let kept = columns.filter(|(position, _)| sheet.keeps(*position));
    let parts = parts(kept.map(|(_, variable)| variable.name));
    let empty = (sheet, StoredDays::default());
    let filling = store.scan_profiles(study, filter, parts, page, empty, |(sheet, days), row| {
        days.write(sheet.records(), row);
    });
    let ((sheet, _), next) = filling.await?;
    Ok((sheet, next))
}

/// Fills sheets with all profiles from a place on, two pages of them at once; returns those that were begun, with the key to go
/// on from.
///
/// # Errors
/// Those of [`Store::scan_profiles`].
pub(crate) async fn all_profiles<S: Sheet>(
    store: &Store,
    study: &str,
    page: PageRequest<(String, Date)>,
    [first, second]: [S; 2],
) -> Result<(Vec<S>, Option<(String, Date)>), StoreError> {
    let all = ProfileFilter::default();
    let mark = store.profile_mark(study, page.after.as_ref(), page.limit);
    let Some(mark) = mark.await? else {
        let (first, next) = profiles(store, study, &all, &page, first).await?;
        return Ok((vec![first], next));
    };
    let behind = PageRequest {
        after: Some(mark.clone()),
        limit: page.limit,
    };
    let before = ProfileFilter {
        through: Some(mark),
        ..ProfileFilter::default()
    };
    // Since the mark was found there may be more rows before it. They do not fit where others stand already, so those
    // are read again.
    let (first, second) = tokio::join!(
        profiles(store, study, &before, &page, first),
        profiles(store, study, &all, &behind, second),
    );
    let (first, rest) = first?;
    if rest.is_some() {
        return Ok((vec![first], rest));
    }
    let (second, next) = second?;
    Ok((vec![first, second], next))
}

/// The same of rhythms, which are one a participant and read whole.
///
/// # Errors
/// Those of [`Store::rhythms`].
pub(crate) async fn rhythms<S: Sheet>(
    store: &Store,
    study: &str,
    filter: &RhythmFilter,
    page: &PageRequest<String>,
    sheet: S,
) -> Result<(S, Option<String>), StoreError> {
    let page = store.rhythms(study, filter, page).await?;
    Ok(filled(sheet, page, |records, item| {
        rhythm_cells::write(records, &rhythm::to_proto(study, item));
    }))
}

/// The same of flags.
///
/// # Errors
/// Those of [`Store::flags`].
pub(crate) async fn flags<S: Sheet>(
    store: &Store,
    study: &str,
    filter: &FlagFilter,
    page: &PageRequest<(f64, String)>,
    sheet: S,
) -> Result<(S, Option<(f64, String)>), StoreError> {
    let page = store.flags(study, filter, page).await?;
    Ok(filled(sheet, page, |records, item| {
        flag_cells::write(records, &flag::to_proto(study, item));
    }))
}

/// The same of samples.
///
/// # Errors
/// Those of [`Store::specimens`].
pub(crate) async fn samples<S: Sheet>(
    store: &Store,
    study: &str,
    filter: &SpecimenFilter,
    page: &PageRequest<String>,
    sheet: S,
) -> Result<(S, Option<String>), StoreError> {
    let page = store.specimens(study, filter, page).await?;
    Ok(filled(sheet, page, |records, item| {
        sample_cells::write(records, &specimen::to_proto(study, item));
    }))
}

/// The same of fits, as many as the page has rows: each that succeeded has a row a fixed effect, and the others have none.
///
/// # Errors
/// Those of [`Store::fits`].
pub(crate) async fn fits<S: Sheet>(
    store: &Store,
    study: &str,
    _: &Unfiltered,
    page: &PageRequest<String>,
    sheet: S,
) -> Result<(S, Option<String>), StoreError> {
    let page = store.fits(study, page).await?;
    Ok(filled(sheet, page, |records, item| {
        fit_cells::write(records, &fit::to_proto(study, item));
    }))
}

fn filled<S: Sheet, T, K>(
    mut sheet: S,
    page: Page<T, K>,
    write: impl Fn(&mut dyn Records, &T),
) -> (S, Option<K>) {
    for item in &page.items {
        write(sheet.records(), item);
    }
    (sheet, page.next)
}
