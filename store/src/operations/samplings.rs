//! People's tubes with collection facts, whether they have a result or not.

use std::collections::BTreeMap;

use super::bulk::Lookup;
use super::fields::{Fields, found};
use super::participants::{self, participant_name};
use super::write::begin_snapshot;
use super::{Conn, Row, awakenings, ground};
use crate::codes;
use crate::fault::Fault;
use crate::{Page, PageRequest, SampledPerson, Samplings, StoredTube};

pub(super) static TUBES: Lookup = Lookup::new(
    "select s.participant, s.specimen, s.label, s.collected_us, s.utc_offset_minutes, s.time_source \
    from specimens s where s.study_no = ",
    " and s.participant in (",
    ") order by s.participant, s.collected_us, s.specimen",
);

/// A page of people, or one of them, all from one state of the database.
pub(crate) async fn list(
    conn: &mut Conn,
    study: &str,
    participant: Option<&str>,
    page: &PageRequest<String>,
) -> Result<Samplings, Fault> {
    let mut snapshot = begin_snapshot(conn).await?;
    let samplings = read(&mut snapshot, study, participant, page).await?;
    snapshot.rollback().await?;
    Ok(samplings)
}

async fn read(
    conn: &mut Conn,
    study: &str,
    participant: Option<&str>,
    page: &PageRequest<String>,
) -> Result<Samplings, Fault> {
    let ground = ground::read(conn, study).await?;
    let people = match participant {
        None => participants::page(conn, ground.no, page).await?,
        Some(code) => {
            let one = participants::find(conn, ground.no, code).await?;
            Page {
                items: vec![found(one, || participant_name(study, code))?],
                next: None,
            }
        }
    };
    let codes: Vec<&str> = people
        .items
        .iter()
        .map(|participant| participant.code.as_str())
        .collect();
    let mut tubes: BTreeMap<String, Vec<StoredTube>> = BTreeMap::new();
    for row in TUBES.read(conn, ground.no, &codes).await? {
        let participant = Fields(&row).owned("participant")?;
        tubes.entry(participant).or_default().push(tube(&row)?);
    }
    let mut reports: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for (participant, report) in awakenings::of_participants(conn, ground.no, &codes).await? {
        reports.entry(participant).or_default().push(report);
    }
    let items = codes
        .iter()
        .map(|&code| SampledPerson {
            participant: code.to_owned(),
            tubes: tubes.remove(code).unwrap_or_default(),
            awakenings: reports.remove(code).unwrap_or_default(),
        })
        .collect();
    Ok(Samplings {
        people: Page {
            items,
            next: people.next,
        },
        rule: ground.rule,
    })
}

fn tube(row: &Row) -> Result<StoredTube, Fault> {
    let fields = Fields(row);
    Ok(StoredTube {
        specimen: fields.owned("specimen")?,
        label: fields.owned("label")?,
        collected: fields.moment("collected_us", "utc_offset_minutes")?,
        source: codes::read_source(fields.integer("time_source")?)?,
    })
}
