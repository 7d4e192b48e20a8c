//! Files of plates and sample maps.

use std::path::Path;

use super::{PlateExport, SampleMap};
use crate::error::{ImportCause, ImportError};
use crate::layout::{self, Content, Unfolded, reader};
use crate::options::ImportOptions;
use crate::samples;
use crate::sheet::Sheet;
use crate::source::{self, Source};

/// Reads the export of a plate reader, and lets the sample map of the options say what stands in the wells.
///
/// # Errors
/// The file cannot be read, is no such export, or the map does not fit it.
pub fn read_plates(path: &Path, options: &ImportOptions) -> Result<Vec<PlateExport>, ImportError> {
    plates(path, options).map_err(|cause| ImportError::new(path, cause))
}

/// Reads a sample map.
///
/// # Errors
/// The file cannot be read, is no map, or a row of it is not understood.
pub fn read_sample_map(path: &Path) -> Result<SampleMap, ImportError> {
    sample_map(path).map_err(|cause| ImportError::new(path, cause))
}

/// The concentrations that the instrument computed, as rows.
pub(crate) fn results(
    plates: &[PlateExport],
    options: &ImportOptions,
) -> Result<Unfolded, ImportCause> {
    let map = map_of(options)?;
    reader::unfold(plates, map.as_ref())
}

fn plates(path: &Path, options: &ImportOptions) -> Result<Vec<PlateExport>, ImportCause> {
    let sheets = sheets(path, options)?;
    let Some(Content::Plates(mut plates)) = layout::recognise(&sheets, options)? else {
        return Err(ImportCause::NotAPlate);
    };
    if let Some(map) = map_of(options)? {
        for plate in &mut plates {
            plate.apply(&map);
        }
    }
    Ok(plates)
}

fn map_of(options: &ImportOptions) -> Result<Option<SampleMap>, ImportCause> {
    let Some(path) = &options.samples else {
        return Ok(None);
    };
    read_sample_map(path)
        .map(Some)
        .map_err(|error| ImportCause::SampleMap(Box::new(error)))
}

fn sample_map(path: &Path) -> Result<SampleMap, ImportCause> {
    let sheets = sheets(path, &ImportOptions::default())?;
    let [sheet] = sheets.as_slice() else {
        return Err(ImportCause::NoSampleMap);
    };
    SampleMap::of_sheet(sheet)
}

fn sheets(path: &Path, options: &ImportOptions) -> Result<Vec<Sheet>, ImportCause> {
    match source::open(path, options)? {
        Source::Workbook(sheets) => samples::chosen(sheets, options),
        Source::Text(text) => {
            let separator = options.separator.unwrap_or_else(|| text.table_separator());
            Ok(vec![text.sheet(separator)?])
        }
    }
}
