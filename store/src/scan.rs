//! Profiles row by row, borrowed from the engine: what reads a million of them keeps none.

use diel_core::{Absence, Features, Findings, Moment};
use jiff::civil::Date;

use crate::codes::{self, damaged};
use crate::filter::Statement;
use crate::{PageRequest, StoreError};

/// Numbers of a day.
const FEATURES: usize = Features::NAMES.len();

/// Which parts of profiles are read beside the participant and the date. What is not read costs nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProfileParts {
    /// When the day began.
    pub awakening: bool,
    /// How many samples it has.
    pub sample_count: bool,
    /// Whether it counts.
    pub valid: bool,
    /// Its numbers, in the order of [`Features::NAMES`].
    pub features: [bool; FEATURES],
    /// Why numbers are absent.
    pub absences: bool,
    /// Its findings.
    pub findings: bool,
}

/// A profile while it is read. Parts that were not asked for are empty.
#[derive(Debug, Clone, Copy)]
pub struct ProfileRow<'r> {
    /// The participant's code.
    pub participant: &'r str,
    /// The date of the sampling day, YYYY-MM-DD.
    pub date: &'r str,
    /// When the day began.
    pub awakening: Option<Moment>,
    /// How many samples the day has.
    pub sample_count: i64,
    /// Whether the day counts for the rhythm.
    pub valid: bool,
    /// Its numbers, in the order and units of [`Features::NAMES`].
    pub features: &'r [Option<f64>; FEATURES],
    /// The names of the numbers that are absent, and why, in the same order.
    pub absences: &'r [(&'static str, Absence)],
    /// Findings on the day and its samples.
    pub findings: Findings,
}

/// The columns of a row, by place.
pub(crate) trait Cells {
    fn text(&self, place: usize) -> Result<&str, StoreError>;
    fn truth(&self, place: usize) -> Result<bool, StoreError>;
    fn maybe_integer(&self, place: usize) -> Result<Option<i64>, StoreError>;
    fn maybe_number(&self, place: usize) -> Result<Option<f64>, StoreError>;
}

/// A page of profiles that is being read.
#[derive(Debug)]
pub(crate) struct ProfileScan {
    parts: ProfileParts,
    /// Rows that are still to be handed over.
    left: u32,
    /// The last of them.
    last: Option<(String, Date)>,
    is_more: bool,
    features: [Option<f64>; FEATURES],
    absences: Vec<(&'static str, Absence)>,
    reasons: Reasons,
    findings: (String, Findings),
}

/// The column `absent` as it was last read: neighbours mostly have the same.
#[derive(Debug, Default)]
struct Reasons {
    text: String,
    by_feature: [Option<Absence>; FEATURES],
}

impl ProfileScan {
    pub(crate) fn new<K>(parts: ProfileParts, page: &PageRequest<K>) -> Self {
        // Whether a number is absent is seen by reading it.
        let features = parts.features.map(|is_read| is_read || parts.absences);
        Self {
            parts: ProfileParts { features, ..parts },
            left: page.limit.max(1),
            last: None,
            is_more: false,
            features: [None; FEATURES],
            absences: Vec::new(),
            reasons: Reasons::default(),
            findings: (String::new(), Findings::default()),
        }
    }

    /// Appends the columns, in the order in which [`ProfileScan::take`] reads them.
    pub(crate) fn push_columns(&self, select: &mut impl Statement) {
        let parts = &self.parts;
        select.words("participant, day");
        for (column, is_read) in [
            (", awakening_us, utc_offset_minutes", parts.awakening),
            (", sample_count", parts.sample_count),
            (", valid", parts.valid),
            (", absent", parts.absences),
            (", findings", parts.findings),
        ] {
            if is_read {
                select.words(column);
            }
        }
        for (name, is_read) in Features::NAMES.into_iter().zip(parts.features) {
            if is_read {
                select.words(", ").words(name);
            }
        }
    }

