//! What the cells of a file show together about how they are written, where a single one does not tell.

use super::clock::{self, ClockForm};
use super::column::Name;
use super::date::{self, DateOrder, Order, Shown};
use super::header::Header;
use super::number::{DecimalComma, DecimalMark, is_like_thousands};
use super::options::ImportOptions;
use super::times::TimeForms;

/// How numbers and times of a file are written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Habits {
    pub(super) comma: DecimalComma,
    pub(super) forms: TimeForms,
    /// The date that shows the order of all.
    pub(super) shown_by: Option<String>,
}

impl Habits {
    /// The order of dates, where it matters, and the date that shows it.
    pub(super) fn date_order(&self) -> Option<(DateOrder, Option<String>)> {
        match (self.forms.order, &self.shown_by) {
            (Order::Stated(order), _) => Some((order, None)),
            (Order::Seen(order), Some(date)) => Some((order, Some(date.clone()))),
            (Order::Seen(_) | Order::Unknown, _) => None,
        }
    }

    /// The mark before decimals, where it is certain.
    pub(super) fn decimal(&self, options: &ImportOptions) -> Option<DecimalMark> {
        let is_comma = self.comma == DecimalComma::Usual;
        options
            .decimal
            .or_else(|| is_comma.then_some(DecimalMark::Comma))
    }
}

/// Cells while they are looked at.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    day_first: Option<String>,
    month_first: Option<String>,
    has_ambiguous_date: bool,
    has_decimal_comma: bool,
    collected: Clocks,
    awakening: Clocks,
}

/// The cells of a column of times.
#[derive(Debug, Default)]
struct Clocks {
    all: usize,
    points: usize,
    digits: usize,
}

impl Clocks {
    fn add(&mut self, text: &str) {
        self.all += 1;
        match clock::doubtful_form(text) {
            Some(ClockForm::Point) => self.points += 1,
            Some(ClockForm::Digits) => self.digits += 1,
            Some(ClockForm::Colon) | None => {}
        }
    }

    const fn form(&self) -> ClockForm {
        match self.all {
            0 => ClockForm::Colon,
            all if all == self.points => ClockForm::Point,
            all if all == self.digits => ClockForm::Digits,
            _ => ClockForm::Colon,
        }
    }
}

impl Evidence {
    /// Looks at a row; `cell` gives the text under a position.
    pub(super) fn add<'a>(&mut self, header: &Header, cell: impl Fn(usize) -> Option<&'a str>) {
        let text = |name: Name| {
            let text = header.position(name).and_then(&cell).unwrap_or_default();
            text.trim()
        };
        for name in [Name::CollectedAt, Name::AwakeningAt, Name::Date] {
            let text = text(name);
            match date::shown(text) {
                Some(Shown::Order(DateOrder::MonthDayYear)) => {
                    self.month_first.get_or_insert_with(|| text.to_owned());
                }
                Some(Shown::Order(_)) => {
                    self.day_first.get_or_insert_with(|| text.to_owned());
                }
                Some(Shown::Nothing) => self.has_ambiguous_date = true,
                None => {}
            }
            match name {
                _ if text.is_empty() => {}
                Name::CollectedAt => self.collected.add(text),
                Name::AwakeningAt => self.awakening.add(text),
                _ => {}
            }
        }
        let numbers = [
            Name::Concentration,
            Name::LimitOfDetection,
            Name::MinutesSinceAwakening,
            Name::HoursSinceAwakening,
        ];
        self.has_decimal_comma |= numbers.into_iter().any(|name| is_decimal_comma(text(name)));
    }

    /// Whether more cells could decide what these do not.
    pub(super) const fn is_open(&self, options: &ImportOptions) -> bool {
        self.has_ambiguous_date
            && options.date_order.is_none()
            && self.day_first.is_none()
            && self.month_first.is_none()
    }

    /// What the cells show. Times of day like 7.05 and 0705 are read beside a date alone.
    pub(super) fn habits(
        self,
        header: &Header,
        comma: DecimalComma,
        options: &ImportOptions,
    ) -> Habits {
        let (order, shown_by) = match (options.date_order, self.day_first, self.month_first) {
            (Some(stated), ..) => (Order::Stated(stated), None),
            (None, Some(date), None) => (Order::Seen(DateOrder::DayMonthYear), Some(date)),
            (None, None, Some(date)) => (Order::Seen(DateOrder::MonthDayYear), Some(date)),
            // Either order is contradicted by a date.
            (None, ..) => (Order::Unknown, None),
        };
        let has_date = header.position(Name::Date).is_some() && !header.has_hours();
        let form = |clocks: &Clocks| {
            if has_date {
                clocks.form()
            } else {
                ClockForm::Colon
            }
        };
        Habits {
            comma: match options.decimal {
                Some(mark) => mark.into(),
                None if comma == DecimalComma::Accepted && self.has_decimal_comma => {
                    DecimalComma::Usual
                }
                None => comma,
            },
            forms: TimeForms {
                order,
                collected: form(&self.collected),
                awakening: form(&self.awakening),
            },
            shown_by: shown_by.filter(|_| self.has_ambiguous_date),
        }
    }
}

