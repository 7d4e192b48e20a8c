//! Everything that stands in the tables of a file, column by column.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};

use crate::fault_points::plain;

/// What nobody is told: how long a step of the schema took, and when.
const NOT_TOLD: [&str; 2] = [
    "_sqlx_migrations.installed_on",
    "_sqlx_migrations.execution_time",
];

/// Between two columns of a row.
const BETWEEN: char = '\u{1f}';

#[derive(Debug, PartialEq)]
pub(crate) struct Content(Vec<Table>);

#[derive(Debug, PartialEq)]
struct Table {
    /// With the name of the table before them.
    columns: Vec<String>,
    rows: Vec<String>,
}

impl Content {
    pub(crate) async fn of(database: &Path) -> sqlx::Result<Self> {
        let mut conn = SqliteConnection::connect(&plain(database)).await?;
        let names: Vec<String> = sqlx::query_scalar(
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite\\_%' escape '\\' order by name",
        )
        .fetch_all(&mut conn)
        .await?;
        let mut tables = Vec::new();
        for name in names {
            let columns: Vec<String> =
                sqlx::query_scalar("select name from pragma_table_info($1) order by cid")
                    .bind(&name)
                    .fetch_all(&mut conn)
                    .await?;
            let quoted: Vec<String> = columns
                .iter()
                .map(|column| format!("quote({column})"))
                .collect();
            let quoted = quoted.join(&format!(" || '{BETWEEN}' || "));
            let rows = sqlx::query_scalar(AssertSqlSafe(format!("select {quoted} from {name}")))
                .fetch_all(&mut conn)
                .await?;
            let columns = columns.iter().map(|column| format!("{name}.{column}"));
            let columns = columns.collect();
            tables.push(Table { columns, rows });
        }
        conn.close().await?;
        Ok(Self(tables))
    }

    /// The columns that say something else; that of a table as a whole where rows are missing or too many.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        for (table, other) in self.0.iter().zip(&other.0) {
            if table.columns != other.columns || table.rows.len() != other.rows.len() {
                differences.push(format!("{}, rows", table.columns[0]));
            }
            for (row, other) in table.rows.iter().zip(&other.rows) {
                let columns = row.split(BETWEEN).zip(other.split(BETWEEN));
                for (name, (one, other)) in table.columns.iter().zip(columns) {
                    if one != other && !differences.contains(name) {
                        differences.push(name.clone());
                    }
                }
            }
        }
        if self.0.len() != other.0.len() {
            differences.push("tables".to_owned());
        }
        differences.retain(|name| !NOT_TOLD.contains(&name.as_str()));
        differences
    }
}

/// What stands in each page: its name, and what kind of thing that is.
pub(crate) async fn pages(database: &Path) -> Vec<(String, &'static str)> {
    let mut conn = SqliteConnection::connect(&plain(database)).await.unwrap();
    let count: i64 = sqlx::query_scalar("pragma page_count")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    let used = sqlx::query(
        "select d.pageno, d.name, s.type from dbstat d left join sqlite_schema s on s.name = d.name",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    conn.close().await.unwrap();
    let mut pages = vec![("free".to_owned(), "free pages"); usize::try_from(count).unwrap()];
    for row in used {
        let page: i64 = row.get("pageno");
        let kind = match row.get::<Option<String>, _>("type").as_deref() {
            Some("table") => "tables",
            Some(_) => "indexes",
            None => "the schema",
        };
        pages[usize::try_from(page - 1).unwrap()] = (row.get("name"), kind);
    }
    pages
}
