//! What is read of a log, as it is found.

use std::collections::HashMap;
use std::fmt::Display;

use super::{LogPlace, LogRemark, LoggedDay, LoggedTube, SamplingLog};
use crate::RefusedRow;

/// As much of a bad cell as is quoted.
const LONGEST_QUOTE: usize = 80;

/// A log while it is read. The first mention of a tube counts.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    log: SamplingLog,
    tubes: HashMap<String, usize>,
}

impl Gathered {
    /// Takes a tube, unless it was taken before: the same facts again are no news, others are refused.
    pub(super) fn tube(&mut self, tube: LoggedTube) {
        let Some(&at) = self.tubes.get(&tube.specimen) else {
            self.tubes
                .insert(tube.specimen.clone(), self.log.tubes.len());
            self.log.tubes.push(tube);
            return;
        };
        let Some(first) = self.log.tubes.get(at) else {
            return;
        };
        let (place, first_place) = (tube.place.clone(), first.place.clone());
        let is_same = LoggedTube {
            place: first_place.clone(),
            ..tube.clone()
        } == *first;
        if is_same {
            let text = format!(
                "tube {} stands here as on line {first_place}; it is taken once",
                tube.specimen
            );
            self.remark(place, text);
        } else {
            let rule =
                format!("stands on line {first_place} with other facts; a tube is filled once");
            self.refuse(&place, "specimen", &tube.specimen, rule);
        }
    }

    /// The tube of this id, if it was taken.
    pub(super) fn known(&self, specimen: &str) -> Option<&LoggedTube> {
        self.log.tubes.get(*self.tubes.get(specimen)?)
    }

    pub(super) fn day(&mut self, day: LoggedDay) {
        self.log.days.push(day);
    }

    pub(super) fn remark(&mut self, place: LogPlace, text: impl Into<String>) {
        self.log.remarks.push(LogRemark {
            place,
            text: text.into(),
        });
    }

    pub(super) fn refuse(
        &mut self,
        place: &LogPlace,
        field: &str,
        value: &str,
        rule: impl Display,
    ) {
        self.log.refused.push(RefusedRow {
            sheet: place.member.clone(),
            line: place.line,
            field: field.to_owned(),
            value: value.chars().take(LONGEST_QUOTE).collect(),
            rule: rule.to_string(),
        });
    }

    pub(super) fn finish(mut self) -> SamplingLog {
        self.log
            .remarks
            .sort_by(|one, other| one.place.cmp(&other.place));
        self.log
    }
}
