//! One value of a table.

/// A typed value. What it looks like depends on the reader.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// There is none.
    Absent,
    /// Text as it is.
    Text(String),
    /// A count.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        if number.is_finite() {
            Self::Number(number)
        } else {
            Self::Absent
        }
    }
}

impl From<i64> for Cell {
    fn from(count: i64) -> Self {
        Self::Integer(count)
    }
}

impl From<u32> for Cell {
    fn from(count: u32) -> Self {
        Self::Integer(i64::from(count))
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}
