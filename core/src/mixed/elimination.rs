//! One evaluation over a block: eight trees of groups eliminated from their leaves to their tops, and back.
//!
//! A slot's panel holds the cross-products of its own random columns z with themselves, with the random columns of
//! the levels above, and with (X, y): q rows of `width` columns. Going up, b of the slot is integrated out,
//!
//! ```text
//! A = I + Λᵀ P Λ = L D Lᵀ,   V = L⁻¹ Λᵀ panel,   what is above -= Vᵀ D⁻¹ V,   log|A| = sum log D
//! ```
//!
//! Going down, U = zᵀ H⁻¹ (X, y) and S = zᵀ H⁻¹ z, with H = I + Z Λ Λᵀ Zᵀ over all levels of the tree, follow from the
//! slot's own elimination and from what is known of the effects above. Sums of S and of products of U are all that the
//! criterion's gradient needs.
#![expect(
    clippy::indexing_slicing,
    reason = "dimensions are fixed when the panels are made; the loops run below them"
)]

use super::hierarchy::Slot;
use super::lanes::{Lanes, wide};
use super::panels::{Panels, Shape};
use super::parameters::{Factors, times_own_transpose};

/// Products of pivots are turned into logarithms before they can overflow.
const LARGE: f64 = 1e100;

/// What one evaluation sums over groups.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    /// log|A| over all groups.
    pub(super) log_determinant: f64,
    /// What elimination takes from the cross-products of (X, y): upper triangle by rows.
    pub(super) taken: Vec<f64>,
    /// Sums of S, one square matrix a level.
    pub(super) s: Vec<Vec<f64>>,
    /// Sums of products of the elements of U (rows by rows), upper triangle by rows, one a level.
    pub(super) uu: Vec<Vec<f64>>,
    /// Sums of products of the elements of the upper triangle of S, upper triangle by rows, one a level.
    pub(super) ss: Vec<Vec<f64>>,
}

impl Sums {
    pub(super) fn add(&mut self, other: &Self) {
        self.log_determinant += other.log_determinant;
        add_each(&mut self.taken, &other.taken);
        for (mine, others) in [
            (&mut self.s, &other.s),
            (&mut self.uu, &other.uu),
            (&mut self.ss, &other.ss),
        ] {
            for (mine, other) in mine.iter_mut().zip(others) {
                add_each(mine, other);
            }
        }
    }
}

fn add_each(mine: &mut [f64], others: &[f64]) {
    for (mine, other) in mine.iter_mut().zip(others) {
        *mine += other;
    }
}

/// Number of pairs i <= j below n.
pub(super) const fn pairs(n: usize) -> usize {
    n * (n + 1) / 2
}

/// The factors of one evaluation, and their products with their transposes.
pub(super) struct Scales {
    lambda: Factors,
    psi: Factors,
    /// Levels whose factor can be divided by.
    is_large: Vec<bool>,
}

impl Scales {
    pub(super) fn of(lambda: Factors, shape: &Shape) -> Self {
        let sizes = &shape.sizes;
        let psi = lambda
            .iter()
            .zip(sizes)
            .map(|(factor, &size)| times_own_transpose(factor, size))
            .collect();
        let diagonal_is_large = |(factor, &size): (&Vec<f64>, &usize)| {
            (0..size).all(|index| factor[index * size + index].abs() >= 1.0)
        };
        let is_large = lambda.iter().zip(sizes).map(diagonal_is_large).collect();
        Self {
            lambda,
            psi,
            is_large,
        }
    }
}

/// Memory of one thread.
pub(super) struct Scratch {
    /// Per level: what the slots below have taken from the panel that comes next.
    taken: Vec<Vec<Lanes>>,
    taken_from_root: Vec<Lanes>,
    /// U and S of the slots of the block, in the layout of their panels.
    u: Vec<Lanes>,
    g: Vec<Lanes>,
    v_over_d: Vec<Lanes>,
    a: Vec<Lanes>,
    /// Per level: coefficients of (X, y) in the effects of this level and those above; their covariance.
    above_coefficients: Vec<Vec<Lanes>>,
    above_covariance: Vec<Vec<Lanes>>,
    k: Vec<Lanes>,
    /// S of the present slot, q x q.
    pub(super) s: Vec<Lanes>,
    /// U of the present slot, q x m.
    pub(super) ut: Vec<Lanes>,
    pivots: Lanes,
    log_determinant: Lanes,
    s_sum: Vec<Vec<Lanes>>,
    uu_sum: Vec<Vec<Lanes>>,
    ss_sum: Vec<Vec<Lanes>>,
}

