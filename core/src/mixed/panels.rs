//! Cross-products of a design by group, computed once.
#![expect(
    clippy::indexing_slicing,
    reason = "dimensions are fixed when the panels are made; rows were checked by the design"
)]

use rayon::prelude::*;

use super::elimination::pairs;
use super::hierarchy::{Block, EMPTY, Hierarchy, Slot};
use super::lanes::Lanes;

/// Blocks summed by one thread at a time. Fixed, so that sums do not depend on the number of threads.
pub(super) const BLOCKS_A_CHUNK: usize = 32;

/// Dimensions of the panels.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// q: random columns of each level, from the coarsest.
    pub(super) sizes: Vec<usize>,
    /// Columns of a level's panel: its own, those of the levels above, (X, y).
    pub(super) widths: Vec<usize>,
    /// m: columns of (X, y).
    pub(super) root: usize,
}

impl Shape {
    pub(super) fn new(sizes: Vec<usize>, root: usize) -> Self {
        let widths = (1..=sizes.len())
            .map(|count| sizes[..count].iter().sum::<usize>() + root)
            .collect();
        Self {
            sizes,
            widths,
            root,
        }
    }
}

/// A column as it enters the products: (value - shift) x factor x root of the row's weight.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scaled<'a> {
    pub(super) values: &'a [f64],
    pub(super) shift: f64,
    pub(super) factor: f64,
}

/// All columns of a model: random ones from the finest level to the coarsest, fixed ones, the response.
pub(super) struct Columns<'a> {
    pub(super) columns: Vec<Scaled<'a>>,
    pub(super) root_weights: Option<Vec<f64>>,
}

/// Cross-products by slot, and in total.
#[derive(Debug, Clone)]
pub(super) struct Panels {
    pub(super) shape: Shape,
    slots: Vec<Slot>,
    blocks: Vec<Block>,
    values: Vec<Lanes>,
    /// Where the values of each block begin, and where the last end.
    starts: Vec<usize>,
    /// Upper triangle of (X, y)ᵀ(X, y), by rows.
    pub(super) total: Vec<f64>,
}

impl Panels {
    /// One pass over the rows.
    pub(super) fn gather(hierarchy: &Hierarchy, shape: Shape, columns: &Columns<'_>) -> Self {
        let mut starts = vec![0];
        let mut length = 0;
        for block in &hierarchy.blocks {
            let slots = &hierarchy.slots[block.clone()];
            length += slots
                .iter()
                .map(|slot| shape.sizes[slot.level] * shape.widths[slot.level])
                .sum::<usize>();
            starts.push(length);
        }
        let mut values = vec![Lanes::ZERO; length];
        let mut pieces = Vec::with_capacity(hierarchy.blocks.len());
        let mut rest = values.as_mut_slice();
        for pair in starts.windows(2) {
            let (piece, after) = rest.split_at_mut(pair[1] - pair[0]);
            pieces.push(piece);
            rest = after;
        }
        let gather = |(chunk, pieces): (usize, &mut [&mut [Lanes]])| {
            let mut gathering = Gathering::new(&shape, columns, hierarchy);
            for (index, piece) in pieces.iter_mut().enumerate() {
                gathering.block(&hierarchy.blocks[chunk * BLOCKS_A_CHUNK + index], piece);
            }
            gathering.total
        };
        let chunks: Vec<_> = pieces.chunks_mut(BLOCKS_A_CHUNK).enumerate().collect();
        let totals: Vec<Vec<f64>> = if chunks.len() < 2 {
            chunks.into_iter().map(gather).collect()
        } else {
            chunks.into_par_iter().map(gather).collect()
        };
        let mut total = vec![0.0; pairs(shape.root)];
        for part in &totals {
            for (sum, part) in total.iter_mut().zip(part) {
                *sum += part;
            }
        }
        Self {
            shape,
            slots: hierarchy.slots.clone(),
            blocks: hierarchy.blocks.clone(),
            values,
            starts,
            total,
        }
    }

    pub(super) fn block_count(&self) -> usize {
        self.blocks.len()
    }

