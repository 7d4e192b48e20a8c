//! Participants.

use diel_core::{AgeYears, Condition, Person};
use serde_json::{Value, json};
use sqlx::QueryBuilder;

use super::bulk::Insertion;
use super::fields::{Fields, found};
use super::ground::{self, study_name};
use super::judge::rejudge;
use super::write::Write;
use super::{Conn, Db, Row, requests};
use crate::answer::KeptParticipant;
use crate::codes;
use crate::fault::Fault;
use crate::plan::Said;
use crate::trail::{Note, Trail};
use crate::{Call, Page, PageRequest, Participant, ParticipantChange, StoreError};

pub(super) const STATEMENTS: [&str; 2] = [ONE, UPDATE];

macro_rules! columns {
    () => {
        "participant, sex, age_years, group_label, conditions, created_us, version, judgements"
    };
}

const ONE: &str = concat!(
    "select ",
    columns!(),
    " from participants where study_no = $1 and participant = $2"
);

const MANY: &str = concat!(
    "select ",
    columns!(),
    " from participants where study_no = "
);

const UPDATE: &str = "update participants set sex = $1, age_years = $2, group_label = $3, conditions = $4, \
    version = $5 where study_no = $6 and participant = $7";

/// Makes participants known, fills in what was not known, and locks their rows in the order given. The first
/// judgement tells that the participant is new.
pub(super) static MEET: Insertion = Insertion::new(
    "insert into participants (study_no, participant, sex, age_years, group_label, conditions, judgements, \
    created_us, version) values ",
    9,
    concat!(
        " on conflict (study_no, participant) do update set \
        sex = case when participants.sex = 0 then excluded.sex else participants.sex end, \
        age_years = coalesce(participants.age_years, excluded.age_years), \
        group_label = case when participants.group_label = '' then excluded.group_label \
        else participants.group_label end, \
        judgements = participants.judgements + 1, \
        version = participants.version + case when (participants.sex = 0 and excluded.sex <> 0) \
        or (participants.age_years is null and excluded.age_years is not null) \
        or (participants.group_label = '' and excluded.group_label <> '') then 1 else 0 end \
        returning ",
        columns!()
    ),
);

/// A participant whose row this transaction holds.
#[derive(Debug)]
pub(super) struct Met {
    pub(super) participant: Participant,
    /// Nothing of the participant was stored before this transaction.
    pub(super) is_new: bool,
}

impl Met {
    pub(super) fn person(&self) -> Person {
        self.participant.person()
    }
}

