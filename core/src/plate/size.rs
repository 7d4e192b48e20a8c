//! The sizes that microplates are made in.

use std::fmt;

use thiserror::Error;

use super::Well;

/// How many wells a plate has.
///
/// ```
/// use diel_core::plate::{PlateSize, Well};
/// let corner: Well = "H12".parse().unwrap();
/// assert!(PlateSize::W96.contains(corner) && PlateSize::W96.is_edge(corner));
/// assert_eq!(PlateSize::smallest_with(["A1", "I3"].map(|well| well.parse().unwrap())), PlateSize::W384);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlateSize {
    /// 2 rows of 3.
    W6,
    /// 3 rows of 4.
    W12,
    /// 4 rows of 6.
    W24,
    /// 6 rows of 8.
    W48,
    /// 8 rows of 12.
    W96,
    /// 16 rows of 24.
    W384,
    /// 32 rows of 48.
    W1536,
}

impl PlateSize {
    /// Every size, the smallest first.
    pub const ALL: [Self; 7] = [
        Self::W6,
        Self::W12,
        Self::W24,
        Self::W48,
        Self::W96,
        Self::W384,
        Self::W1536,
    ];

    /// How many rows there are.
    #[must_use]
    pub const fn rows(self) -> u8 {
        match self {
            Self::W6 => 2,
            Self::W12 => 3,
            Self::W24 => 4,
            Self::W48 => 6,
            Self::W96 => 8,
            Self::W384 => 16,
            Self::W1536 => 32,
        }
    }

    /// How many columns there are: half as many again as rows, but 4 beside 3.
    #[must_use]
    pub const fn columns(self) -> u8 {
        match self {
            Self::W6 => 3,
            Self::W12 => 4,
            Self::W24 => 6,
            Self::W48 => 8,
            Self::W96 => 12,
            Self::W384 => 24,
            Self::W1536 => 48,
        }
    }

    /// How many wells there are.
    #[must_use]
    pub const fn count(self) -> u16 {
        self.rows() as u16 * self.columns() as u16
    }

    /// Whether a plate of this size has the well.
    #[must_use]
    pub const fn contains(self, well: Well) -> bool {
        well.row() <= self.rows() && well.column() <= self.columns()
    }

    /// Whether the well lies at the rim, where wells dry and warm first.
    #[must_use]
    pub const fn is_edge(self, well: Well) -> bool {
        well.row() == 1
            || well.column() == 1
            || well.row() == self.rows()
            || well.column() == self.columns()
    }

    /// The smallest of the customary plates (96, 384, 1536) that has all the wells.
    #[must_use]
    pub fn smallest_with(wells: impl IntoIterator<Item = Well>) -> Self {
        let of_one = |well| {
            let mut sizes = [Self::W96, Self::W384].into_iter();
            sizes
                .find(|size| size.contains(well))
                .unwrap_or(Self::W1536)
        };
        wells.into_iter().map(of_one).max().unwrap_or(Self::W96)
    }

    /// The wells, row by row.
    pub fn wells(self) -> impl Iterator<Item = Well> {
        (1..=u32::from(self.rows())).flat_map(move |row| {
            (1..=u32::from(self.columns())).filter_map(move |column| Well::new(row, column).ok())
        })
    }
}

impl TryFrom<u32> for PlateSize {
    type Error = PlateSizeError;

    fn try_from(wells: u32) -> Result<Self, PlateSizeError> {
        Self::ALL
            .into_iter()
            .find(|size| u32::from(size.count()) == wells)
            .ok_or(PlateSizeError { wells })
    }
}

impl fmt::Display for PlateSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} wells", self.count())
    }
}

/// A number of wells that no plate has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("there is no plate of {wells} wells; plates have 6, 12, 24, 48, 96, 384 or 1536")]
pub struct PlateSizeError {
    /// How many wells.
    pub wells: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_their_names() {
        let counts = PlateSize::ALL.map(PlateSize::count);
        assert_eq!(counts, [6, 12, 24, 48, 96, 384, 1536]);
        for size in PlateSize::ALL {
            assert_eq!(size.wells().count(), usize::from(size.count()));
            assert_eq!(PlateSize::try_from(u32::from(size.count())), Ok(size));
        }
        assert_eq!(PlateSize::try_from(95), Err(PlateSizeError { wells: 95 }));
    }

    #[test]
    fn the_rim_of_96_is_36_wells() {
        let rim = PlateSize::W96
            .wells()
            .filter(|&well| PlateSize::W96.is_edge(well));
        assert_eq!(rim.count(), 2 * 8 + 2 * 12 - 4);
    }

    #[test]
    fn the_smallest_plate_does_not_depend_on_the_order() {
        let wells = ["A1", "AA1", "I1"].map(|text| text.parse().unwrap());
        assert_eq!(PlateSize::smallest_with(wells), PlateSize::W1536);
        assert_eq!(
            PlateSize::smallest_with(wells.into_iter().rev()),
            PlateSize::W1536
        );
    }
}
