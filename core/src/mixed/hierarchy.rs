//! How groups nest, and how they are laid side by side.
//!
//! Levels of nested factors form a forest: persons at the top, their days below. Eight trees lie side by side in a
//! [`Block`]; where one of them has fewer branches than another, its lane stays empty there.
#![expect(
    clippy::indexing_slicing,
    reason = "codes and levels were checked by the design; other indices are made here"
)]

use super::lanes::LANES;
use super::{Design, FitError};

/// A lane without a group.
pub(super) const EMPTY: u32 = u32::MAX;

/// One nested factor, from the coarsest to the finest.
#[derive(Debug, Clone)]
pub(super) struct Level {
    /// Index of the grouping in the design.
    pub(super) grouping: usize,
    /// The parent of each group, a code of the level above; empty at the top.
    parents: Vec<u32>,
    /// Groups there are, with or without rows.
    groups: usize,
}

/// The same place in eight trees.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    /// Index of the level.
    pub(super) level: usize,
    /// The group in each lane, or [`EMPTY`].
    pub(super) groups: [u32; LANES],
}

/// Eight trees side by side: a range of slots, each before those below it.
pub(super) type Block = std::ops::Range<usize>;

/// Rows by group of the finest level.
#[derive(Debug, Clone)]
pub(super) struct RowsByGroup {
    /// Rows in the order of their groups; `None` when they lie that way already.
    order: Option<Vec<u32>>,
    /// Where the rows of each group begin, and where the last end.
    starts: Vec<u32>,
}

impl RowsByGroup {
    /// Sorts rows by their codes, of which there are `count`.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "more than four thousand million rows do not fit into memory"
    )]
    pub(super) fn of(codes: &[u32], count: usize) -> Self {
        let mut starts = vec![0_u32; count + 1];
        for &code in codes {
            starts[code as usize + 1] += 1;
        }
        for group in 0..count {
            starts[group + 1] += starts[group];
        }
        let in_order = codes.windows(2).all(|pair| pair[0] <= pair[1]);
        let order = (!in_order).then(|| {
            let mut next = starts.clone();
            let mut order = vec![0_u32; codes.len()];
            for (row, &code) in codes.iter().enumerate() {
                let place = &mut next[code as usize];
                order[*place as usize] = row as u32;
                *place += 1;
            }
            order
        });
        Self { order, starts }
    }

    /// The places of a group's rows.
    #[inline(always)]
    pub(super) fn of_group(&self, group: u32) -> Rows {
        if group == EMPTY {
            return Rows { begin: 0, end: 0 };
        }
        let group = group as usize;
        Rows {
            begin: self.starts[group],
            end: self.starts[group + 1],
        }
    }

    /// One of a group's rows; nothing beyond the last.
    #[inline(always)]
    pub(super) fn row(&self, rows: Rows, index: usize) -> Option<usize> {
        let place = rows.begin as usize + index;
        let within = place < rows.end as usize;
        within.then(|| match &self.order {
            None => place,
            Some(order) => order[place] as usize,
        })
    }
}

/// Places of the rows of one group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows {
    begin: u32,
    end: u32,
}

impl Rows {
    pub(super) const fn len(self) -> usize {
        (self.end - self.begin) as usize
    }
}

/// Nested factors of a design.
#[derive(Debug, Clone)]
pub(super) struct Hierarchy {
    /// From the coarsest to the finest.
    pub(super) levels: Vec<Level>,
    pub(super) slots: Vec<Slot>,
    pub(super) blocks: Vec<Block>,
    pub(super) rows: RowsByGroup,
}

impl Hierarchy {
    /// Finds how the groupings with random terms nest.
    ///
    /// # Errors
    /// [`FitError::Crossed`] when two do not.
    pub(super) fn of(design: &Design) -> Result<Self, FitError> {
        let levels = nested_levels(design)?;
        let finest = levels.last().map_or(0, |level| level.grouping);
        let grouping = &design.parts().groupings[finest];
        let rows = RowsByGroup::of(&grouping.codes, grouping.levels.len());
        let (slots, blocks) = side_by_side(&levels, &rows);
        Ok(Self {
            levels,
            slots,
            blocks,
            rows,
        })
    }
}