/// Runs [`MEET`]; the participants must be in the order of their codes.
pub(super) async fn meet<'a>(
    conn: &mut Conn,
    study_no: i64,
    now_us: i64,
    said: impl IntoIterator<Item = (&'a str, Said<'a>)>,
) -> Result<Vec<Met>, Fault> {
    let said: Vec<_> = said.into_iter().collect();
    let rows = MEET
        .write_returning(conn, &said, |values, (code, said)| {
            values.integer(study_no);
            values.text(*code);
            values.integer(codes::sex(said.sex));
            values.number(said.age.map(AgeYears::get));
            values.text(said.group);
            values.integer(0);
            values.integer(1);
            values.integer(now_us);
            values.integer(1);
        })
        .await?;
    let mut met = rows
        .iter()
        .map(|row| {
            let is_new = Fields(row).integer("judgements")? == 1;
            Ok(Met {
                participant: participant(row)?,
                is_new,
            })
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    met.sort_by(|one, next| one.participant.code.cmp(&next.participant.code));
    Ok(met)
}

/// A participant.
pub(crate) async fn read(conn: &mut Conn, study: &str, code: &str) -> Result<Participant, Fault> {
    let no = ground::number(conn, study).await?;
    found(find(conn, no, code).await?, || {
        participant_name(study, code)
    })
}

pub(super) async fn find(
    conn: &mut Conn,
    no: i64,
    code: &str,
) -> Result<Option<Participant>, Fault> {
    let row = sqlx::query(ONE)
        .bind(no)
        .bind(code)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(participant).transpose()
}

/// Participants by code.
pub(crate) async fn list(
    conn: &mut Conn,
    study: &str,
    page: &PageRequest<String>,
) -> Result<Page<Participant, String>, Fault> {
    let no = ground::number(conn, study).await?;
    self::page(conn, no, page).await
}

/// The same of a study whose number is known.
pub(super) async fn page(
    conn: &mut Conn,
    no: i64,
    page: &PageRequest<String>,
) -> Result<Page<Participant, String>, Fault> {
    let rows = select(no, page).build().fetch_all(conn).await?;
    let participants = rows.iter().map(participant).collect::<Result<_, _>>()?;
    Ok(page.cut(participants, |participant| participant.code.clone()))
}

pub(crate) fn select(no: i64, page: &PageRequest<String>) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(MANY);
    select.push_bind(no);
    if let Some(after) = &page.after {
        select.push(" and participant > ").push_bind(after);
    }
    select
        .push(" order by participant limit ")
        .push_bind(page.probe());
    select
}

pub(super) fn participant_name(study: &str, code: &str) -> String {
    format!("{}/participants/{code}", study_name(study))
}

pub(super) fn participant(row: &Row) -> Result<Participant, Fault> {
    let fields = Fields(row);
    Ok(Participant {
        code: fields.owned("participant")?,
        sex: codes::read_sex(fields.integer("sex")?)?,
        age: fields.age()?,
        group: fields.owned("group_label")?,
        conditions: fields.conditions("conditions")?,
        created: fields.instant("created_us")?,
        version: fields.integer("version")?,
    })
}

/// Changes what is known of a participant, and judges again.
#[derive(Debug)]
pub(crate) struct UpdateParticipant {
    pub(crate) study: String,
    pub(crate) code: String,
    pub(crate) version: Option<i64>,
    pub(crate) change: ParticipantChange,
    pub(crate) allow_missing: bool,
    pub(crate) call: Call,
}

impl Write for UpdateParticipant {
    type Answer = Participant;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<Participant, Fault> {
        let ground = ground::share(conn, &self.study).await?;
        if let Some(kept) = requests::find::<KeptParticipant>(conn, ground.no, &self.call).await? {
            return Ok(kept.answer()?);
        }
        let resource = participant_name(&self.study, &self.code);
        let said = [(self.code.as_str(), Said::default())];
        let met = meet(conn, ground.no, self.call.now.as_microsecond(), said)
            .await?
            .pop();
        let mut met = found(met, || resource.clone())?;
        if met.is_new && !self.allow_missing {
            return Err(StoreError::NotFound { resource }.into());
        }
        if !met.is_new && self.version != Some(met.participant.version) && !self.overwrites() {
            return Err(StoreError::EtagMismatch { resource }.into());
        }
        let before = if met.is_new {
            Value::Null
        } else {
            facts(&met.participant)
        };
        self.apply(&mut met);
        update(conn, ground.no, &met.participant).await?;
        rejudge(
            conn,
            trail,
            &ground,
            self.call.now,
            ground.by_data(),
            std::slice::from_ref(&met),
        )
        .await?;
        let note = Note {
            action: "update_participant",
            resource,
            before,
            after: facts(&met.participant),
            ..Note::default()
        };
        trail.note(ground.no, &self.study, &self.call, note.of_differences());
        requests::keep(
            conn,
            ground.no,
            &self.call,
            &KeptParticipant::of(&met.participant),
        )
        .await?;
        Ok(met.participant)
    }
}

impl UpdateParticipant {
    /// Without a version, whoever may create a participant may also replace one.
    fn overwrites(&self) -> bool {
        self.version.is_none() && self.allow_missing
    }

    fn apply(&self, met: &mut Met) {
        let participant = &mut met.participant;
        participant.sex = self.change.sex.unwrap_or(participant.sex);
        participant.age = self.change.age.unwrap_or(participant.age);
        if let Some(group) = &self.change.group {
            participant.group.clone_from(group);
        }
        participant.conditions = self.change.conditions.unwrap_or(participant.conditions);
        if !met.is_new {
            participant.version += 1;
        }
    }
}

/// A participant as the trail says it.
fn facts(participant: &Participant) -> Value {
    let conditions: Vec<&str> = participant.conditions.iter().map(Condition::code).collect();
    json!({
        "sex": participant.sex.code(),
        "age_years": participant.age.map(AgeYears::get),
        "group": participant.group,
        "conditions": conditions,
        "version": participant.version,
    })
}

async fn update(conn: &mut Conn, no: i64, participant: &Participant) -> Result<(), Fault> {
    sqlx::query(UPDATE)
        .bind(codes::sex(participant.sex))
        .bind(participant.age.map(AgeYears::get))
        .bind(&participant.group)
        .bind(i64::from(participant.conditions.bits()))
        .bind(participant.version)
        .bind(no)
        .bind(&participant.code)
        .execute(conn)
        .await?;
    Ok(())
}
