//! Persons with all their days, one a row.

use std::collections::HashSet;

use arrow_array::{BooleanArray, Float64Array, StringArray, StructArray};
use diel_core::{AgeYears, Person, SamplingDay, Sex};

use crate::columns::{Column, Columns};
use crate::days::{self, Days, conditions};
use crate::fault::{Fault, TableError, check_complete};
use crate::lists::Lists;

const KNOWN: [&str; 7] = [
    "participant",
    "age_years",
    "sex",
    "group",
    "conditions",
    "days",
    "complete",
];

/// A table of persons.
pub(crate) struct People {
    participant: Column<StringArray>,
    age_years: Column<Float64Array>,
    sex: Column<StringArray>,
    group: Column<StringArray>,
    conditions: Column<StringArray>,
    complete: Column<BooleanArray>,
    lists: Lists,
    days: Days,
}

impl People {
    pub(crate) fn read(table: &StructArray) -> Result<Self, TableError> {
        let columns = Columns::new(table, "", &KNOWN)?;
        let lists = Lists::read(&columns, "days")?;
        let days = Days::read(&Columns::new(lists.items(), "days.", &days::KNOWN)?)?;
        Ok(Self {
            participant: columns.required("participant")?,
            age_years: columns.optional("age_years")?,
            sex: columns.optional("sex")?,
            group: columns.optional("group")?,
            conditions: columns.optional("conditions")?,
            complete: columns.required("complete")?,
            lists,
            days,
        })
    }

    /// The code of a row's participant; empty where it is null.
    pub(crate) fn participant(&self, row: usize) -> &str {
        self.participant.get(row).unwrap_or_default()
    }

    /// The sex of a row's person as it stands there.
    pub(crate) fn sex(&self, row: usize) -> Option<&str> {
        self.sex.get(row)
    }

    /// The study arm or group of a row's person.
    pub(crate) fn group(&self, row: usize) -> Option<&str> {
        self.group.get(row)
    }

    /// What the study calls the days of a row.
    pub(crate) fn day_labels(&self, row: usize) -> Result<Vec<Option<&str>>, Fault> {
        let items = self.lists.of(row)?;
        Ok(items.map(|item| self.days.label(item)).collect())
    }

    /// The person of a row, and all days.
    pub(crate) fn person(&self, row: usize) -> Result<(Person, Vec<SamplingDay>), Fault> {
        check_participant(self.participant(row))?;
        check_complete(self.complete.get(row), "days has all days of the person")?;
        let sex = self.sex.get(row).unwrap_or_default();
        let person = Person {
            age: age(self.age_years.get(row))?,
            sex: Sex::from_code(sex).ok_or_else(|| Fault::Sex {
                value: sex.to_owned(),
            })?,
            conditions: conditions(self.conditions.get(row))?,
        };
        let range = self.lists.of(row)?;
        let begin = range.start;
        let mut days = Vec::with_capacity(range.len());
        let mut names = HashSet::new();
        for item in range {
            let day = self
                .days
                .day(item)
                .map_err(|fault| fault.inside("days", item - begin))?;
            let date = || day.date.map(|date| date.to_string());
            let name = self.days.label(item).map(str::to_owned).or_else(date);
            if let Some(name) = name
                && let Some(name) = names.replace(name)
            {
                return Err(Fault::DayTwice { name });
            }
            days.push(day);
        }
        Ok((person, days))
    }
}

/// An age, where it is recorded.
pub(crate) fn age(years: Option<f64>) -> Result<Option<AgeYears>, Fault> {
    years.map(AgeYears::new).transpose().map_err(Fault::Age)
}

/// Refuses a row of nobody.
pub(crate) fn check_participant(code: &str) -> Result<(), Fault> {
    if code.is_empty() {
        return Err(Fault::Null {
            column: "participant",
            rule: "a row belongs to a participant",
        });
    }
    Ok(())
}