impl Scratch {
    pub(super) fn new(shape: &Shape) -> Self {
        let zeros = |length: usize| vec![Lanes::ZERO; length];
        let largest = shape.sizes.iter().copied().max().unwrap_or(0);
        let widest = shape.widths.iter().copied().max().unwrap_or(0);
        let each = |length: &dyn Fn(usize) -> usize| -> Vec<Vec<Lanes>> {
            (0..shape.sizes.len())
                .map(|level| zeros(length(level)))
                .collect()
        };
        let size = |level: usize| shape.sizes[level];
        let up_to = |level: usize| shape.sizes[..=level].iter().sum::<usize>();
        Self {
            taken: each(&|level| size(level) * shape.widths[level]),
            taken_from_root: zeros(pairs(shape.root)),
            u: Vec::new(),
            g: zeros(largest * widest),
            v_over_d: zeros(largest * widest),
            a: zeros(largest * largest),
            above_coefficients: each(&|level| up_to(level) * shape.root),
            above_covariance: each(&|level| up_to(level) * up_to(level)),
            k: zeros(largest * widest),
            s: zeros(largest * largest),
            ut: zeros(largest * shape.root),
            pivots: Lanes::ONE,
            log_determinant: Lanes::ZERO,
            s_sum: each(&|level| size(level) * size(level)),
            uu_sum: each(&|level| pairs(size(level) * shape.root)),
            ss_sum: each(&|level| pairs(pairs(size(level)))),
        }
    }

    fn begin(&mut self) {
        let of_levels = [&mut self.s_sum, &mut self.uu_sum, &mut self.ss_sum];
        for sums in of_levels
            .into_iter()
            .flatten()
            .chain([&mut self.taken_from_root])
        {
            sums.fill(Lanes::ZERO);
        }
        self.log_determinant = Lanes::ZERO;
        self.pivots = Lanes::ONE;
    }

    fn sums(&mut self) -> Sums {
        self.flush_pivots();
        let totals = |lanes: &[Lanes]| lanes.iter().map(|lanes| lanes.sum()).collect::<Vec<f64>>();
        let each = |levels: &[Vec<Lanes>]| levels.iter().map(|lanes| totals(lanes)).collect();
        Sums {
            log_determinant: self.log_determinant.sum(),
            taken: totals(&self.taken_from_root),
            s: each(&self.s_sum),
            uu: each(&self.uu_sum),
            ss: each(&self.ss_sum),
        }
    }

    fn flush_pivots(&mut self) {
        self.log_determinant += Lanes(self.pivots.0.map(f64::ln));
        self.pivots = Lanes::ONE;
    }
}

/// Sums over some blocks. They do not depend on what the scratch memory was used for before.
#[expect(
    clippy::redundant_closure,
    reason = "a closure is inlined into the kernel, the shim of a function is not"
)]
pub(super) fn sums_over(
    panels: &Panels,
    blocks: std::ops::Range<usize>,
    scales: &Scales,
    scratch: &mut Scratch,
) -> Sums {
    scratch.begin();
    wide(
        #[inline(always)]
        || {
            for block in blocks {
                up(panels, block, scales, scratch);
                down(
                    panels,
                    block,
                    scales,
                    scratch,
                    #[inline(always)]
                    |slot, shape, scratch| gather(slot, shape, scratch),
                );
            }
        },
    );
    scratch.sums()
}

/// Calls with each slot of a block, its S and U in the scratch memory.
pub(super) fn visit_block(
    panels: &Panels,
    block: usize,
    scales: &Scales,
    scratch: &mut Scratch,
    mut visit: impl FnMut(&Slot, &Scratch),
) {
    scratch.begin();
    wide(
        #[inline(always)]
        || {
            up(panels, block, scales, scratch);
            down(
                panels,
                block,
                scales,
                scratch,
                #[inline(always)]
                |slot, _, scratch| visit(slot, scratch),
            );
        },
    );
}

