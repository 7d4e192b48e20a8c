//! Lists cost by the size of a page, not of a table: the engine finds the page in an index and does not sort.

use std::str::FromStr as _;

use diel_core::Verdict;
use diel_core::quality::ControlMaterial;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{AssertSqlSafe, QueryBuilder, Row as _, Sqlite};

use super::operations::{
    audit, batches, controls, conversions, delete, erase, facts, fits, flags, methods,
    participants, policies, principals, profiles, protocols, quality, recall, references, results,
    rhythms, specimens, statements, studies, tokens, watch,
};
use crate::scan::ProfileScan;
use crate::{
    AuditFilter, ControlKey, FlagFilter, FlagOrder, FlagPlace, FlagState, PageRequest,
    ProfileFilter, ProfileParts, ResultFilter, RhythmFilter, SpecimenFilter, SpecimenState,
    migration,
};

type Failure = Box<dyn std::error::Error>;

async fn plan(pool: &SqlitePool, statement: &str) -> Result<String, Failure> {
    let rows = sqlx::query(AssertSqlSafe(format!("explain query plan {statement}")))
        .fetch_all(pool)
        .await?;
    let steps = rows
        .iter()
        .map(|row| row.try_get::<String, _>("detail"))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(steps.join("; "))
}

async fn schema(folder: &tempfile::TempDir) -> Result<SqlitePool, Failure> {
    let file = format!("sqlite://{}/plans.db", folder.path().display());
    let pool =
        SqlitePool::connect_with(SqliteConnectOptions::from_str(&file)?.create_if_missing(true))
            .await?;
    migration::migrator("sqlite").run(&pool).await?;
    Ok(pool)
}

fn after<K>(key: K) -> PageRequest<K> {
    PageRequest {
        after: Some(key),
        limit: 50,
    }
}

fn place() -> PageRequest<FlagPlace> {
    after((0.9, text(), text()))
}

fn text() -> String {
    "x".to_owned()
}

/// What reads profiles from end to end.
fn scan(
    filter: &ProfileFilter,
    page: &PageRequest<(String, jiff::civil::Date)>,
) -> QueryBuilder<Sqlite> {
    let mut select = QueryBuilder::default();
    let scan = ProfileScan::new(ProfileParts::default(), page);
    profiles::scan::select(&mut select, 1, filter, &scan, page);
    select
}

