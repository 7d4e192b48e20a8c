//! Cross-products of a design by group, computed once.
#![expect(
    clippy::indexing_slicing,
    reason = "dimensions are fixed when the panels are made; rows were checked by the design"
)]

use rayon::prelude::*;

use super::cross_products::CrossProducts;
use super::elimination::pairs;
use super::hierarchy::{Block, EMPTY, Hierarchy, RowsByGroup, Slot};
use super::lanes::{LANES, Lanes, wide};

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

/// Where the products of a group's columns come from: random ones from the finest level to the coarsest, fixed ones, the response.
pub(super) trait Source: Sync {
    /// How many columns.
    fn width(&self) -> usize;

    /// The upper triangle of the products of eight groups of the finest level, in `products`, which is zero before; `cells` has room for
    /// as many lanes as columns.
    fn multiply(
        &self,
        groups: &[u32; LANES],
        rows: &RowsByGroup,
        cells: &mut [Lanes],
        products: &mut [Lanes],
    );
}

/// Columns with all their rows.
pub(super) struct Columns<'a> {
    pub(super) columns: Vec<Scaled<'a>>,
    pub(super) root_weights: Option<&'a [f64]>,
}

impl Source for Columns<'_> {
    fn width(&self) -> usize {
        self.columns.len()
    }

    #[inline(always)]
    fn multiply(
        &self,
        groups: &[u32; LANES],
        rows_of: &RowsByGroup,
        cells: &mut [Lanes],
        products: &mut [Lanes],
    ) {
        let rows = groups.map(|group| rows_of.of_group(group));
        let most = rows.iter().map(|rows| rows.len()).max().unwrap_or(0);
        for index in 0..most {
            let rows = rows.map(|rows| rows_of.row(rows, index));
            for (cell, column) in cells.iter_mut().zip(&self.columns) {
                for (lane, row) in cell.0.iter_mut().zip(rows) {
                    *lane = row.map_or(0.0, |row| {
                        (column.values[row] - column.shift) * column.factor
                    });
                }
            }
            if let Some(weights) = self.root_weights {
                let weights = Lanes(rows.map(|row| row.map_or(0.0, |row| weights[row])));
                for cell in cells.iter_mut() {
                    *cell = *cell * weights;
                }
            }
            let mut products = products.iter_mut();
            for (first, factor) in cells.iter().enumerate() {
                for (cell, product) in cells[first..].iter().zip(&mut products) {
                    *product += *cell * *factor;
                }
            }
        }
    }
}

/// A summed column as it enters the products: (value - shift) x factor.
#[derive(Debug, Clone, Copy)]
pub(super) struct SummedColumn {
    /// Which of the summed columns.
    pub(super) column: usize,
    pub(super) shift: f64,
    pub(super) factor: f64,
}

/// Columns whose rows were summed up before, a group of sums a group of the finest level.
pub(super) struct SummedColumns<'a> {
    pub(super) columns: Vec<SummedColumn>,
    pub(super) sums: &'a CrossProducts,
}

impl Source for SummedColumns<'_> {
    fn width(&self) -> usize {
        self.columns.len()
    }

    #[inline(always)]
    fn multiply(
        &self,
        groups: &[u32; LANES],
        _: &RowsByGroup,
        _: &mut [Lanes],
        products: &mut [Lanes],
    ) {
        for (lane, &group) in groups.iter().enumerate() {
            if group == EMPTY {
                continue;
            }
            let sums = self.sums.group(group as usize);
            let mut products = products.iter_mut();
            for (first, left) in self.columns.iter().enumerate() {
                for (right, product) in self.columns[first..].iter().zip(&mut products) {
                    let about = sums.about((left.column, left.shift), (right.column, right.shift));
                    product.0[lane] = about * left.factor * right.factor;
                }
            }
        }
    }
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
    /// One pass over the rows, or over the sums of groups.
    pub(super) fn gather(hierarchy: &Hierarchy, shape: Shape, source: &impl Source) -> Self {
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
            let mut gathering = Gathering::new(&shape, source, hierarchy);
            let first = chunk * BLOCKS_A_CHUNK;
            wide(
                #[inline(always)]
                || {
                    for (block, piece) in hierarchy.blocks[first..].iter().zip(pieces) {
                        gathering.block(block, piece);
                    }
                },
            );
            gathering.total.iter().map(|lanes| lanes.sum()).collect()
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

struct Gathering<'a, S> {
    shape: &'a Shape,
    source: &'a S,
    hierarchy: &'a Hierarchy,
    /// One row of each lane.
    cells: Vec<Lanes>,
    /// Upper triangle of the products of all columns, of one group of the finest level a lane.
    products: Vec<Lanes>,
    total: Vec<Lanes>,
}

impl<'a, S: Source> Gathering<'a, S> {
    fn new(shape: &'a Shape, source: &'a S, hierarchy: &'a Hierarchy) -> Self {
        let width = source.width();
        Self {
            shape,
            source,
            hierarchy,
            cells: vec![Lanes::ZERO; width],
            products: vec![Lanes::ZERO; pairs(width)],
            total: vec![Lanes::ZERO; pairs(shape.root)],
        }
    }

    #[inline(always)]
    fn block(&mut self, block: &Block, piece: &mut [Lanes]) {
        let slots = &self.hierarchy.slots[block.clone()];
        let finest = self.shape.sizes.len() - 1;
        // Where the panels of the slots above the present one begin.
        let mut begins = vec![0; finest + 1];
        let mut begin = 0;
        for slot in slots {
            begins[slot.level] = begin;
            begin += self.shape.sizes[slot.level] * self.shape.widths[slot.level];
            if slot.level == finest {
                self.multiply(&slot.groups);
                self.spread(piece, &begins);
            }
        }
        for (slot, begin) in begin_of(slots, self.shape) {
            let (size, width) = (self.shape.sizes[slot.level], self.shape.widths[slot.level]);
            mirror(&mut piece[begin..], size, width);
        }
    }

    /// Products of eight groups.
    #[inline(always)]
    fn multiply(&mut self, groups: &[u32; LANES]) {
        self.products.fill(Lanes::ZERO);
        let (rows, cells) = (&self.hierarchy.rows, &mut self.cells);
        self.source
            .multiply(groups, rows, cells, &mut self.products);
    }

    /// Adds the products to the panel of each level, and to the total.
    #[inline(always)]
    fn spread(&mut self, piece: &mut [Lanes], begins: &[usize]) {
        let mut products = self.products.iter();
        for level in (0..self.shape.sizes.len()).rev() {
            let (size, width) = (self.shape.sizes[level], self.shape.widths[level]);
            for row in 0..size {
                let first = begins[level] + row * width;
                let panel = &mut piece[first + row..first + width];
                for (value, product) in panel.iter_mut().zip(&mut products) {
                    *value += *product;
                }
            }
        }
        for (sum, product) in self.total.iter_mut().zip(products) {
            *sum += *product;
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