#[inline(always)]
fn up(panels: &Panels, block: usize, scales: &Scales, scratch: &mut Scratch) {
    let slots = panels.slots(block);
    let values = panels.values(block);
    scratch.u.clear();
    scratch.u.extend_from_slice(values);
    let mut end = values.len();
    for slot in slots.iter().rev() {
        let begin = end - panels.shape.sizes[slot.level] * panels.shape.widths[slot.level];
        eliminate(&panels.shape, slot.level, begin..end, scales, scratch);
        end = begin;
    }
}

/// Integrates a slot's effects out of what lies above, and leaves U of its own level in its panel.
#[inline(always)]
fn eliminate(
    shape: &Shape,
    level: usize,
    place: std::ops::Range<usize>,
    scales: &Scales,
    scratch: &mut Scratch,
) {
    let (q, width) = (shape.sizes[level], shape.widths[level]);
    let lambda = &scales.lambda[level];
    let panel = &mut scratch.u[place];
    for (value, taken) in panel.iter_mut().zip(&mut scratch.taken[level]) {
        *value -= std::mem::replace(taken, Lanes::ZERO);
    }
    // G = Λᵀ panel.
    let g = &mut scratch.g[..q * width];
    for row in 0..q {
        let (before, rest) = g.split_at_mut(row * width);
        let _ = before;
        let target = &mut rest[..width];
        let factor = lambda[row * q + row];
        for (target, source) in target.iter_mut().zip(&panel[row * width..]) {
            *target = *source * factor;
        }
        for inner in row + 1..q {
            let factor = lambda[inner * q + row];
            for (target, source) in target.iter_mut().zip(&panel[inner * width..]) {
                *target += *source * factor;
            }
        }
    }
    // A = I + G Λ, then L D Lᵀ in place; V = L⁻¹ G in place.
    for row in 0..q {
        for column in 0..=row {
            let mut sum = if row == column {
                Lanes::ONE
            } else {
                Lanes::ZERO
            };
            for inner in column..q {
                sum += g[row * width + inner] * lambda[inner * q + column];
            }
            scratch.a[row * q + column] = sum;
        }
    }
    for column in 0..q {
        let pivot = scratch.a[column * q + column];
        if scratch.pivots.max() > LARGE || pivot.max() > LARGE {
            scratch.log_determinant += Lanes(scratch.pivots.0.map(f64::ln));
            scratch.pivots = Lanes::ONE;
        }
        scratch.pivots = scratch.pivots * pivot;
        let inverse = pivot.reciprocal();
        for row in column + 1..q {
            let multiplier = scratch.a[row * q + column] * inverse;
            for inner in column + 1..=row {
                let taken = multiplier * scratch.a[inner * q + column];
                scratch.a[row * q + inner] -= taken;
            }
            let (above, below) = g.split_at_mut(row * width);
            let source = &above[column * width..(column + 1) * width];
            for (target, source) in below[..width].iter_mut().zip(source) {
                *target -= *source * multiplier;
            }
        }
        let over = &mut scratch.v_over_d[column * width..(column + 1) * width];
        for (target, source) in over.iter_mut().zip(&g[column * width..]) {
            *target = *source * inverse;
        }
    }
    take_from_above(
        shape,
        level,
        g,
        &scratch.v_over_d,
        &mut scratch.taken,
        &mut scratch.taken_from_root,
    );
    if scales.is_large[level] {
        divide(lambda, q, width, &scratch.a, &scratch.v_over_d, panel);
        return;
    }
    // U = panel - V_ownᵀ D⁻¹ V.
    for row in 0..q {
        for inner in 0..q {
            let factor = g[inner * width + row];
            let source = &scratch.v_over_d[inner * width..(inner + 1) * width];
            for (target, source) in panel[row * width..(row + 1) * width].iter_mut().zip(source) {
                *target -= *source * factor;
            }
        }
    }
}