fn nested_levels(design: &Design) -> Result<Vec<Level>, FitError> {
    let parts = design.parts();
    let mut groupings: Vec<usize> = parts.random.iter().map(|term| term.grouping).collect();
    groupings.sort_unstable();
    groupings.dedup();
    groupings.sort_by_key(|&grouping| parts.groupings[grouping].levels.len());
    let mut levels: Vec<Level> = Vec::with_capacity(groupings.len());
    for grouping in groupings {
        let this = &parts.groupings[grouping];
        let parents = match levels.last() {
            None => Vec::new(),
            Some(above) => {
                let above = &parts.groupings[above.grouping];
                parents(&this.codes, this.levels.len(), &above.codes).ok_or_else(|| {
                    FitError::Crossed {
                        first: above.name.clone(),
                        second: this.name.clone(),
                    }
                })?
            }
        };
        levels.push(Level {
            grouping,
            parents,
            groups: this.levels.len(),
        });
    }
    Ok(levels)
}

/// The one code above each code, or nothing when some code has two.
fn parents(codes: &[u32], count: usize, above: &[u32]) -> Option<Vec<u32>> {
    let mut parents = vec![EMPTY; count];
    for (&code, &parent) in codes.iter().zip(above) {
        let known = &mut parents[code as usize];
        if *known == EMPTY {
            *known = parent;
        } else if *known != parent {
            return None;
        }
    }
    Some(parents)
}

/// Groups below each group, level by level.
struct Branches {
    /// For each level but the finest: where the branches of a group begin in `below`.
    starts: Vec<Vec<u32>>,
    below: Vec<Vec<u32>>,
    /// Groups in use below each group of the top, all levels counted.
    sizes: Vec<u32>,
}

impl Branches {
    fn of(levels: &[Level], rows: &RowsByGroup) -> Self {
        let (mut starts, mut below) = (Vec::new(), Vec::new());
        for pair in levels.windows(2) {
            // Groups without rows have no parent and lie nowhere.
            let used: Vec<u32> = pair[1].parents.clone();
            let mut begin = vec![0_u32; pair[0].groups + 1];
            for &parent in used.iter().filter(|parent| **parent != EMPTY) {
                begin[parent as usize + 1] += 1;
            }
            for group in 0..pair[0].groups {
                begin[group + 1] += begin[group];
            }
            let mut next = begin.clone();
            let mut branches = vec![EMPTY; begin[pair[0].groups] as usize];
            for (group, &parent) in (0_u32..).zip(&used) {
                if parent != EMPTY {
                    let place = &mut next[parent as usize];
                    branches[*place as usize] = group;
                    *place += 1;
                }
            }
            starts.push(begin);
            below.push(branches);
        }
        let mut sizes: Vec<u32> = rows
            .starts
            .windows(2)
            .map(|pair| u32::from(pair[1] > pair[0]))
            .collect();
        for level in (0..starts.len()).rev() {
            let begin: &Vec<u32> = &starts[level];
            sizes = (0..levels[level].groups)
                .map(|group| {
                    let range = begin[group] as usize..begin[group + 1] as usize;
                    let inner: u32 = below[level][range]
                        .iter()
                        .map(|&branch| sizes[branch as usize])
                        .sum();
                    inner + u32::from(inner > 0)
                })
                .collect();
        }
        Self {
            starts,
            below,
            sizes,
        }
    }

    fn of_group(&self, level: usize, group: u32) -> &[u32] {
        if group == EMPTY {
            return &[];
        }
        let begin = &self.starts[level];
        &self.below[level][begin[group as usize] as usize..begin[group as usize + 1] as usize]
    }
}

/// Trees of like size side by side, so that few lanes stay empty.
fn side_by_side(levels: &[Level], rows: &RowsByGroup) -> (Vec<Slot>, Vec<Block>) {
    let branches = Branches::of(levels, rows);
    let mut tops: Vec<u32> = (0_u32..)
        .zip(&branches.sizes)
        .filter_map(|(group, &size)| (size > 0).then_some(group))
        .collect();
    tops.sort_by_key(|&group| branches.sizes[group as usize]);
    let (mut slots, mut blocks) = (Vec::new(), Vec::new());
    for eight in tops.chunks(LANES) {
        let mut groups = [EMPTY; LANES];
        groups[..eight.len()].copy_from_slice(eight);
        let first = slots.len();
        place(&mut slots, &branches, levels.len(), 0, groups);
        blocks.push(first..slots.len());
    }
    (slots, blocks)
}

fn place(
    slots: &mut Vec<Slot>,
    branches: &Branches,
    depth: usize,
    level: usize,
    groups: [u32; LANES],
) {
    slots.push(Slot { level, groups });
    if level + 1 == depth {
        return;
    }
    let below = groups.map(|group| branches.of_group(level, group));
    let most = below
        .iter()
        .map(|branches| branches.len())
        .max()
        .unwrap_or(0);
    for branch in 0..most {
        let groups = below.map(|branches| branches.get(branch).copied().unwrap_or(EMPTY));
        place(slots, branches, depth, level + 1, groups);
    }
}
