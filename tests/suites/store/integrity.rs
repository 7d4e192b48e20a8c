//! What is changed in a row behind the program's back is named by `diel verify`, in revisions too that nothing rests on.

use diel_server::Verified;
use diel_store::{PageRequest, Recall, Store};
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection,
};

use crate::TestStore;
use crate::cohort::{FLAT, STUDY, call, create_study, days, submission, tube};

/// A participant's plate, recalled: each tube has a first result and one that is in force and says nothing.
async fn recalled(store: &Store) {
    create_study(store).await;
    let sent = submission(days("p1", 0..3, FLAT));
    let batch = store.submit(sent).await.unwrap().batch.unwrap();
    let recall = Recall {
        study: STUDY.to_owned(),
        batch: batch.id,
        version: None,
        reason: "standards swapped".to_owned(),
        call: call(),
    };
    store.recall_batch(recall).await.unwrap();
}

/// Executes statements behind the back of the program.
async fn execute(store: &TestStore, statements: &[String]) {
    let url = store.database.url();
    if url.starts_with("sqlite:") {
        let mut conn = SqliteConnection::connect(url).await.unwrap();
        for statement in statements {
            conn.execute(AssertSqlSafe(statement.clone()))
                .await
                .unwrap();
        }
        conn.close().await.unwrap();
    } else {
        let mut conn = PgConnection::connect(url).await.unwrap();
        for statement in statements {
            conn.execute(AssertSqlSafe(statement.clone()))
                .await
                .unwrap();
        }
        conn.close().await.unwrap();
    }
}

/// The columns of a table, and whether each holds text.
async fn columns(store: &TestStore, table: &str) -> Vec<(String, bool)> {
    let url = store.database.url();
    let columns: Vec<(String, String)> = if url.starts_with("sqlite:") {
        let mut conn = SqliteConnection::connect(url).await.unwrap();
        let columns = "select name, type from pragma_table_info($1) order by cid";
        let rows = sqlx::query(columns).bind(table).fetch_all(&mut conn).await;
        let rows = rows.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    } else {
        let mut conn = PgConnection::connect(url).await.unwrap();
        let columns = "select column_name::text, data_type::text from information_schema.columns \
            where table_schema = current_schema() and table_name = $1 order by ordinal_position";
        let rows = sqlx::query(columns).bind(table).fetch_all(&mut conn).await;
        let rows = rows.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    };
    let is_text = |kind: &str| kind.eq_ignore_ascii_case("text");
    (columns.into_iter())
        .map(|(name, kind)| (name, is_text(&kind)))
        .collect()
}

async fn verify(store: &TestStore) -> Verified {
    let database = store.database.url();
    diel_server::verify(database, |_, _| {}).await.unwrap()
}

pub(crate) async fn every_column_of_a_revision_is_vouched_for(store: TestStore) {
    recalled(&store).await;
    let before = verify(&store).await;
    assert_eq!(before.flaws, []);
    assert_eq!((before.revisions, before.without_digest), (30, 0));
    let kept = "create table kept as select * from results".to_owned();
    execute(&store, &[kept]).await;
    let columns = columns(&store, "results").await;
    assert_eq!(columns.len(), 15, "{columns:?}");
    let (first, of_specimen) = (tube("p1", 1, 2), format!("specimens/{}", tube("p1", 1, 2)));
    for (column, is_text) in columns {
        let other = if is_text {
            format!("coalesce({column}, '') || 'x'")
        } else {
            format!("coalesce({column}, 5) + 10")
        };
        let change = format!(
            "update results set {column} = {other} where specimen = '{first}' and revision = 1"
        );
        execute(&store, &[change]).await;
        let flaws = verify(&store).await.flaws;
        let named = flaws
            .iter()
            .find(|flaw| flaw.resource.contains(&of_specimen));
        assert!(named.is_some(), "{column} was changed: {flaws:?}");
        let is_key = ["study_no", "specimen", "revision"].contains(&column.as_str());
        let by_digest = |what: &str| what.contains("its digest is that of another row");
        assert!(
            is_key || flaws.iter().any(|flaw| by_digest(&flaw.what)),
            "{column} was changed: {flaws:?}"
        );
        let back = [
            "delete from results".to_owned(),
            "insert into results select * from kept".to_owned(),
        ];
        execute(&store, &back).await;
    }
    execute(&store, &["drop table kept".to_owned()]).await;
    assert_eq!(verify(&store).await.flaws, []);
}

pub(crate) async fn revisions_of_before_there_were_digests_are_counted(store: TestStore) {
    recalled(&store).await;
    let before = "update results set row_digest = null where revision = 1".to_owned();
    execute(&store, &[before]).await;
    let verified = verify(&store).await;
    assert_eq!(verified.flaws, []);
    assert_eq!((verified.revisions, verified.without_digest), (30, 15));
}

pub(crate) async fn days_that_were_changed_are_named(store: TestStore) {
    create_study(&store).await;
    let sent = submission(days("p1", 0..3, FLAT));
    store.submit(sent).await.unwrap();
    let columns = columns(&store, "profiles").await;
    let kept = "create table kept as select * from profiles".to_owned();
    execute(&store, &[kept]).await;
    let page = PageRequest {
        after: None,
        limit: 10,
    };
    let any = diel_store::ProfileFilter::default();
    let date = store.profiles(STUDY, &any, &page).await.unwrap().items[1].date;
    let numbers = columns.iter().filter(|(name, is_text)| {
        !is_text && !["study_no", "awakening_recorded", "valid"].contains(&name.as_str())
    });
    for (column, _) in numbers {
        let change = format!(
            "update profiles set {column} = coalesce({column}, 5) + 10 where day = '{date}'"
        );
        execute(&store, &[change]).await;
        let flaws = verify(&store).await.flaws;
        let of_day = flaws
            .iter()
            .any(|flaw| flaw.resource.contains("participants/p1"));
        assert!(of_day, "{column} was changed: {flaws:?}");
        let back = [
            "delete from profiles".to_owned(),
            "insert into profiles select * from kept".to_owned(),
        ];
        execute(&store, &back).await;
    }
    execute(&store, &["drop table kept".to_owned()]).await;
}