/// U = Λ⁻ᵀ L⁻ᵀ D⁻¹ V: the same without a difference, which would leave few digits where Λ is large.
#[inline(always)]
fn divide(
    lambda: &[f64],
    q: usize,
    width: usize,
    a: &[Lanes],
    v_over_d: &[Lanes],
    panel: &mut [Lanes],
) {
    panel[..q * width].copy_from_slice(&v_over_d[..q * width]);
    for row in (0..q).rev() {
        let (before, rest) = panel.split_at_mut((row + 1) * width);
        let target = &mut before[row * width..];
        let inverse = a[row * q + row].reciprocal();
        for (below, source) in (row + 1..q).zip(rest.chunks(width)) {
            let factor = a[below * q + row] * inverse;
            for (target, source) in target.iter_mut().zip(source) {
                *target -= *source * factor;
            }
        }
    }
    for row in (0..q).rev() {
        let (before, rest) = panel.split_at_mut((row + 1) * width);
        let target = &mut before[row * width..];
        for (below, source) in (row + 1..q).zip(rest.chunks(width)) {
            let factor = lambda[below * q + row];
            for (target, source) in target.iter_mut().zip(source) {
                *target -= *source * factor;
            }
        }
        let inverse = 1.0 / lambda[row * q + row];
        for target in target.iter_mut() {
            *target = *target * inverse;
        }
    }
}

/// Vᵀ D⁻¹ V of the columns that are not the slot's own, to whom they belong.
#[inline(always)]
fn take_from_above(
    shape: &Shape,
    level: usize,
    v: &[Lanes],
    v_over_d: &[Lanes],
    taken: &mut [Vec<Lanes>],
    taken_from_root: &mut [Lanes],
) {
    let (q, width) = (shape.sizes[level], shape.widths[level]);
    let mut first = q;
    for above in (0..level).rev() {
        let (size, above_width) = (shape.sizes[above], shape.widths[above]);
        for row in 0..size {
            let target = &mut taken[above][row * above_width..(row + 1) * above_width];
            for inner in 0..q {
                let factor = v_over_d[inner * width + first + row];
                let source = &v[inner * width + first..(inner + 1) * width];
                for (target, source) in target.iter_mut().zip(source) {
                    *target += *source * factor;
                }
            }
        }
        first += size;
    }
    let mut begin = 0;
    for row in 0..shape.root {
        let length = shape.root - row;
        let target = &mut taken_from_root[begin..begin + length];
        for inner in 0..q {
            let factor = v_over_d[inner * width + first + row];
            let source = &v[inner * width + first + row..(inner + 1) * width];
            for (target, source) in target.iter_mut().zip(source) {
                *target += *source * factor;
            }
        }
        begin += length;
    }
}

#[inline(always)]
fn down(
    panels: &Panels,
    block: usize,
    scales: &Scales,
    scratch: &mut Scratch,
    mut visit: impl FnMut(&Slot, &Shape, &mut Scratch),
) {
    let shape = &panels.shape;
    let mut begin = 0;
    for slot in panels.slots(block) {
        let level = slot.level;
        let end = begin + shape.sizes[level] * shape.widths[level];
        complete(shape, level, begin, scratch);
        visit(slot, shape, scratch);
        if level + 1 < shape.sizes.len() {
            hand_down(shape, level, &scales.psi[level], scratch);
        }
        begin = end;
    }
}

