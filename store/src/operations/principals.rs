//! Principals and what they are granted.

use serde_json::{Value, json};
use sqlx::QueryBuilder;

use super::fields::{Fields, found};
use super::ground;
use super::write::Write;
use super::{Conn, Db, Row};
use crate::codes;
use crate::fault::Fault;
use crate::filter::push_one_of;
use crate::trail::{Note, OUTSIDE, Trail};
use crate::{Call, Grant, Page, PageRequest, PrincipalRecord, StoreError};

pub(super) const STATEMENTS: [&str; 5] = [ONE, MEET, GRANTS, GRANT, TAKE];

const ONE: &str = "select p.principal, p.created_us from principals p where p.principal = $1";

const MANY: &str = "select p.principal, p.created_us from principals p where p.principal > ";

const MEET: &str = "insert into principals (principal, created_us) values ($1, $2) on conflict (principal) do nothing";

macro_rules! grants {
    () => {
        "select g.principal, g.role, g.study_no, s.study_id from grants g \
        left join studies s on s.study_no = g.study_no where g.principal "
    };
}

const GRANTS: &str = concat!(grants!(), "= $1 order by g.study_no, g.role");

const GRANTS_OF_MANY: &str = concat!(grants!(), "in (");

const GRANT: &str = "insert into grants (principal, study_no, role, created_us) values ($1, $2, $3, $4) \
    on conflict (principal, study_no, role) do nothing";

const TAKE: &str = "delete from grants where principal = $1 and study_no = $2 and role = $3";

/// The number that stands for all studies. What is granted in all of them is noted outside any.
const ALL_STUDIES: i64 = OUTSIDE;

/// The name of a principal.
pub(super) fn principal_name(principal: &str) -> String {
    format!("principals/{principal}")
}

fn principal(row: &Row) -> Result<PrincipalRecord, Fault> {
    let fields = Fields(row);
    Ok(PrincipalRecord {
        name: fields.owned("principal")?,
        grants: Vec::new(),
        created: fields.instant("created_us")?,
    })
}

fn grant_of(row: &Row) -> Result<Grant, Fault> {
    let fields = Fields(row);
    let study = match fields.integer("study_no")? {
        ALL_STUDIES => None,
        _ => Some(fields.owned("study_id")?),
    };
    Ok(Grant {
        study,
        role: codes::read_role(fields.text("role")?)?,
    })
}

/// A principal with its grants.
pub(crate) async fn read(conn: &mut Conn, name: &str) -> Result<PrincipalRecord, Fault> {
    let row = sqlx::query(ONE)
        .bind(name)
        .fetch_optional(&mut *conn)
        .await?;
    let mut record = principal(&found(row, || principal_name(name))?)?;
    let rows = sqlx::query(GRANTS).bind(name).fetch_all(conn).await?;
    record.grants = rows.iter().map(grant_of).collect::<Result<_, _>>()?;
    record.grants.sort();
    Ok(record)
}

/// Principals by name, of one study those that are granted something in it.
pub(crate) async fn list(
    conn: &mut Conn,
    study: Option<&str>,
    page: &PageRequest<String>,
) -> Result<Page<PrincipalRecord, String>, Fault> {
    let no = match study {
        Some(study) => Some(ground::number(conn, study).await?),
        None => None,
    };
    let rows = select(no, page).build().fetch_all(&mut *conn).await?;
    let records = rows.iter().map(principal).collect::<Result<Vec<_>, _>>()?;
    let mut page = page.cut(records, |record| record.name.clone());
    if page.items.is_empty() {
        return Ok(page);
    }
    let names: Vec<&str> = page
        .items
        .iter()
        .map(|record| record.name.as_str())
        .collect();
    let mut select = QueryBuilder::new("");
    push_one_of(&mut select, GRANTS_OF_MANY, &names);
    let rows = select.build().fetch_all(conn).await?;
    for row in &rows {
        let name = Fields(row).text("principal")?;
        if let Some(record) = page.items.iter_mut().find(|record| record.name == name) {
            record.grants.push(grant_of(row)?);
        }
    }
    page.items
        .iter_mut()
        .for_each(|record| record.grants.sort());
    Ok(page)
}

pub(crate) fn select(study_no: Option<i64>, page: &PageRequest<String>) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(MANY);
    select.push_bind(page.after.clone().unwrap_or_default());
    if let Some(no) = study_no {
        select
            .push(" and exists (select 1 from grants g where g.study_no = ")
            .push_bind(no)
            .push(" and g.principal = p.principal)");
    }
    select
        .push(" order by p.principal limit ")
        .push_bind(page.probe());
    select
}

/// Makes the principal unless there is one.
pub(super) async fn meet(conn: &mut Conn, name: &str, call: &Call) -> Result<(), Fault> {
    sqlx::query(MEET)
        .bind(name)
        .bind(call.now.as_microsecond())
        .execute(conn)
        .await?;
    Ok(())
}

/// Grants a role to a principal that exists; what is granted already stays.
pub(super) async fn grant(
    conn: &mut Conn,
    trail: &mut Trail,
    name: &str,
    grant: &Grant,
    call: &Call,
) -> Result<(), Fault> {
    let no = number(conn, grant).await?;
    let granted = sqlx::query(GRANT)
        .bind(name)
        .bind(no)
        .bind(codes::role(grant.role))
        .bind(call.now.as_microsecond())
        .execute(&mut *conn)
        .await?;
    if granted.rows_affected() > 0 {
        let note = Note {
            action: "grant_role",
            resource: principal_name(name),
            after: role(grant),
            ..Note::default()
        };
        trail.note(no, study(grant), call, note);
    }
    Ok(())
}

async fn number(conn: &mut Conn, grant: &Grant) -> Result<i64, Fault> {
    match &grant.study {
        Some(study) => ground::number(conn, study).await,
        None => Ok(ALL_STUDIES),
    }
}

/// The study whose trail a grant is noted in; empty for the trail outside any study.
fn study(grant: &Grant) -> &str {
    grant.study.as_deref().unwrap_or_default()
}

fn role(grant: &Grant) -> Value {
    json!({"role": codes::role(grant.role)})
}

/// Grants a role or takes it away.
#[derive(Debug)]
pub(crate) struct ChangeGrant {
    pub(crate) principal: String,
    pub(crate) grant: Grant,
    pub(crate) is_granted: bool,
    pub(crate) call: Call,
}

impl Write for ChangeGrant {
    type Answer = PrincipalRecord;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<PrincipalRecord, Fault> {
        // A principal that does not exist is refused by name before anything of it is written.
        read(conn, &self.principal).await?;
        if self.is_granted {
            grant(conn, trail, &self.principal, &self.grant, &self.call).await?;
        } else {
            self.take(conn, trail).await?;
        }
        read(conn, &self.principal).await
    }
}

impl ChangeGrant {
    async fn take(&self, conn: &mut Conn, trail: &mut Trail) -> Result<(), Fault> {
        let no = number(conn, &self.grant).await?;
        let taken = sqlx::query(TAKE)
            .bind(&self.principal)
            .bind(no)
            .bind(codes::role(self.grant.role))
            .execute(&mut *conn)
            .await?;
        if taken.rows_affected() == 0 {
            let resource = format!(
                "the role {} of {}",
                codes::role(self.grant.role),
                principal_name(&self.principal)
            );
            return Err(StoreError::NotFound { resource }.into());
        }
        let note = Note {
            action: "take_role",
            resource: principal_name(&self.principal),
            before: role(&self.grant),
            ..Note::default()
        };
        trail.note(no, study(&self.grant), &self.call, note);
        Ok(())
    }
}
