//! How long a study may keep a person's data.

use thiserror::Error;

/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// Days after a person's last sample for which a study may keep their data, 1 to 36,525, a hundred years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RetentionDays(u16);

/// A number is no retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "{days} is not a number of days from 1 to {} for which data may be kept",
    RetentionDays::MOST
)]
pub struct RetentionError {
    /// The number.
    pub days: i64,
}

impl RetentionDays {
    /// A hundred years of 365.25 days.
    pub const MOST: u16 = 36_525;

    /// Accepts a number of days.
    ///
    /// # Errors
    /// [`RetentionError`] outside 1 to 36,525.
    ///
    /// ```
    /// use diel_core::RetentionDays;
    /// assert_eq!(RetentionDays::new(3_650).unwrap().days(), 3_650);
    /// assert_eq!(
    ///     RetentionDays::new(0).unwrap_err().to_string(),
    ///     "0 is not a number of days from 1 to 36525 for which data may be kept"
    /// );
    /// ```
    pub fn new(days: i64) -> Result<Self, RetentionError> {
        u16::try_from(days)
            .ok()
            .filter(|days| (1..=Self::MOST).contains(days))
            .map(Self)
            .ok_or(RetentionError { days })
    }

    /// The number of days.
    #[must_use]
    pub const fn days(self) -> u16 {
        self.0
    }

    /// Whether it is over at an instant for a person whose last sample was collected at another, both in microseconds since
    /// 1970: more whole days lie between than may.
    ///
    /// ```
    /// use diel_core::RetentionDays;
    /// let (week, day) = (RetentionDays::new(7).unwrap(), 86_400_000_000);
    /// assert!(!week.is_over(0, 8 * day - 1), "seven whole days");
    /// assert!(week.is_over(0, 8 * day), "eight");
    /// ```
    #[must_use]
    pub fn is_over(self, last_sample_us: i64, now_us: i64) -> bool {
        whole_days(last_sample_us, now_us) > i64::from(self.0)
    }
}

/// Whole days from one instant to a later one, both in microseconds since 1970.
#[must_use]
pub fn whole_days(from_us: i64, to_us: i64) -> i64 {
    to_us.saturating_sub(from_us).div_euclid(DAY_US)
}
