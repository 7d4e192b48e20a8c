//! Stretches of a file on all cores.

use std::path::Path;

use rayon::prelude::*;

use super::blocks::{Blocks, parts};
use super::rows::{Found, Stretch, line_ends, scan_rows};
use super::{Progress, Summary};
use crate::column::Name;
use crate::error::{ImportCause, ImportError};
use crate::header::Header;
use crate::options::ImportOptions;
use crate::row::Row;
use crate::source;

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
        let source = source::open(path)?;
        let header = Header::new(&source.header, options)?;
        let size = source.size;
        let stretch = |first_line| Stretch {
            header: &header,
            options,
            format: source.format,
            first_line,
        };
        let mut blocks = Blocks::new(source.rows);
        let mut all = Found::default();
        let mut first_line = source.header_lines + 1;
        let mut bytes = 0;
        loop {
            let block = blocks.next_block()?;
            if block.is_empty() {
                break;
            }
            if block.contains(&b'"') || header.position(Name::Specimen).is_some() {
                let mut collection = C::default();
                let found = scan_rows(
                    &stretch(first_line),
                    blocks.chain_after(block),
                    |read| progress(bytes + read, size),
                    |row| take(&mut collection, row),
                )?;
                merge(collection);
                all.append(found);
                break;
            }
            bytes += block.len() as u64;
            for (collection, found) in scan_block(&block, &stretch(first_line), &take)? {
                merge(collection);
                all.append(found);
            }
            first_line += line_ends(&block);
            progress(bytes, size);
        }
        Summary::new(&header, all)
    };
    scan().map_err(|cause| ImportError::new(path, cause))
}

/// Reads a block of whole lines, a part a core.
fn scan_block<C: Default + Send>(
    block: &[u8],
    stretch: &Stretch<'_>,
    take: &(impl Fn(&mut C, &Row<'_>) + Sync),
) -> Result<Vec<(C, Found)>, ImportCause> {
    let parts = parts(block, rayon::current_num_threads());
    let mut first_line = stretch.first_line;
    let stretches: Vec<_> = parts
        .into_iter()
        .map(|part| {
            let stretch = Stretch {
                first_line,
                ..*stretch
            };
            first_line += line_ends(part);
            (part, stretch)
        })
        .collect();
    let read: Vec<Result<(C, Found), ImportCause>> = stretches
        .into_par_iter()
        .map(|(part, stretch)| {
            let mut collection = C::default();
            let found = scan_rows(&stretch, part, |_| (), |row| take(&mut collection, row))?;
            Ok((collection, found))
        })
        .collect();
    // The first error in the file's order, whichever core met one first.
    read.into_iter().collect()
}