/// The lists, each with the index that must find its page.
fn lists() -> Vec<(&'static str, QueryBuilder<Sqlite>)> {
    let of_one = SpecimenFilter {
        participant: Some(text()),
        ..SpecimenFilter::default()
    };
    let waiting = |state| SpecimenFilter {
        state: Some(state),
        created_before: Some(jiff::Timestamp::UNIX_EPOCH),
        ..SpecimenFilter::default()
    };
    let of_batch = ResultFilter {
        specimen: None,
        batch: Some("0000000000000001".to_owned()),
    };
    let date = jiff::civil::date(2026, 3, 2);
    let groups = ProfileFilter {
        groups: vec![text()],
        valid_only: true,
        ..ProfileFilter::default()
    };
    let verdicts = RhythmFilter {
        verdicts: vec![Verdict::FlatForReview],
        flag_states: vec![FlagState::Open],
        groups: vec![text()],
        ..RhythmFilter::default()
    };
    let open = FlagFilter {
        states: FlagState::WAITING.to_vec(),
        min_probability: Some(0.8),
        ..FlagFilter::default()
    };
    let acted = AuditFilter {
        actor: Some(text()),
        resource: Some(text()),
        ..AuditFilter::default()
    };
    let unclaimed = FlagFilter {
        unclaimed_at: Some(jiff::Timestamp::UNIX_EPOCH),
        ..FlagFilter::default()
    };
    let key = ControlKey {
        lab: text(),
        assay: text(),
        material: ControlMaterial {
            material: text(),
            level: text(),
            lot: text(),
        },
    };
    vec![
        (
            "s USING INDEX sqlite_autoindex_studies_2 (study_id>?)",
            studies::select(None, &after(text())),
        ),
        (
            "p USING PRIMARY KEY (principal>?)",
            principals::select(Some(1), &after(text())),
        ),
        (
            "t USING PRIMARY KEY ((principal,token_id)>(?,?))",
            tokens::select(None, &after((text(), text()))),
        ),
        (
            "participants USING PRIMARY KEY (study_no=? AND participant>?)",
            participants::select(1, &after(text())),
        ),
        (
            "batches USING PRIMARY KEY (study_no=? AND batch_no>?)",
            batches::select(1, &after(text())),
        ),
        (
            "c USING PRIMARY KEY (study_no=? AND control_id>?)",
            controls::select(1, &after(text())),
        ),
        (
            "m USING INDEX batch_controls_by_material (study_no=? AND lab=? AND assay=? AND material=? AND level=? \
             AND lot=? AND (run_us,batch_no,position)<(?,?,?))",
            quality::measured::select(1, &key, &after((1, 1, 1))),
        ),
        (
            "s USING PRIMARY KEY (study_no=? AND specimen>?)",
            specimens::select(1, &SpecimenFilter::default(), &after(text())),
        ),
        (
            "s USING INDEX specimens_by_participant (study_no=? AND participant=? AND specimen>?)",
            specimens::select(1, &of_one, &after(text())),
        ),
        (
            "s USING INDEX specimens_without_collection (study_no=? AND specimen>?)",
            specimens::select(
                1,
                &waiting(SpecimenState::WaitingForCollection),
                &after(text()),
            ),
        ),
        (
            "s USING INDEX specimens_without_result (study_no=? AND specimen>?)",
            specimens::select(1, &waiting(SpecimenState::WaitingForResult), &after(text())),
        ),
        (
            "earlier_facts USING PRIMARY KEY (study_no=? AND specimen=? AND revision>?)",
            facts::select_earlier(1, "x", &after(1)),
        ),
        (
            "r USING PRIMARY KEY (study_no=? AND (specimen,revision)>(?,?))",
            results::select(1, &ResultFilter::default(), &after((text(), 1))),
        ),
        (
            "r USING INDEX results_by_batch (study_no=? AND batch_no=?",
            results::select(1, &of_batch, &after((text(), 1))),
        ),
        (
            "profiles USING PRIMARY KEY (study_no=? AND (participant,day)>(?,?))",
            profiles::select(1, &groups, &after((text(), date))),
        ),
        (
            "profiles USING PRIMARY KEY (study_no=? AND (participant,day)>(?,?))",
            scan(&groups, &after((text(), date))),
        ),
        (
            "r USING PRIMARY KEY (study_no=? AND participant>?)",
            rhythms::select(1, &verdicts, &after(text())),
        ),
        (
            "f USING INDEX flags_waiting (study_no=? AND probability_flat>? AND probability_flat<?)",
            flags::select(1, &open, &after((0.9, text()))),
        ),
        (
            "f USING INDEX flags_by_probability (study_no=? AND probability_flat<?)",
            flags::select(1, &FlagFilter::default(), &after((0.9, text()))),
        ),
        (
            "f USING INDEX flags_by_probability (study_no=? AND probability_flat<?)",
            flags::select_queue(1, &FlagFilter::default(), FlagOrder::Probability, &place()),
        ),
        (
            "f USING PRIMARY KEY (study_no=? AND flag_id<?)",
            flags::select_queue(1, &FlagFilter::default(), FlagOrder::Newest, &place()),
        ),
        (
            "f USING PRIMARY KEY (study_no=? AND flag_id>?)",
            flags::select_queue(1, &FlagFilter::default(), FlagOrder::Oldest, &place()),
        ),
        (
            "f USING INDEX sqlite_autoindex_flags_2 (study_no=? AND participant>?)",
            flags::select_queue(1, &FlagFilter::default(), FlagOrder::Participant, &place()),
        ),
        (
            "f USING INDEX flags_by_probability (study_no=? AND probability_flat<?)",
            flags::select_places(1, &unclaimed, &after((0.9, text()))),
        ),
        (
            "p USING PRIMARY KEY (study_no=? AND version<?)",
            policies::select(1, &after(2)),
        ),
        (
            "protocols USING PRIMARY KEY (study_no=? AND version<?)",
            protocols::select(1, &after(2)),
        ),
        (
            "f USING PRIMARY KEY (study_no=? AND fit_id>?)",
            fits::select(1, &after(text())),
        ),
        (
            "audit_entries USING PRIMARY KEY (study_no=? AND sequence>?)",
            audit::select(1, &acted, &after(1)),
        ),
        (
            "s USING PRIMARY KEY (study_no=? AND sequence>? AND sequence<?)",
            watch::select_steps(1, &open, 9, &after(1)),
        ),
        (
            "f USING PRIMARY KEY (study_no=? AND flag_id>?)",
            watch::select_present(1, &open, 9, &after(text())),
        ),
        (
            "e USING PRIMARY KEY (study_no=? AND flag_id=? AND sequence>?)",
            flags::select_events(1, "x", &after(1)),
        ),
    ]
}

