//! What a normal model needs of the rows of a group: how many, their means, and the products of their deviations.
#![expect(
    clippy::indexing_slicing,
    reason = "lengths are made together or checked by the constructor; columns run below the width"
)]

use std::cmp::Ordering;

use thiserror::Error;

use super::elimination::pairs;

/// Sums of the rows of some groups, a group after another. Sums of different groups can be made apart, on different machines, and
/// put side by side; the rows are then no longer needed.
///
/// ```
/// use diel_core::mixed::CrossProducts;
/// let mut sums = CrossProducts::new(2);
/// sums.push(&[&[1.0, 1.0, 1.0], &[2.0, 4.0, 9.0]], &[0, 1, 2]);
/// assert_eq!((sums.counts(), sums.means()), (&[3][..], &[1.0, 5.0][..]));
/// // (2 - 5)² + (4 - 5)² + (9 - 5)² = 26
/// assert_eq!(sums.products(), [0.0, 0.0, 26.0]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CrossProducts {
    width: usize,
    counts: Vec<u32>,
    means: Vec<f64>,
    products: Vec<f64>,
}

/// Why numbers are not the sums of groups.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum CrossProductsError {
    /// Parts of other lengths.
    #[error("{part} has {found} numbers; {groups} groups of {width} columns have {expected}")]
    Length {
        /// Which part.
        part: &'static str,
        /// Its numbers.
        found: usize,
        /// As many as there are counts.
        groups: usize,
        /// Columns.
        width: usize,
        /// The numbers that there should be.
        expected: usize,
    },
    /// A group of no rows.
    #[error("the count of group {group} is 0; a group has rows")]
    Empty {
        /// The group, from 0.
        group: usize,
    },
    /// A number that no sum of rows is.
    #[error("{part} {position} is {value}, which is not {rule}")]
    Number {
        /// Which part.
        part: &'static str,
        /// The place in it, from 0.
        position: usize,
        /// The number.
        value: f64,
        /// What it must be.
        rule: &'static str,
    },
}

impl CrossProducts {
    /// Sums of no group yet, of so many columns.
    #[must_use]
    pub const fn new(width: usize) -> Self {
        Self {
            width,
            counts: Vec::new(),
            means: Vec::new(),
            products: Vec::new(),
        }
    }

    /// Sums that were made before: counts of rows, means of the columns, and upper triangles by rows of the products of
    /// deviations from them, each group after group.
    ///
    /// # Errors
    /// [`CrossProductsError`] for parts of other lengths, a count of 0, a number that is not finite, a negative sum of squares.
    pub fn from_parts(
        width: usize,
        counts: Vec<u32>,
        means: Vec<f64>,
        products: Vec<f64>,
    ) -> Result<Self, CrossProductsError> {
        let groups = counts.len();
        let lengths = [
            ("means", means.len(), groups * width),
            ("products", products.len(), groups * pairs(width)),
        ];
        if let Some((part, found, expected)) = lengths.into_iter().find(|(_, has, due)| has != due)
        {
            return Err(CrossProductsError::Length {
                part,
                found,
                groups,
                width,
                expected,
            });
        }
        if let Some(group) = counts.iter().position(|count| *count == 0) {
            return Err(CrossProductsError::Empty { group });
        }
        for (part, numbers) in [("means", &means), ("products", &products)] {
            let mut each = numbers.iter().enumerate();
            if let Some((position, value)) = each.find(|(_, value)| !value.is_finite()) {
                return Err(CrossProductsError::Number {
                    part,
                    position,
                    value: *value,
                    rule: "a finite number",
                });
            }
        }
        for (group, triangle) in products.chunks(pairs(width).max(1)).enumerate() {
            let mut squares = (0..width).map(|column| cell(width, column, column));
            if let Some(cell) = squares.find(|cell| triangle[*cell] < 0.0) {
                return Err(CrossProductsError::Number {
                    part: "products",
                    position: group * pairs(width) + cell,
                    value: triangle[cell],
                    rule: "a sum of squares, 0 or more",
                });
            }
        }
        Ok(Self {
            width,
            counts,
            means,
            products,
        })
    }