    #[inline]
    pub(super) fn slots(&self, block: usize) -> &[Slot] {
        &self.slots[self.blocks[block].clone()]
    }

    #[inline]
    pub(super) fn values(&self, block: usize) -> &[Lanes] {
        &self.values[self.starts[block]..self.starts[block + 1]]
    }
}

struct Gathering<'a> {
    shape: &'a Shape,
    columns: &'a Columns<'a>,
    hierarchy: &'a Hierarchy,
    /// One row's columns.
    row: Vec<f64>,
    /// Upper triangle of the products of all columns, of one group of the finest level.
    products: Vec<f64>,
    total: Vec<f64>,
}

impl<'a> Gathering<'a> {
    fn new(shape: &'a Shape, columns: &'a Columns<'a>, hierarchy: &'a Hierarchy) -> Self {
        let width = columns.columns.len();
        Self {
            shape,
            columns,
            hierarchy,
            row: vec![0.0; width],
            products: vec![0.0; pairs(width)],
            total: vec![0.0; pairs(shape.root)],
        }
    }

    fn block(&mut self, block: &Block, piece: &mut [Lanes]) {
        let slots = &self.hierarchy.slots[block.clone()];
        let finest = self.shape.sizes.len() - 1;
        // Where the panels of the slots above the present one begin.
        let mut begins = vec![0; finest + 1];
        let mut begin = 0;
        for slot in slots {
            begins[slot.level] = begin;
            begin += self.shape.sizes[slot.level] * self.shape.widths[slot.level];
            if slot.level != finest {
                continue;
            }
            for (lane, &group) in slot.groups.iter().enumerate() {
                if group != EMPTY {
                    self.group(group);
                    self.spread(piece, &begins, lane);
                }
            }
        }
        for (slot, begin) in begin_of(slots, self.shape) {
            mirror(
                &mut piece[begin..],
                self.shape.sizes[slot.level],
                self.shape.widths[slot.level],
            );
        }
    }

    /// Products of the rows of a group.
    fn group(&mut self, group: u32) {
        self.products.fill(0.0);
        let Self {
            columns,
            row: cells,
            products,
            ..
        } = self;
        let width = cells.len();
        self.hierarchy.rows.for_each(group, |row| {
            for (cell, column) in cells.iter_mut().zip(&columns.columns) {
                *cell = (column.values[row] - column.shift) * column.factor;
            }
            if let Some(weights) = &columns.root_weights {
                for cell in cells.iter_mut() {
                    *cell *= weights[row];
                }
            }
            let mut begin = 0;
            for first in 0..width {
                let factor = cells[first];
                let target = &mut products[begin..begin + width - first];
                for (product, cell) in target.iter_mut().zip(&cells[first..]) {
                    *product += factor * cell;
                }
                begin += width - first;
            }
        });
    }

    /// Adds the products to the panel of each level, and to the total.
    fn spread(&mut self, piece: &mut [Lanes], begins: &[usize], lane: usize) {
        let mut products = self.products.iter();
        for level in (0..self.shape.sizes.len()).rev() {
            let (size, width) = (self.shape.sizes[level], self.shape.widths[level]);
            for row in 0..size {
                let panel = &mut piece
                    [begins[level] + row * width + row..begins[level] + (row + 1) * width];
                for (value, product) in panel.iter_mut().zip(products.by_ref()) {
                    value.0[lane] += product;
                }
            }
        }
        for (sum, product) in self.total.iter_mut().zip(products) {
            *sum += product;
        }
    }
}

fn begin_of<'a>(slots: &'a [Slot], shape: &'a Shape) -> impl Iterator<Item = (&'a Slot, usize)> {
    slots.iter().scan(0, |next, slot| {
        let begin = *next;
        *next += shape.sizes[slot.level] * shape.widths[slot.level];
        Some((slot, begin))
    })
}

/// Fills the lower triangle of a panel's own square.
fn mirror(panel: &mut [Lanes], size: usize, width: usize) {
    for row in 1..size {
        for column in 0..row {
            panel[row * width + column] = panel[column * width + row];
        }
    }
}
