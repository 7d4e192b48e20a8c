//! What a reviewer looks at, all from one state of the database.

use super::flags;
use super::ground;
use super::write::begin_snapshot;
use super::{Conn, history, rhythms, studies};
use crate::fault::Fault;
use crate::{Case, Dossier, PageRequest};

/// A participant with all that the judgement rests on.
pub(crate) async fn dossier(conn: &mut Conn, study: &str, code: &str) -> Result<Dossier, Fault> {
    let mut snapshot = begin_snapshot(conn).await?;
    let dossier = find(&mut snapshot, study, code).await?;
    snapshot.rollback().await?;
    Ok(dossier)
}

async fn find(conn: &mut Conn, study: &str, code: &str) -> Result<Dossier, Fault> {
    let (no, participant, history) = history::find(conn, study, code).await?;
    Ok(Dossier {
        study: studies::read(conn, study).await?,
        rhythm: rhythms::find(conn, no, code).await?,
        participant,
        history,
    })
}

/// A flag with its participant, its history and its neighbours among the open ones.
pub(crate) async fn read(conn: &mut Conn, study: &str, id: &str) -> Result<Case, Fault> {
    let mut snapshot = begin_snapshot(conn).await?;
    let no = ground::number(&mut snapshot, study).await?;
    let flag = flags::find(&mut snapshot, no, study, id).await?;
    let page = PageRequest {
        after: Some(flag.version - i64::from(Case::MOST_EVENTS)),
        limit: Case::MOST_EVENTS,
    };
    let events = flags::events_of(&mut snapshot, no, id, &page).await?;
    let (before, behind) = flags::neighbours(&mut snapshot, no, &flag).await?;
    let dossier = find(&mut snapshot, study, &flag.participant).await?;
    snapshot.rollback().await?;
    Ok(Case {
        flag,
        events,
        dossier,
        before,
        behind,
    })
}
