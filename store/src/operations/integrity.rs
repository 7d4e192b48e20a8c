//! Rows that lack what they belong to.

pub(super) mod revisions;

use super::fields::Fields;
use super::{Conn, ground};
use crate::Flaw;
use crate::fault::Fault;
use crate::integrity::NAMED;

pub(super) const STATEMENTS: [&str; 8] = [
    SPECIMENS_WITHOUT_RESULT,
    RESULTS_WITHOUT_SPECIMEN,
    RESULTS_WITHOUT_BATCH,
    BATCHES_WITH_OTHER_COUNT,
    SPECIMENS_WITHOUT_PARTICIPANT,
    RHYTHMS_WITHOUT_PARTICIPANT,
    FLAGS_WITHOUT_RHYTHM,
    revisions::MANY,
];

const SPECIMENS_WITHOUT_RESULT: &str = "select s.specimen as name from specimens s where s.study_no = $1 \
    and s.revision > 0 and not exists (select 1 from results r where r.study_no = s.study_no \
    and r.specimen = s.specimen and r.revision = s.revision) order by s.specimen limit $2";

const RESULTS_WITHOUT_SPECIMEN: &str = "select r.specimen as name from results r where r.study_no = $1 \
    and not exists (select 1 from specimens s where s.study_no = r.study_no and s.specimen = r.specimen \
    and s.revision >= r.revision) order by r.specimen limit $2";

const RESULTS_WITHOUT_BATCH: &str = "select r.specimen as name from results r where r.study_no = $1 \
    and not exists (select 1 from batches b where b.study_no = r.study_no and b.batch_no = r.batch_no) \
    order by r.specimen limit $2";

/// A batch counts the first results of its specimens; amendments stand under it too.
const BATCHES_WITH_OTHER_COUNT: &str = "select b.plate as name from batches b where b.study_no = $1 \
    and b.result_count <> (select count(*) from results r where r.study_no = b.study_no \
    and r.batch_no = b.batch_no and r.revision = 1) order by b.batch_no limit $2";

const SPECIMENS_WITHOUT_PARTICIPANT: &str = "select s.specimen as name from specimens s where s.study_no = $1 \
    and s.participant is not null and not exists (select 1 from participants p where p.study_no = s.study_no \
    and p.participant = s.participant) order by s.specimen limit $2";

const RHYTHMS_WITHOUT_PARTICIPANT: &str = "select r.participant as name from rhythms r where r.study_no = $1 \
    and not exists (select 1 from participants p where p.study_no = r.study_no \
    and p.participant = r.participant) order by r.participant limit $2";

const FLAGS_WITHOUT_RHYTHM: &str = "select f.participant as name from flags f where f.study_no = $1 \
    and not exists (select 1 from rhythms r where r.study_no = f.study_no \
    and r.participant = f.participant) order by f.participant limit $2";

pub(crate) use revisions::{check as check_revisions, said as said_revisions};

/// Everything of a study that lacks what it belongs to; of each kind the first hundred.
pub(crate) async fn orphans(conn: &mut Conn, study: &str) -> Result<Vec<Flaw>, Fault> {
    let no = ground::number(conn, study).await?;
    let kinds = [
        (
            SPECIMENS_WITHOUT_RESULT,
            "specimens",
            "its result in force is missing",
        ),
        (
            RESULTS_WITHOUT_SPECIMEN,
            "specimens",
            "it has a result that no specimen knows of",
        ),
        (
            RESULTS_WITHOUT_BATCH,
            "specimens",
            "it has a result whose batch is missing",
        ),
        (
            BATCHES_WITH_OTHER_COUNT,
            "batches of plate",
            "it has another number of results than it was stored with",
        ),
        (
            SPECIMENS_WITHOUT_PARTICIPANT,
            "specimens",
            "its participant is missing",
        ),
        (
            RHYTHMS_WITHOUT_PARTICIPANT,
            "participants",
            "there is a rhythm of nobody",
        ),
        (
            FLAGS_WITHOUT_RHYTHM,
            "participants",
            "there is a flag without a rhythm",
        ),
    ];
    let mut flaws = Vec::new();
    for (statement, collection, what) in kinds {
        let rows = sqlx::query(statement)
            .bind(no)
            .bind(NAMED)
            .fetch_all(&mut *conn)
            .await?;
        for row in &rows {
            flaws.push(Flaw {
                resource: format!("studies/{study}/{collection}/{}", Fields(row).text("name")?),
                what: what.to_owned(),
            });
        }
    }
    Ok(flaws)
}