/// `12,5`, `<0,33`: a comma that begins decimals and nothing else.
pub(super) fn is_decimal_comma(text: &str) -> bool {
    let number = text.trim_start_matches(['<', '>', '=', '\u{2264}', '\u{2265}', ' ', '-']);
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    number
        .split_once(',')
        .is_some_and(|(whole, decimals)| is_digits(whole) && is_digits(decimals))
        && !is_like_thousands(number, ',')
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may panic")]

    use super::{ClockForm, DateOrder, DecimalComma, Evidence, Habits, Order};
    use crate::ImportOptions;
    use crate::header::{Candidate, Header};

    fn evidence(rows: &[[&str; 4]]) -> (Header, Evidence) {
        let fields = ["id", "date", "time", "cortisol_nmol_l"].map(str::as_bytes);
        let row = Candidate::of(fields.into_iter()).unwrap();
        let header = Header::new(row, &ImportOptions::default()).unwrap();
        let mut evidence = Evidence::default();
        for row in rows {
            evidence.add(&header, |position| row.get(position).copied());
        }
        (header, evidence)
    }

    fn habits(rows: &[[&str; 4]]) -> Habits {
        let (header, evidence) = evidence(rows);
        evidence.habits(&header, DecimalComma::Accepted, &ImportOptions::default())
    }

    #[test]
    fn one_date_decides_for_all() {
        let day_first = habits(&[
            ["A", "3/4/2026", "7:05", "1"],
            ["A", "13/4/2026", "7:05", "1"],
        ]);
        assert_eq!(day_first.forms.order, Order::Seen(DateOrder::DayMonthYear));
        assert_eq!(day_first.shown_by.as_deref(), Some("13/4/2026"));
        let open = [["A", "3/4/2026", "7:05", "1"]];
        assert_eq!(habits(&open).forms.order, Order::Unknown);
        assert!(evidence(&open).1.is_open(&ImportOptions::default()));
        let both = [
            ["A", "4/13/2026", "7:05", "1"],
            ["A", "13/4/2026", "7:05", "1"],
        ];
        assert_eq!(habits(&both).forms.order, Order::Unknown);
        assert!(!evidence(&both).1.is_open(&ImportOptions::default()));
    }

    #[test]
    fn a_column_of_bare_times_must_agree() {
        let of = |times: [&str; 2]| {
            let rows = times.map(|time| ["A", "2026-03-01", time, "1"]);
            habits(&rows).forms.collected
        };
        assert_eq!(of(["0705", "2230"]), ClockForm::Digits);
        assert_eq!(of(["7.05", "22.30"]), ClockForm::Point);
        assert_eq!(of(["7.05", ""]), ClockForm::Point);
        assert_eq!(of(["7.05", "22.75"]), ClockForm::Colon);
        assert_eq!(of(["0705", "30"]), ClockForm::Colon);
        assert_eq!(of(["0705", "7:05"]), ClockForm::Colon);
    }

    #[test]
    fn a_comma_is_the_decimal_mark_once_it_was_seen_as_one() {
        let of = |value| habits(&[["A", "2026-03-01", "7:05", value]]).comma;
        assert_eq!(of("12,5"), DecimalComma::Usual);
        assert_eq!(of("< 0,333"), DecimalComma::Usual);
        assert_eq!(of("1,234"), DecimalComma::Accepted);
        assert_eq!(of("1.234"), DecimalComma::Accepted);
    }
}
