//! Which reports of an awakening begin a day: one day for each local date.

use jiff::civil::Date;

use crate::{Awakening, Conditions, Finding, Findings, Moment, Rules};

/// What begins a day.
#[derive(Debug, Clone, Copy)]
pub(super) struct DayBegin {
    pub(super) date: Date,
    pub(super) at: Moment,
    pub(super) conditions: Conditions,
    pub(super) findings: Findings,
}

/// The beginnings of days, by instant. Reports of one local date become one beginning: those near the earliest are
/// reports of one awakening, of which the most trusted and then the earliest holds; later ones begin nothing.
pub(super) fn day_begins(awakenings: &[Awakening], rules: &Rules) -> Vec<DayBegin> {
    let mut reports: Vec<(Date, &Awakening)> = awakenings
        .iter()
        .map(|report| (report.at.local_date(), report))
        .collect();
    reports.sort_unstable_by_key(|(date, report)| (*date, report.at, report.source));
    let mut begins: Vec<DayBegin> = reports
        .chunk_by(|(one, _), (other, _)| one == other)
        .filter_map(|reports| merge(reports, rules))
        .collect();
    begins.sort_unstable_by_key(|begin| (begin.at, begin.date));
    begins
}

/// Merges the reports of one date, which come by instant.
fn merge(reports: &[(Date, &Awakening)], rules: &Rules) -> Option<DayBegin> {
    let &(date, earliest) = reports.first()?;
    let same = |report: &&Awakening| report.at.hours_since(earliest.at) <= rules.same_awakening_h;
    let all = || reports.iter().map(|(_, report)| *report);
    // The later of two equals wins in `max_by`, so ties are broken toward the earlier instant.
    let taken = all()
        .filter(same)
        .max_by(|a, b| a.source.cmp(&b.source).then_with(|| b.at.cmp(&a.at)))
        .unwrap_or(earliest);
    let conflict_h = rules.awakening_conflict_min / 60.0;

    let mut findings = Findings::EMPTY;
    if all()
        .filter(same)
        .any(|report| report.at.hours_since(taken.at).abs() > conflict_h)
    {
        findings.insert(Finding::AwakeningConflict);
    }
    if all().any(|report| !same(&report)) {
        findings.insert(Finding::SecondAwakening);
    }
    let conditions = all().fold(Conditions::EMPTY, |united, report| {
        united.union(report.conditions)
    });
    Some(DayBegin {
        date,
        at: taken.at,
        conditions,
        findings,
    })
}
