//! One well of a microplate, by its row letters and its column number.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Rows of the largest plate: A to Z, then AA to AF.
const MOST_ROWS: u8 = 32;
/// Columns of the largest plate.
const MOST_COLUMNS: u8 = 48;

/// A well: `A1` is the upper left one. Wells order by row and then by column, as a page is read.
///
/// ```
/// use diel_core::plate::Well;
/// let well: Well = "b03".parse()?;
/// assert_eq!((well.row(), well.column(), well.to_string().as_str()), (2, 3, "B3"));
/// assert!(well < "B10".parse()?);
/// # Ok::<(), diel_core::plate::WellError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Well {
    row: u8,
    column: u8,
}

impl Well {
    /// The well of a row and a column, both counted from 1.
    ///
    /// # Errors
    /// Rows above 32 (`AF`), columns above 48, and 0.
    pub fn new(row: u32, column: u32) -> Result<Self, WellError> {
        let within = |number: u32, most: u8| {
            u8::try_from(number)
                .ok()
                .filter(|number| (1..=most).contains(number))
        };
        Ok(Self {
            row: within(row, MOST_ROWS).ok_or(WellError::Row { row })?,
            column: within(column, MOST_COLUMNS).ok_or(WellError::Column { column })?,
        })
    }

    /// The row, from 1 (`A`) to 32 (`AF`).
    #[must_use]
    pub const fn row(self) -> u8 {
        self.row
    }

    /// The column, from 1 to 48.
    #[must_use]
    pub const fn column(self) -> u8 {
        self.column
    }

    /// A key that orders wells by column and then by row, as many plates are filled.
    ///
    /// ```
    /// use diel_core::plate::Well;
    /// let mut wells: Vec<Well> = ["A2", "B1", "A1"].iter().map(|text| text.parse().unwrap()).collect();
    /// wells.sort_by_key(|well| well.by_column());
    /// let texts: Vec<String> = wells.iter().map(Well::to_string).collect();
    /// assert_eq!(texts, ["A1", "B1", "A2"]);
    /// ```
    #[must_use]
    pub const fn by_column(self) -> (u8, u8) {
        (self.column, self.row)
    }
}

impl FromStr for Well {
    type Err = WellError;

    /// Reads `A1`, `A01`, `a1`, `AF48`; blanks around it are ignored.
    fn from_str(text: &str) -> Result<Self, WellError> {
        let not_a_well = || WellError::NotAWell {
            text: text.to_owned(),
        };
        let name = text.trim();
        let letters = name
            .find(|character: char| !character.is_ascii_alphabetic())
            .ok_or_else(not_a_well)?;
        let (row, column) = name.split_at(letters);
        let is_number = column.bytes().all(|byte| byte.is_ascii_digit());
        if !(1..=2).contains(&row.len()) || !(1..=3).contains(&column.len()) || !is_number {
            return Err(not_a_well());
        }
        let letter = |byte: u8| u32::from(byte.to_ascii_uppercase() - b'A') + 1;
        let row = row.bytes().fold(0, |row, byte| 26 * row + letter(byte));
        Self::new(row, column.parse().map_err(|_| not_a_well())?)
    }
}

impl fmt::Display for Well {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from_a = self.row - 1;
        if from_a >= 26 {
            f.write_str("A")?;
        }
        write!(f, "{}{}", char::from(b'A' + from_a % 26), self.column)
    }
}

/// Why something is not a well.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WellError {
    /// Neither letters nor a number, or in another order.
    #[error(
        "`{text}` is not a well; wells are a row letter and a column number, such as A1 or H12"
    )]
    NotAWell {
        /// What stands there.
        text: String,
    },
    /// A row that no plate has.
    #[error("row {row} is on no plate; rows are A to AF, which is 1 to 32")]
    Row {
        /// The row, from 1.
        row: u32,
    },
    /// A column that no plate has.
    #[error("column {column} is on no plate; columns are 1 to 48")]
    Column {
        /// The column, from 1.
        column: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_well_reads_back_in_every_way_of_writing() {
        for row in 1..=32 {
            for column in 1..=48 {
                let well = Well::new(row, column).unwrap();
                let text = well.to_string();
                let split = text.find(|c: char| c.is_ascii_digit()).unwrap();
                let padded = format!("{}{column:02}", &text[..split]);
                for written in [&text, &padded, &text.to_lowercase(), &format!(" {text} ")] {
                    assert_eq!(written.parse(), Ok(well), "{written}");
                }
            }
        }
        assert_eq!(Well::new(32, 48).unwrap().to_string(), "AF48");
        assert_eq!(Well::new(26, 1).unwrap().to_string(), "Z1");
        assert_eq!(Well::new(27, 1).unwrap().to_string(), "AA1");
    }

    #[test]
    fn what_is_no_well_is_refused_by_its_rule() {
        for text in [
            "", "A", "1", "1A", "A-1", "A1.0", "ABC1", "\u{c4}1", "A1B", "A0001",
        ] {
            let refused = text.parse::<Well>();
            assert!(matches!(refused, Err(WellError::NotAWell { .. })), "{text}");
        }
        assert_eq!("A0".parse::<Well>(), Err(WellError::Column { column: 0 }));
        assert_eq!("A49".parse::<Well>(), Err(WellError::Column { column: 49 }));
        assert_eq!("AG1".parse::<Well>(), Err(WellError::Row { row: 33 }));
        assert_eq!(Well::new(0, 1), Err(WellError::Row { row: 0 }));
    }
}