    /// Reads a row and hands it over; says whether the page has room for another.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] for a row that breaks its own rules, [`StoreError::Engine`].
    pub(crate) fn take(
        &mut self,
        cells: &impl Cells,
        put: impl FnOnce(&ProfileRow<'_>),
    ) -> Result<bool, StoreError> {
        if self.left == 0 {
            self.is_more = true;
            return Ok(false);
        }
        self.left -= 1;
        let (participant, day) = (cells.text(0)?, cells.text(1)?);
        let date: Date = day.parse().map_err(|_| damaged("day", &day))?;
        if self.left == 0 {
            self.last = Some((participant.to_owned(), date));
        }
        let mut place = 1;
        let mut next = |is_read: bool| {
            place += usize::from(is_read);
            is_read.then_some(place)
        };
        let parts = self.parts;
        let awakening = match (next(parts.awakening), next(parts.awakening)) {
            (Some(instant), Some(offset)) => {
                moment(cells.maybe_integer(instant)?, cells.maybe_integer(offset)?)?
            }
            _ => None,
        };
        let sample_count = match next(parts.sample_count) {
            Some(place) => cells
                .maybe_integer(place)?
                .ok_or_else(|| damaged("sample_count", &"nothing"))?,
            None => 0,
        };
        let valid = match next(parts.valid) {
            Some(place) => cells.truth(place)?,
            None => false,
        };
        let absent = next(parts.absences)
            .map(|place| cells.text(place))
            .transpose()?;
        if let Some(place) = next(parts.findings) {
            let text = cells.text(place)?;
            if text != self.findings.0 {
                self.findings = (text.to_owned(), codes::read_findings(text)?);
            }
        }
        for (is_read, feature) in parts.features.into_iter().zip(&mut self.features) {
            if let Some(place) = next(is_read) {
                *feature = cells.maybe_number(place)?;
            }
        }
        if let Some(text) = absent {
            self.explain(text)?;
        }
        put(&ProfileRow {
            participant,
            date: day,
            awakening,
            sample_count,
            valid,
            features: &self.features,
            absences: &self.absences,
            findings: self.findings.1,
        });
        Ok(true)
    }

    /// Where the next page begins; `None` behind the last.
    pub(crate) fn next(self) -> Option<(String, Date)> {
        self.last.filter(|_| self.is_more)
    }

    /// Finds why each absent number is, in the column `absent`.
    fn explain(&mut self, text: &str) -> Result<(), StoreError> {
        if text != self.reasons.text {
            self.reasons = Reasons {
                text: text.to_owned(),
                by_feature: Features::NAMES.map(|name| codes::read_reason(name, text)),
            };
        }
        self.absences.clear();
        let reasons = Features::NAMES.into_iter().zip(self.reasons.by_feature);
        for ((name, reason), feature) in reasons.zip(self.features) {
            if feature.is_none() {
                let none = || damaged("absent", &format_args!("no reason for {name}"));
                self.absences.push((name, reason.ok_or_else(none)?));
            }
        }
        Ok(())
    }
}

/// A moment from its two columns.
fn moment(instant: Option<i64>, offset: Option<i64>) -> Result<Option<Moment>, StoreError> {
    let (Some(microseconds), Some(offset)) = (instant, offset) else {
        return Ok(None);
    };
    let damage = |found: &dyn std::fmt::Display| damaged("awakening_us", found);
    let offset = i32::try_from(offset).map_err(|error| damage(&error))?;
    let moment = Moment::new(microseconds, offset).map_err(|error| damage(&error))?;
    Ok(Some(moment))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use sqlx::{QueryBuilder, Sqlite};

    use super::*;

    /// A row of texts, as a column holds them; `-` is null.
    struct Texts(&'static [&'static str]);

    impl Texts {
        fn maybe<T: std::str::FromStr>(&self, place: usize) -> Option<T> {
            self.0.get(place).filter(|text| **text != "-")?.parse().ok()
        }
    }