/// S and U of a slot given the effects above: S = S° - U° C U°ᵀ, U = U°(X, y) - U°(above) E.
#[inline(always)]
fn complete(shape: &Shape, level: usize, begin: usize, scratch: &mut Scratch) {
    let (q, width, m) = (shape.sizes[level], shape.widths[level], shape.root);
    let above = width - q - m;
    for row in 0..q {
        let panel = &scratch.u[begin + row * width..begin + (row + 1) * width];
        scratch.s[row * q..(row + 1) * q].copy_from_slice(&panel[..q]);
        scratch.ut[row * m..(row + 1) * m].copy_from_slice(&panel[q + above..]);
    }
    if above == 0 {
        return;
    }
    let coefficients = &scratch.above_coefficients[level - 1];
    let covariance = &scratch.above_covariance[level - 1];
    for row in 0..q {
        let panel = &scratch.u[begin + row * width + q..begin + row * width + q + above];
        for (inner, factor) in panel.iter().enumerate() {
            let source = &coefficients[inner * m..(inner + 1) * m];
            for (target, source) in scratch.ut[row * m..(row + 1) * m].iter_mut().zip(source) {
                *target -= *source * *factor;
            }
        }
        // K = U°(above) C.
        let k = &mut scratch.k[row * above..(row + 1) * above];
        k.fill(Lanes::ZERO);
        for (inner, factor) in panel.iter().enumerate() {
            let source = &covariance[inner * above..(inner + 1) * above];
            for (target, source) in k.iter_mut().zip(source) {
                *target += *source * *factor;
            }
        }
    }
    for row in 0..q {
        for column in 0..q {
            let other = &scratch.u[begin + column * width + q..begin + column * width + q + above];
            let mut sum = Lanes::ZERO;
            for (k, other) in scratch.k[row * above..(row + 1) * above].iter().zip(other) {
                sum += *k * *other;
            }
            scratch.s[row * q + column] -= sum;
        }
    }
}

/// Coefficients and covariance of the effects of this slot and those above it, for the slots below.
#[inline(always)]
fn hand_down(shape: &Shape, level: usize, psi: &[f64], scratch: &mut Scratch) {
    let (q, m) = (shape.sizes[level], shape.root);
    let above = shape.widths[level] - q - m;
    let all = q + above;
    let (upper_coefficients, lower) = scratch.above_coefficients.split_at_mut(level);
    let coefficients = &mut lower[0];
    let (upper_covariance, lower) = scratch.above_covariance.split_at_mut(level);
    let covariance = &mut lower[0];
    // E = Ψ U, above it as before.
    for row in 0..q {
        let target = &mut coefficients[row * m..(row + 1) * m];
        target.fill(Lanes::ZERO);
        for inner in 0..q {
            let source = &scratch.ut[inner * m..(inner + 1) * m];
            for (target, source) in target.iter_mut().zip(source) {
                *target += *source * psi[row * q + inner];
            }
        }
    }
    if let Some(upper) = upper_coefficients.last() {
        coefficients[q * m..].copy_from_slice(upper);
    }
    // Cov(b) = Ψ - Ψ S Ψ, Cov(b, above) = -Ψ K.
    for row in 0..q {
        for column in 0..q {
            let mut sum = Lanes::splat(psi[row * q + column]);
            for left in 0..q {
                for right in 0..q {
                    let factor = psi[row * q + left] * psi[right * q + column];
                    sum -= scratch.s[left * q + right] * factor;
                }
            }
            covariance[row * all + column] = sum;
        }
        for column in 0..above {
            let mut sum = Lanes::ZERO;
            for inner in 0..q {
                sum -= scratch.k[inner * above + column] * psi[row * q + inner];
            }
            covariance[row * all + q + column] = sum;
            covariance[(q + column) * all + row] = sum;
        }
    }
    if let Some(upper) = upper_covariance.last() {
        for row in 0..above {
            covariance[(q + row) * all + q..(q + row + 1) * all]
                .copy_from_slice(&upper[row * above..(row + 1) * above]);
        }
    }
}

#[inline(always)]
fn gather(slot: &Slot, shape: &Shape, scratch: &mut Scratch) {
    let level = slot.level;
    let (q, m) = (shape.sizes[level], shape.root);
    for (sum, s) in scratch.s_sum[level].iter_mut().zip(&scratch.s[..q * q]) {
        *sum += *s;
    }
    add_pairs(&scratch.ut[..q * m], &mut scratch.uu_sum[level]);
    let mut upper = 0;
    for row in 0..q {
        for column in row..q {
            scratch.a[upper] = scratch.s[row * q + column];
            upper += 1;
        }
    }
    add_pairs(&scratch.a[..upper], &mut scratch.ss_sum[level]);
}

#[inline(always)]
fn add_pairs(elements: &[Lanes], sums: &mut [Lanes]) {
    let mut begin = 0;
    for (row, factor) in elements.iter().enumerate() {
        let length = elements.len() - row;
        for (sum, other) in sums[begin..begin + length].iter_mut().zip(&elements[row..]) {
            *sum += *factor * *other;
        }
        begin += length;
    }
}
