//! The samples of simulated persons, as rows of a long CSV.

use diel_core::simulate::SimulatedPerson;
use diel_core::{Conditions, Level, Moment, Unit};

use super::SimulateArguments;
use crate::output::{Column, Records, stamp};

/// Canonical names, so that nothing has to be told when the file is read back.
pub(super) const COLUMNS: &[Column] = &[
    Column::new("participant"),
    Column::new("group"),
    Column::new("age_years"),
    Column::new("specimen"),
    Column::new("label"),
    Column::new("collected_at"),
    Column::new("awakening_at"),
    Column::new("concentration"),
    Column::new("unit"),
    Column::new("limit_of_detection"),
    Column::new("conditions"),
];

/// A simulated person with a name.
pub(super) struct Subject<'a> {
    pub(super) participant: &'a str,
    pub(super) age_years: Option<f64>,
    pub(super) person: &'a SimulatedPerson,
}

/// Writes one person, whose days begin at these awakenings.
pub(super) fn write(
    records: &mut impl Records,
    subject: &Subject<'_>,
    awakenings: &[Moment],
    arguments: &SimulateArguments,
) -> anyhow::Result<()> {
    let setting = &arguments.setting;
    let unit = setting.unit.unwrap_or(Unit::NmolPerL);
    let conditions: Conditions = setting.conditions.iter().copied().collect();
    for ((day_number, day), awakening) in (1..).zip(&subject.person.days).zip(awakenings) {
        for (sample_number, sample) in (1..).zip(&day.samples) {
            records.text(subject.participant);
            records.text(setting.group.as_deref().unwrap_or_default());
            records.maybe(subject.age_years);
            records.text(&format!(
                "{}-{day_number}-{sample_number}",
                subject.participant
            ));
            records.text(&format!("S{sample_number}"));
            records.text(&stamp(setting.later(*awakening, sample.hours)?));
            records.text(&stamp(*awakening));
            write_level(records, sample.level, unit);
            records.text(unit.ucum());
            records.maybe(
                arguments
                    .limit_of_detection
                    .map(|limit| in_unit(unit, limit)),
            );
            records.text(&conditions.to_string());
            records.end_row();
        }
    }
    Ok(())
}

fn write_level(records: &mut impl Records, level: Level, unit: Unit) {
    match level {
        Level::Exact(value) => records.number(in_unit(unit, value.get())),
        Level::Below(limit) => records.text(&format!("<{}", in_unit(unit, limit.get()))),
        Level::Above(limit) => records.text(&format!(">{}", in_unit(unit, limit.get()))),
        Level::Missing(_) => records.text("no sample"),
    }
}

/// Other units than nmol/L are reported to six decimals, as a laboratory would at most.
fn in_unit(unit: Unit, nmol_per_l: f64) -> f64 {
    match unit {
        Unit::NmolPerL => nmol_per_l,
        _ => (unit.from_nmol_per_l(nmol_per_l) * 1e6).round() / 1e6,
    }
}