#[tokio::test]
async fn every_list_finds_its_page_in_an_index() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let pool = schema(&folder).await?;
    for (index, select) in lists() {
        let plan = plan(&pool, select.sql().as_str()).await?;
        assert!(plan.contains(index), "{index}: {plan}");
        assert!(
            !plan.contains("SCAN") && !plan.contains("TEMP B-TREE"),
            "{index}: {plan}"
        );
    }
    Ok(())
}

/// The trail is appended to and read: no statement changes it, and no other table that is a record of what was. The erasure of a
/// person does and the deletion of a study, by statements of their own.
#[test]
fn no_statement_changes_the_trail() {
    let mut appends = 0;
    let erasing: Vec<_> = erase::statements().chain(delete::statements()).collect();
    for statement in statements::all().filter(|one| !erasing.contains(&one.as_ref())) {
        let words = statement.split_whitespace().collect::<Vec<_>>().join(" ");
        let words = words.to_lowercase();
        for table in [
            "audit_entries",
            "flag_steps",
            "flag_events",
            "results",
            "earlier_facts",
        ] {
            for change in [
                "update",
                "delete from",
                "replace into",
                "drop table",
                "alter table",
            ] {
                let change = format!("{change} {table} ");
                assert!(!format!("{words} ").contains(&change), "{statement}");
            }
            let append = format!("insert into {table} ");
            if words.starts_with(&append) {
                appends += 1;
                assert!(!words.contains("do update"), "{statement}");
            }
        }
    }
    assert!(appends >= 5, "only {appends} statements append");
}

/// A slice of a study that is deleted is found by its keys, whatever other studies hold.
#[tokio::test]
async fn a_deletion_finds_its_rows_by_their_keys() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let pool = schema(&folder).await?;
    let mut found = 0;
    let takes = |statement: &&str| {
        statement.starts_with("delete from") || statement.starts_with("update audit_entries")
    };
    for statement in delete::statements().filter(takes) {
        let plan = plan(&pool, statement).await?;
        assert!(!plan.contains("SCAN"), "{statement}: {plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{statement}: {plan}");
        found += 1;
    }
    assert!(found > 25, "only {found} statements");
    Ok(())
}

/// The neighbours of a flag are the next entries of the index of flags that wait, whatever was decided before.
#[tokio::test]
async fn neighbours_are_found_among_the_flags_that_wait() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let pool = schema(&folder).await?;
    for statement in flags::STATEMENTS {
        let plan = plan(&pool, statement).await?;
        assert!(
            plan.contains("flags USING INDEX flags_waiting (study_no=? AND probability_flat"),
            "{plan}"
        );
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
    Ok(())
}

