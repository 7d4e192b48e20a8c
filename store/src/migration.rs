//! Brings the schema up to date from one folder of files.

use std::borrow::Cow;

use sqlx::AssertSqlSafe;
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

use crate::StoreError;
use crate::error::EngineFault;

/// The files, in order: version, description, text.
const FILES: [(i64, &str, &str); 1] = [(1, "first", include_str!("../migrations/0001_first.sql"))];

/// The migrations in the words of one engine, `sqlite` or `postgres`.
pub(crate) fn migrator(engine: &str) -> Migrator {
    let migrations = FILES.map(|(version, description, text)| {
        let text = uncover(text, engine);
        Migration::new(
            version,
            Cow::Borrowed(description),
            MigrationType::Simple,
            AssertSqlSafe(text).into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(migrations.to_vec())
}

/// The schema stays as it was.
pub(crate) fn failed(error: MigrateError) -> StoreError {
    StoreError::Migration(EngineFault::new(error))
}

/// Takes the comment marks off `/* engine: text */` for this engine and leaves all else, as comments, to the engine.
fn uncover(text: &str, engine: &str) -> String {
    let opening = format!("/* {engine}: ");
    let mut pieces = text.split(opening.as_str());
    let mut uncovered = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once(" */") {
            Some((fragment, rest)) => {
                uncovered.push_str(fragment);
                uncovered.push_str(rest);
            }
            None => {
                uncovered.push_str(&opening);
                uncovered.push_str(piece);
            }
        }
    }
    uncovered
}

#[cfg(test)]
mod tests {
    use super::{FILES, uncover};

    const TEXT: &str =
        r#"a text /* postgres: collate "C" */ not null) /* sqlite: without rowid */; /* both */"#;

    #[test]
    fn each_engine_sees_its_own_fragments() {
        assert_eq!(
            uncover(TEXT, "postgres"),
            r#"a text collate "C" not null) /* sqlite: without rowid */; /* both */"#
        );
        assert_eq!(
            uncover(TEXT, "sqlite"),
            r#"a text /* postgres: collate "C" */ not null) without rowid; /* both */"#
        );
    }

    #[test]
    fn an_unclosed_fragment_stays_a_comment() {
        assert_eq!(uncover("a /* sqlite: b", "sqlite"), "a /* sqlite: b");
    }

    #[test]
    fn files_are_in_order_and_every_column_is_explained_or_named_elsewhere() {
        assert!(FILES.is_sorted_by_key(|file| file.0));
        let explained = FILES[0]
            .2
            .lines()
            .filter(|line| line.contains("-- "))
            .count();
        assert!(explained > 100, "only {explained} comments");
    }
}
