//! Brings the schema up to date from one folder of files.

use std::borrow::Cow;
use std::cmp::Ordering;

use sqlx::AssertSqlSafe;
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

use crate::error::EngineFault;
use crate::{Engine, StoreError};

/// The files, in order: version, description, text.
const FILES: [(i64, &str, &str); 21] = [
    (1, "first", include_str!("../migrations/0001_first.sql")),
    (2, "cosinor", include_str!("../migrations/0002_cosinor.sql")),
    (3, "cohorts", include_str!("../migrations/0003_cohorts.sql")),
    (4, "audit", include_str!("../migrations/0004_audit.sql")),
    (5, "review", include_str!("../migrations/0005_review.sql")),
    (6, "access", include_str!("../migrations/0006_access.sql")),
    (7, "queue", include_str!("../migrations/0007_queue.sql")),
    (8, "waiting", include_str!("../migrations/0008_waiting.sql")),
    (
        9,
        "specimens",
        include_str!("../migrations/0009_specimens.sql"),
    ),
    (
        10,
        "quality",
        include_str!("../migrations/0010_quality.sql"),
    ),
    (
        11,
        "recalls",
        include_str!("../migrations/0011_recalls.sql"),
    ),
    (
        12,
        "protocols",
        include_str!("../migrations/0012_protocols.sql"),
    ),
    (
        13,
        "conversions",
        include_str!("../migrations/0013_conversions.sql"),
    ),
    (
        14,
        "methods",
        include_str!("../migrations/0014_methods.sql"),
    ),
    (15, "steps", include_str!("../migrations/0015_steps.sql")),
    (16, "codes", include_str!("../migrations/0016_codes.sql")),
    (
        17,
        "erasure",
        include_str!("../migrations/0017_erasure.sql"),
    ),
    (18, "keyed", include_str!("../migrations/0018_keyed.sql")),
    (
        19,
        "deletion",
        include_str!("../migrations/0019_deletion.sql"),
    ),
    (
        20,
        "retention",
        include_str!("../migrations/0020_retention.sql"),
    ),
    (
        21,
        "digests",
        include_str!("../migrations/0021_digests.sql"),
    ),
];

/// The schema of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its last file.
    pub(crate) version: i64,
    /// Which programs serve it, by the last file that they know; only those that know it, when it does not say.
    pub(crate) serves_from: Option<i64>,
}

/// Whether the schema has to be brought up to date; `None` is an empty database. One that later programs have added to is
/// served as it is, when its last file says so.
pub(crate) fn must_run(found: Option<Found>, as_it_is: bool) -> Result<bool, StoreError> {
    let known = FILES.last().map_or(0, |file| file.0);
    match found {
        Some(later) if later.version > known => {
            check(found)?;
            tracing::warn!(
                schema = later.version,
                known,
                "a later version has added to the schema, and it can be served"
            );
            Ok(false)
        }
        Some(found) if found.version == known => Ok(false),
        _ if as_it_is => check(found).map(|()| false),
        _ => Ok(true),
    }
}

/// Whether the schema is the very one that this program makes.
pub(crate) fn is_known(found: Option<Found>) -> bool {
    let known = FILES.last().map(|file| file.0);
    found.map(|found| found.version) == known
}

/// Whether this program may work on a schema as it stands: it is the one that it knows, or a later one that says so.
pub(crate) fn check(found: Option<Found>) -> Result<(), StoreError> {
    let known = FILES.last().map_or(0, |file| file.0);
    let (version, serves_from) =
        found.map_or((0, None), |found| (found.version, found.serves_from));
    match version.cmp(&known) {
        Ordering::Equal => Ok(()),
        Ordering::Greater if serves_from.is_some_and(|from| from <= known) => Ok(()),
        Ordering::Greater => Err(StoreError::SchemaNewer {
            found: version,
            known,
        }),
        Ordering::Less => Err(StoreError::SchemaOlder {
            found: version,
            known,
        }),
    }
}

/// A file of the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaFile {
    /// Its place in the order.
    pub version: i64,
    /// What it is about.
    pub name: &'static str,
    /// Its text in the words of one engine.
    pub text: String,
}

/// The files that a store runs when it is opened, in order, in the words of an engine: for whoever wants to see the
/// schema, or to make one of an earlier version.
#[must_use]
pub fn schema(engine: Engine) -> Vec<SchemaFile> {
    let engine = match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    };
    FILES
        .iter()
        .map(|&(version, name, text)| SchemaFile {
            version,
            name,
            text: uncover(text, engine),
        })
        .collect()
}

/// The migrations in the words of one engine, `sqlite` or `postgres`.
pub(crate) fn migrator(engine: &str) -> Migrator {
    Migrator::with_migrations(migrations(engine).to_vec())
}

fn migrations(engine: &str) -> [Migration; FILES.len()] {
    FILES.map(|(version, description, text)| {
        let text = uncover(text, engine);
        Migration::new(
            version,
            Cow::Borrowed(description),
            MigrationType::Simple,
            AssertSqlSafe(text).into_sql_str(),
            false,
        )
    })
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
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use sqlx::migrate::Migrator;
    use sqlx::{Connection as _, Row as _, SqliteConnection};

    use super::{FILES, migrations, migrator, uncover};

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

    #[tokio::test]
    async fn days_judged_before_there_was_a_cosinor_say_so() {
        let mut conn = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let [first, ..] = migrations("sqlite");
        let before = Migrator::with_migrations(vec![first]);
        before.run(&mut conn).await.unwrap();
        let insert = "insert into profiles (study_no, participant, day, awakening_recorded, sample_count, valid, \
            conditions, absent, findings) values (1, 'A', '2026-03-02', true, 2, true, 0, '', ''), \
            (1, 'B', '2026-03-02', true, 2, true, 0, 'wake_nmol_per_l=no_wake_sample', '')";
        sqlx::query(insert).execute(&mut conn).await.unwrap();
        migrator("sqlite").run(&mut conn).await.unwrap();
        let rows = sqlx::query("select mesor, absent from profiles order by participant")
            .fetch_all(&mut conn)
            .await
            .unwrap();
        let cosinor = "mesor=not_computed;amplitude=not_computed;peak_clock_time=not_computed;cosinor_p=not_computed";
        let expected = [
            cosinor.to_owned(),
            format!("wake_nmol_per_l=no_wake_sample;{cosinor}"),
        ];
        for (row, expected) in rows.iter().zip(expected) {
            assert_eq!(row.get::<Option<f64>, _>("mesor"), None);
            assert_eq!(row.get::<String, _>("absent"), expected);
            for feature in ["mesor", "amplitude", "peak_clock_time", "cosinor_p"] {
                let read = crate::codes::read_feature(feature, None, &expected).unwrap();
                assert_eq!(read, Err(diel_core::Absence::NotComputed));
            }
        }
    }
}
