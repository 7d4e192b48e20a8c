//! What a change does to people and their days, by looking before and afterwards within its transaction.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Conn, profiles, rhythms};
use crate::fault::Fault;
use crate::{DayEffect, DayNumbers, PageRequest, PersonEffect, ProfileFilter, Standing};

/// More days than anybody is sampled.
const MOST_DAYS: u32 = 10_000;

/// A participant at one moment.
pub(super) struct Seen {
    rhythm: Option<Standing>,
    days: BTreeMap<Date, DayNumbers>,
}

/// Where participants stand.
pub(super) async fn standing(
    conn: &mut Conn,
    no: i64,
    people: &BTreeSet<String>,
) -> Result<BTreeMap<String, Seen>, Fault> {
    let mut seen = BTreeMap::new();
    for code in people {
        let rhythm = rhythms::find(conn, no, code).await?.map(|stored| Standing {
            valid_day_count: stored.rhythm.valid_day_count,
            posterior_slope_ln_per_h: stored.rhythm.posterior.map(|p| p.slope_ln_per_h),
            probability_flat: stored.rhythm.posterior.map(|p| p.probability_flat),
            verdict: stored.rhythm.verdict,
        });
        let days = days(conn, no, code).await?;
        seen.insert(code.clone(), Seen { rhythm, days });
    }
    Ok(seen)
}

async fn days(conn: &mut Conn, no: i64, code: &str) -> Result<BTreeMap<Date, DayNumbers>, Fault> {
    let filter = ProfileFilter {
        participant: Some(code.to_owned()),
        ..ProfileFilter::default()
    };
    let all = PageRequest {
        after: None,
        limit: MOST_DAYS,
    };
    let page = profiles::page(conn, no, &filter, &all).await?;
    let days = page.items.into_iter().map(|profile| {
        let numbers = DayNumbers {
            sample_count: profile.sample_count,
            valid: profile.valid,
            slope_ln_per_h: profile.features.slope_regression_ln_per_h.ok(),
        };
        (profile.date, numbers)
    });
    Ok(days.collect())
}

/// What lies between two looks at the same people: everybody, and the days that differ.
pub(super) fn between(
    before: BTreeMap<String, Seen>,
    mut after: BTreeMap<String, Seen>,
) -> (Vec<PersonEffect>, Vec<DayEffect>) {
    let (mut people, mut days) = (Vec::new(), Vec::new());
    for (participant, old) in before {
        let new = after.remove(&participant);
        let new_days = new.as_ref().map(|new| &new.days);
        let dates: BTreeSet<Date> = old
            .days
            .keys()
            .chain(new_days.into_iter().flat_map(BTreeMap::keys))
            .copied()
            .collect();
        for date in dates {
            let was = old.days.get(&date).copied();
            let is = new_days.and_then(|days| days.get(&date)).copied();
            if was != is {
                days.push(DayEffect {
                    participant: participant.clone(),
                    date,
                    before: was,
                    after: is,
                });
            }
        }
        people.push(PersonEffect {
            participant,
            before: old.rhythm,
            after: new.and_then(|new| new.rhythm),
        });
    }
    (people, days)
}
