//! Stretches of a file on all cores.

use std::path::Path;

use rayon::prelude::*;

use super::blocks::{Blocks, parts};
use super::rows::{Found, Stretch, scan_rows};
use super::{Progress, Summary};
use crate::column::Name;
use crate::error::{ImportCause, ImportError};
use crate::options::ImportOptions;
use crate::records::{HeldRecords, Records, TextRecords, line_ends};
use crate::row::Row;
use crate::samples::{self, Rows, Streamed};
use crate::source::TextFormat;

/// Reads a file. Every stretch has its rows taken into a collection of its own; collections are handed over in the
/// file's order.
///
/// Lines are told apart by their ends alone, which quotes may hide: from the first block with a quote on, rows are read
/// one after the other. So are files with specimens, of which each may appear once.
///
/// # Errors
/// The file cannot be read, or its header cannot be understood. Bad rows are no error: they are listed.
pub fn scan_parallel<C: Default + Send>(
    path: &Path,
    options: &ImportOptions,
    progress: Progress<'_>,
    take: impl Fn(&mut C, &Row<'_>) + Sync,
    mut merge: impl FnMut(C),
) -> Result<Summary, ImportError> {
    let mut scan = || {
        let (table, rows) = samples::open(path, options)?;
        let size = table.size;
        let stretch = Stretch {
            header: &table.header,
            options,
            habits: &table.habits,
        };
        let one_by_one = |records: &mut dyn Records, progress: &mut dyn FnMut(u64)| {
            let mut collection = C::default();
            let found = scan_rows(
                &stretch,
                records,
                progress,
                |_| (),
                |row| {
                    take(&mut collection, row);
                },
            )?;
            Ok::<_, ImportCause>((collection, found))
        };
        let rows = match rows {
            Rows::Streamed(rows) => rows,
            Rows::Held(rows) => {
                let mut records = HeldRecords::new(rows);
                let (collection, found) =
                    one_by_one(&mut records, &mut |bytes| progress(bytes, size))?;
                merge(collection);
                return Summary::new(&table, options, found);
            }
        };
        let mut all = Found::default();
        let Streamed {
            bytes,
            format,
            mut first_line,
        } = rows;
        let mut blocks = Blocks::new(bytes);
        let mut read_before = 0;
        loop {
            let block = blocks.next_block()?;
            if block.is_empty() {
                break;
            }
            if block.contains(&b'"') || table.header.position(Name::Specimen).is_some() {
                let mut records = TextRecords::new(blocks.chain_after(block), format, first_line);
                let (collection, found) =
                    one_by_one(&mut records, &mut |read| progress(read_before + read, size))?;
                merge(collection);
                all.append(found);
                break;
            }
            read_before += block.len() as u64;
            for (collection, found) in scan_block(&block, format, first_line, &stretch, &take)? {
                merge(collection);
                all.append(found);
            }
            first_line += line_ends(&block);
            progress(read_before, size);
        }
        Summary::new(&table, options, all)
    };
    scan().map_err(|cause| ImportError::new(path, cause))
}

/// Reads a block of whole lines, a part a core.
fn scan_block<C: Default + Send>(
    block: &[u8],
    format: TextFormat,
    mut first_line: u64,
    stretch: &Stretch<'_>,
    take: &(impl Fn(&mut C, &Row<'_>) + Sync),
) -> Result<Vec<(C, Found)>, ImportCause> {
    let parts: Vec<_> = parts(block, rayon::current_num_threads())
        .into_iter()
        .map(|part| {
            let records = TextRecords::new(part, format, first_line);
            first_line += line_ends(part);
            records
        })
        .collect();
    let read: Vec<Result<(C, Found), ImportCause>> = parts
        .into_par_iter()
        .map(|mut records| {
            let mut collection = C::default();
            let found = scan_rows(
                stretch,
                &mut records,
                |_| (),
                |_| (),
                |row| take(&mut collection, row),
            )?;
            Ok((collection, found))
        })
        .collect();
    // The first error in the file's order, whichever core met one first.
    read.into_iter().collect()
}
