//! Instants with the local offset that a clock on the wall showed.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

/// 1950-01-01T00:00:00Z, the earliest accepted instant, in microseconds since 1970.
const EARLIEST_MICROSECONDS: i64 = -631_152_000_000_000;

/// 9999-12-30T22:00:00Z, the latest accepted instant, in microseconds since 1970. A day short of the end of the
/// calendar, so that the local time of every offset exists.
const LATEST_MICROSECONDS: i64 = 253_402_207_200_000_000;

/// The greatest offset from UTC in either direction, in minutes: 18 h, as in ISO 8601 practice.
const MAX_OFFSET_MINUTES: u32 = 18 * 60;

const MICROSECONDS_PER_HOUR: f64 = 3_600_000_000.0;

/// An instant to the microsecond and the local offset from UTC in whole minutes.
///
/// Two moments are compared by their instant first. Differences are taken on instants, so that neither a change of
/// the clocks nor a journey shortens a night.
///
/// ```
/// use diel_core::Moment;
/// let wake = Moment::new(1_750_000_000_000_000, 120)?;
/// let bed = Moment::new(1_750_050_400_000_000, 60)?;
/// assert_eq!(bed.hours_since(wake), 14.0);
/// # Ok::<(), diel_core::MomentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    microseconds: i64,
    utc_offset_minutes: i32,
}

impl Moment {
    /// Accepts an instant in microseconds since 1970-01-01T00:00:00Z and an offset in minutes east.
    ///
    /// # Errors
    /// Instants before 1950 or after 9999-12-30T22:00:00Z, and offsets beyond 18 h, are refused.
    pub fn new(microseconds_since_1970: i64, utc_offset_minutes: i32) -> Result<Self, MomentError> {
        if microseconds_since_1970 < EARLIEST_MICROSECONDS {
            Err(MomentError::TooEarly)
        } else if microseconds_since_1970 > LATEST_MICROSECONDS {
            Err(MomentError::TooLate)
        } else if utc_offset_minutes.unsigned_abs() > MAX_OFFSET_MINUTES {
            Err(MomentError::Offset { utc_offset_minutes })
        } else {
            Ok(Self {
                microseconds: microseconds_since_1970,
                utc_offset_minutes,
            })
        }
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn microseconds(self) -> i64 {
        self.microseconds
    }

    /// The offset from UTC, in minutes east.
    #[must_use]
    pub const fn utc_offset_minutes(self) -> i32 {
        self.utc_offset_minutes
    }

    /// The instant.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        // The constructor admits no instant that jiff does not.
        Timestamp::from_microsecond(self.microseconds).unwrap_or_default()
    }

    /// What a clock and a calendar on the wall showed.
    #[must_use]
    pub fn local_date_time(self) -> DateTime {
        let offset = Offset::from_seconds(self.utc_offset_minutes * 60).unwrap_or(Offset::UTC);
        offset.to_datetime(self.timestamp())
    }

    /// What a calendar on the wall showed.
    #[must_use]
    pub fn local_date(self) -> Date {
        self.local_date_time().date()
    }

    /// Hours since the local midnight, 0 to 24, as a clock on the wall showed.
    pub(crate) fn hours_after_midnight(self) -> f64 {
        let time = self.local_date_time().time();
        let seconds = f64::from(time.second()) + f64::from(time.subsec_nanosecond()) / 1e9;
        f64::from(time.hour()) + (f64::from(time.minute()) + seconds / 60.0) / 60.0
    }

    /// The local date of a day that begins at this hour instead of midnight.
    pub(crate) fn date_of_day_beginning_at(self, hour: i64) -> Date {
        self.local_date_time()
            .saturating_sub(SignedDuration::from_hours(hour))
            .date()
    }

    /// Hours from an earlier moment to this one; negative when it is in fact later.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "differences of days are exact in a double"
    )]
    pub fn hours_since(self, earlier: Self) -> f64 {
        (self.microseconds - earlier.microseconds) as f64 / MICROSECONDS_PER_HOUR
    }
}

/// Why a moment is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MomentError {
    /// Before 1950.
    #[error("the time lies before 1950-01-01T00:00:00Z")]
    TooEarly,
    /// After the year 9999.
    #[error("the time lies after 9999-12-30T22:00:00Z")]
    TooLate,
    /// No place on Earth has such an offset.
    #[error("an offset of {utc_offset_minutes} minutes from UTC is beyond {MAX_OFFSET_MINUTES}")]
    Offset {
        /// The offset, in minutes east.
        utc_offset_minutes: i32,
    },
}