/// The results of a batch are found by the batch, whatever else the study holds.
#[tokio::test]
async fn a_recall_reads_its_batch_alone() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let pool = schema(&folder).await?;
    for statement in recall::STATEMENTS {
        let plan = plan(&pool, statement).await?;
        let by_batch = plan.contains("r USING INDEX results_by_batch (study_no=? AND batch_no=?");
        let marks = plan.contains("batches USING PRIMARY KEY (study_no=? AND batch_no=?)");
        assert!(by_batch || marks, "{statement}: {plan}");
        assert!(!plan.contains("SCAN"), "{statement}: {plan}");
    }
    Ok(())
}

/// A page of references is cut before their strata are joined, so that only those are read and sorted.
#[tokio::test]
async fn references_are_found_with_their_strata_alone() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let pool = schema(&folder).await?;
    let select = references::select(1, &after((text(), 1)));
    let plan = plan(&pool, select.sql().as_str()).await?;
    for search in [
        "study_references USING PRIMARY KEY (study_no=? AND (reference,version)>(?,?))",
        "t USING PRIMARY KEY (study_no=? AND reference=? AND version=?)",
    ] {
        assert!(plan.contains(search), "{search}: {plan}");
    }
    for table in ["study_references", "t", "s"] {
        let scan = format!("SCAN {table};");
        assert!(!plan.contains(&scan), "{scan} {plan}");
    }
    Ok(())
}

/// The runs that the rules of control look at are found in their order, however many there are.
#[tokio::test]
async fn runs_of_controls_are_found_in_their_order() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let pool = schema(&folder).await?;
    let around =
        |statement: &str| statement.contains("batch_controls") && statement.contains("lab = $2");
    let statements: Vec<_> = statements::all().filter(|text| around(text)).collect();
    assert_eq!(statements.len(), 3, "{statements:?}");
    for statement in statements {
        let plan = plan(&pool, &statement).await?;
        assert!(
            plan.contains("INDEX batch_controls_by_run (study_no=? AND lab=? AND assay=? AND (run_us,batch_no)"),
            "{statement}: {plan}"
        );
        assert!(!plan.contains("SCAN batch_controls"), "{statement}: {plan}");
    }
    Ok(())
}

/// So is one of conversions, before their terms are.
#[tokio::test]
async fn conversions_are_found_with_their_terms_alone() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let pool = schema(&folder).await?;
    let select = conversions::select(1, &after((text(), 1)));
    let plan = plan(&pool, select.sql().as_str()).await?;
    for search in [
        "conversions USING PRIMARY KEY (study_no=? AND (conversion,version)>(?,?))",
        "t USING PRIMARY KEY (study_no=? AND conversion=? AND version=?)",
    ] {
        assert!(plan.contains(search), "{search}: {plan}");
    }
    for table in ["conversions", "t"] {
        let scan = format!("SCAN {table};");
        assert!(!plan.contains(&scan), "{scan} {plan}");
    }
    Ok(())
}

/// So is one of methods, before their biases are.
#[tokio::test]
async fn methods_are_found_with_their_biases_alone() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let pool = schema(&folder).await?;
    let select = methods::select(1, &after((text(), 1)));
    let plan = plan(&pool, select.sql().as_str()).await?;
    for search in [
        "methods USING PRIMARY KEY (study_no=? AND (method,version)>(?,?))",
        "b USING PRIMARY KEY (study_no=? AND method=? AND version=?)",
    ] {
        assert!(plan.contains(search), "{search}: {plan}");
    }
    for table in ["methods", "b"] {
        let scan = format!("SCAN {table};");
        assert!(!plan.contains(&scan), "{scan} {plan}");
    }
    Ok(())
}

/// Rows of many keys are few for each key and may be sorted, but no others may be read.
#[tokio::test]
async fn rows_of_many_keys_are_found_by_their_keys() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let pool = schema(&folder).await?;
    for statement in statements::lookups() {
        let plan = plan(&pool, &statement).await?;
        let by_specimen = plan.contains("USING PRIMARY KEY (study_no=? AND specimen=?)");
        assert!(
            by_specimen || plan.contains("study_no=? AND participant=?"),
            "{statement}: {plan}"
        );
        assert!(!plan.contains("SCAN"), "{statement}: {plan}");
    }
    Ok(())
}