    /// Adds a group: these rows of the columns. Their order does not change a digit: they are summed in an order of their own.
    /// A row beyond a column counts as 0.
    pub fn push(&mut self, columns: &[&[f64]], rows: &[usize]) {
        let at = |row: usize, column: usize| {
            let values = columns.get(column);
            values.and_then(|values| values.get(row)).copied()
        };
        let cells = |row: usize| (0..self.width).map(move |column| at(row, column).unwrap_or(0.0));
        let mut order = rows.to_vec();
        order.sort_by(|left, right| in_order(cells(*left), cells(*right)));
        let Some(&first) = order.first() else {
            return;
        };
        let count = u32::try_from(order.len()).unwrap_or(u32::MAX);
        let first: Vec<f64> = cells(first).collect();
        let mut means = vec![0.0; self.width];
        for &row in &order {
            for ((sum, value), first) in means.iter_mut().zip(cells(row)).zip(&first) {
                *sum += value - first;
            }
        }
        for (mean, first) in means.iter_mut().zip(&first) {
            *mean = first + *mean / f64::from(count);
        }
        let mut products = vec![0.0; pairs(self.width)];
        // What rounding of the means leaves; taken out again, as a second pass does.
        let mut rests = vec![0.0; self.width];
        let mut deviations = vec![0.0; self.width];
        for &row in &order {
            for ((deviation, value), mean) in deviations.iter_mut().zip(cells(row)).zip(&means) {
                *deviation = value - mean;
            }
            for (rest, deviation) in rests.iter_mut().zip(&deviations) {
                *rest += deviation;
            }
            let mut cells = products.iter_mut();
            for (column, left) in deviations.iter().enumerate() {
                for (right, product) in deviations[column..].iter().zip(&mut cells) {
                    *product += left * right;
                }
            }
        }
        let mut cells = products.iter_mut();
        for (column, left) in rests.iter().enumerate() {
            for (right, product) in rests[column..].iter().zip(&mut cells) {
                *product -= left * right / f64::from(count);
            }
        }
        for column in 0..self.width {
            let square = &mut products[cell(self.width, column, column)];
            *square = square.max(0.0);
        }
        self.counts.push(count);
        self.means.extend(means);
        self.products.extend(products);
    }

    /// The same groups in an order that only their sums tell.
    #[must_use]
    pub fn sorted(&self) -> Self {
        let mut order: Vec<usize> = (0..self.groups()).collect();
        order.sort_by(|&left, &right| {
            let (left, right) = (self.group(left), self.group(right));
            let by_count = left.count.total_cmp(&right.count);
            by_count
                .then_with(|| in_order(left.means.iter().copied(), right.means.iter().copied()))
                .then_with(|| {
                    in_order(
                        left.products.iter().copied(),
                        right.products.iter().copied(),
                    )
                })
        });
        let mut sorted = Self::new(self.width);
        for group in order {
            sorted.counts.extend(self.counts.get(group));
            let group = self.group(group);
            sorted.means.extend_from_slice(group.means);
            sorted.products.extend_from_slice(group.products);
        }
        sorted
    }

    /// Puts other groups behind these; those of another width are of another model, and nothing of them is taken.
    pub fn append(&mut self, other: &Self) {
        if other.width == self.width {
            self.counts.extend_from_slice(&other.counts);
            self.means.extend_from_slice(&other.means);
            self.products.extend_from_slice(&other.products);
        }
    }

    /// How many groups.
    #[must_use]
    pub const fn groups(&self) -> usize {
        self.counts.len()
    }

    /// How many columns.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Rows of each group.
    #[must_use]
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// Means of the columns, group after group.
    #[must_use]
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// Sums of the products of deviations from the means: an upper triangle by rows, group after group.
    #[must_use]
    pub fn products(&self) -> &[f64] {
        &self.products
    }

    /// Rows of all groups.
    #[must_use]
    pub fn rows(&self) -> usize {
        let each = self.counts.iter();
        each.map(|count| usize::try_from(*count).unwrap_or(usize::MAX))
            .fold(0, usize::saturating_add)
    }

    /// One of the groups.
    #[inline]
    pub(super) fn group(&self, group: usize) -> Group<'_> {
        let (width, triangle) = (self.width, pairs(self.width));
        Group {
            count: f64::from(self.counts[group]),
            means: &self.means[group * width..(group + 1) * width],
            products: &self.products[group * triangle..(group + 1) * triangle],
        }
    }
}

/// The sums of one group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group<'a> {
    pub(super) count: f64,
    pub(super) means: &'a [f64],
    products: &'a [f64],
}

impl Group<'_> {
    /// Sum of the products of two columns about two points.
    #[inline]
    pub(super) fn about(&self, (left, from): (usize, f64), (right, to): (usize, f64)) -> f64 {
        let (low, high) = (left.min(right), left.max(right));
        self.products[cell(self.means.len(), low, high)]
            + self.count * (self.means[left] - from) * (self.means[right] - to)
    }
}

/// Where the product of two columns lies, the first not behind the second.
#[inline]
const fn cell(width: usize, low: usize, high: usize) -> usize {
    // Row `low` of an upper triangle begins after the rows before it.
    low * width - pairs(low) + high
}

fn in_order(left: impl Iterator<Item = f64>, right: impl Iterator<Item = f64>) -> Ordering {
    let mut each = left.zip(right).map(|(left, right)| left.total_cmp(&right));
    each.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}