    impl Cells for Texts {
        fn text(&self, place: usize) -> Result<&str, StoreError> {
            Ok(self.0.get(place).unwrap())
        }
        fn truth(&self, place: usize) -> Result<bool, StoreError> {
            Ok(self.maybe(place).unwrap())
        }
        fn maybe_integer(&self, place: usize) -> Result<Option<i64>, StoreError> {
            Ok(self.maybe(place))
        }
        fn maybe_number(&self, place: usize) -> Result<Option<f64>, StoreError> {
            Ok(self.maybe(place))
        }
    }

    fn page(limit: u32) -> PageRequest<(String, Date)> {
        PageRequest { after: None, limit }
    }

    #[test]
    fn columns_are_read_in_the_order_in_which_they_are_asked_for() {
        let parts = ProfileParts {
            awakening: true,
            valid: true,
            features: Features::NAMES.map(|name| name == "mesor" || name == "amplitude"),
            ..ProfileParts::default()
        };
        let mut scan = ProfileScan::new(parts, &page(9));
        let mut select = QueryBuilder::<Sqlite>::new("");
        scan.push_columns(&mut select);
        assert_eq!(
            select.sql(),
            "participant, day, awakening_us, utc_offset_minutes, valid, mesor, amplitude"
        );
        let row = Texts(&[
            "P-1",
            "2026-03-02",
            "1772345100000000",
            "60",
            "true",
            "1.5",
            "-",
        ]);
        let mut seen = 0;
        let taken = scan.take(&row, |row| {
            seen += 1;
            assert_eq!((row.participant, row.date), ("P-1", "2026-03-02"));
            let awakening = row.awakening.unwrap().local_date_time();
            assert_eq!(awakening.to_string(), "2026-03-01T07:05:00");
            assert!(row.valid);
            let numbers: Vec<_> = row.features.iter().flatten().collect();
            assert_eq!(numbers, [&1.5]);
        });
        assert!(taken.unwrap() && seen == 1);
    }

    #[test]
    fn a_number_is_absent_for_a_reason() {
        let parts = ProfileParts {
            absences: true,
            ..ProfileParts::default()
        };
        let absent = "peak_nmol_per_l=two_samples;bed_nmol_per_l=two_samples";
        let mut cells = vec!["P-1", "2026-03-02", absent, "2.5", "-", "-"];
        cells.resize(3 + FEATURES, "1");
        let mut scan = ProfileScan::new(parts, &page(9));
        let reason = Absence::from_code("two_samples");
        scan.take(&Texts(cells.clone().leak()), |row| {
            let named: Vec<_> = row.absences.iter().map(|(name, _)| *name).collect();
            assert_eq!(named, ["peak_nmol_per_l", "bed_nmol_per_l"]);
            assert!(row.absences.iter().all(|(_, given)| Some(*given) == reason));
        })
        .unwrap();
        cells.pop();
        cells.push("-");
        let refused = scan.take(&Texts(cells.leak()), |_| ()).unwrap_err();
        assert!(
            refused.to_string().contains("no reason for cosinor_p"),
            "{refused}"
        );
    }

    #[test]
    fn a_page_ends_at_its_last_row_and_knows_of_another() {
        let mut scan = ProfileScan::new(ProfileParts::default(), &page(2));
        let row = |day: &'static str| Texts(vec!["P-1", day].leak());
        assert!(scan.take(&row("2026-03-01"), |_| ()).unwrap());
        assert!(scan.take(&row("2026-03-02"), |_| ()).unwrap());
        assert!(!scan.take(&row("2026-03-03"), |_| unreachable!()).unwrap());
        let second = ("P-1".to_owned(), jiff::civil::date(2026, 3, 2));
        assert_eq!(scan.next(), Some(second));
        let mut whole = ProfileScan::new(ProfileParts::default(), &page(2));
        assert!(whole.take(&row("2026-03-01"), |_| ()).unwrap());
        assert!(whole.take(&row("2026-03-02"), |_| ()).unwrap());
        assert_eq!(whole.next(), None);
    }
}
