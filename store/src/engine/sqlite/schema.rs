//! Whether the schema in the file is the one that the files of this version make: a trigger that no longer fires would be missed
//! by nobody else.

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection as _, Row as _};
use tokio::sync::OnceCell;

use crate::fault::Fault;
use crate::{StoreError, migration};

/// Tables, indexes and triggers, but for what the engine and the migrations keep for themselves.
const OBJECTS: &str = "select type, name, tbl_name, sql from sqlite_schema \
    where name not like 'sqlite\\_%' escape '\\' and name not like '\\_sqlx\\_%' escape '\\' order by type, name";

/// Of a database from before there was a chain; it is gone once the store was opened.
const BEFORE_CHAIN: &str = "drop table if exists audit";

const MIGRATIONS: &str =
    "select version, description, success, checksum from _sqlx_migrations order by version";

#[derive(Debug, PartialEq, Eq)]
struct Object {
    kind: String,
    name: String,
    table: String,
    text: Option<String>,
}

/// As bytes: the driver ends its thread where a column's type is no text, and whoever waits for it waits for ever.
const TEXTS: &str =
    "select name, cast(sql as blob) as sql from sqlite_schema where sql is not null";

/// Refuses a schema that is no text, before any other statement is prepared on it.
pub(super) async fn check_text(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let rows = sqlx::query(TEXTS).fetch_all(conn).await;
    for row in rows.map_err(Fault::from)? {
        let text: Vec<u8> = row.try_get("sql").map_err(Fault::from)?;
        if String::from_utf8(text).is_err() {
            let name: String = row.try_get("name").map_err(Fault::from)?;
            let what = format!("the schema's text of {name} is no text");
            return Err(StoreError::Damaged { what });
        }
    }
    Ok(())
}

/// What of a database's schema is not as this version makes it, a sentence each. The database has this version's schema.
pub(crate) async fn differences(conn: &mut SqliteConnection) -> Result<Vec<String>, Fault> {
    static EXPECTED: OnceCell<(Vec<Object>, Vec<Step>)> = OnceCell::const_new();
    let (expected, expected_steps) = EXPECTED.get_or_try_init(made).await?;
    let found = objects(conn).await?;
    let mut said = Vec::new();
    for object in expected.iter().filter(|object| !found.contains(object)) {
        said.push(format!(
            "the {} {} is not as this version makes it",
            object.kind, object.name
        ));
    }
    // Tables of others harm nothing; a trigger changes what is written.
    let triggers = found.iter().filter(|object| object.kind == "trigger");
    for foreign in triggers.filter(|object| expected.iter().all(|known| known.name != object.name))
    {
        said.push(format!(
            "the trigger {} is none of this version",
            foreign.name
        ));
    }
    if steps(conn).await? != *expected_steps {
        said.push("the record of the schema's steps is not that of this version".to_owned());
    }
    Ok(said)
}

/// What the files of this version make.
async fn made() -> Result<(Vec<Object>, Vec<Step>), Fault> {
    let mut fresh = SqliteConnection::connect("sqlite::memory:").await?;
    let migrator = migration::migrator("sqlite");
    migrator.run(&mut fresh).await.map_err(migration::failed)?;
    sqlx::query(BEFORE_CHAIN).execute(&mut fresh).await?;
    Ok((objects(&mut fresh).await?, steps(&mut fresh).await?))
}

async fn objects(conn: &mut SqliteConnection) -> Result<Vec<Object>, Fault> {
    let rows = sqlx::query(OBJECTS).fetch_all(conn).await?;
    let objects = rows.iter().map(|row| {
        Ok(Object {
            kind: row.try_get("type")?,
            name: row.try_get("name")?,
            table: row.try_get("tbl_name")?,
            text: row.try_get("sql")?,
        })
    });
    objects.collect()
}

type Step = (i64, String, bool, Vec<u8>);

async fn steps(conn: &mut SqliteConnection) -> Result<Vec<Step>, Fault> {
    Ok(sqlx::query_as(MIGRATIONS).fetch_all(conn).await?)
}
