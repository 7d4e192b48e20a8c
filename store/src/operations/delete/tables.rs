//! The tables that hold something of a study, and what of each is taken.

use super::super::Conn;
use crate::deletion::Contents;
use crate::fault::Fault;

pub(super) fn statements() -> impl Iterator<Item = &'static str> {
    let of_tables = TABLES.iter().flat_map(|table| [table.count, table.take]);
    of_tables.chain([ENTRIES])
}

/// A table, with the statements that count and take a study's rows.
pub(super) struct Table {
    count: &'static str,
    /// Takes the rows of at most `$2` keys.
    pub(super) take: &'static str,
    counted: fn(&mut Contents) -> &mut u64,
}

/// A table whose rows are found by a column behind the study's number, and what they count as.
macro_rules! table {
    ($table:literal, $key:literal, $counted:ident) => {
        table!($table, $key, $counted, "")
    };
    ($table:literal, $key:literal, $counted:ident, $but:literal) => {
        Table {
            count: concat!(
                "select count(*) from ",
                $table,
                " where study_no = $1",
                $but
            ),
            take: concat!(
                "delete from ",
                $table,
                " where study_no = $1 and ",
                $key,
                " in (select ",
                $key,
                " from ",
                $table,
                " where study_no = $1",
                $but,
                " order by ",
                $key,
                " limit $2)"
            ),
            counted: |contents| &mut contents.$counted,
        }
    };
}

/// Every table with a study's number, but for its own row, the chain, who may read it, and the job that does the work. Rows go before
/// those that they belong to.
pub(super) const TABLES: [Table; 27] = [
    table!("results", "specimen", results),
    table!("earlier_facts", "specimen", others),
    table!("specimens", "specimen", specimens),
    table!("awakenings", "participant", others),
    table!("profiles", "participant", profiles),
    table!("rhythms", "participant", others),
    table!("flag_steps", "sequence", others),
    table!("flag_events", "flag_id", flag_events),
    table!("flags", "flag_id", flags),
    table!("requests", "request_id", answers),
    table!("participants", "participant", participants),
    table!("batch_controls", "batch_no", others),
    table!("batches", "batch_no", batches),
    table!("fits", "fit_id", others),
    table!("jobs", "job_id", others, " and kind <> 'delete'"),
    table!("reference_strata", "reference", others),
    table!("study_references", "reference", others),
    table!("control_targets", "control_id", others),
    table!("controls", "control_id", others),
    table!("protocol_samples", "version", others),
    table!("protocols", "version", others),
    table!("conversion_terms", "conversion", others),
    table!("conversions", "conversion", others),
    table!("method_biases", "method", others),
    table!("methods", "method", others),
    table!("quality_policies", "version", others),
    table!("policies", "version", others),
];

/// Entries of the trail that a deletion empties: all but those that say what was erased.
macro_rules! said {
    () => {
        "erased_by is null and action not in ('erase_participant', 'erase_entries', 'delete_study', 'finish_deletion')"
    };
}
pub(super) use said;

/// Entries that still say something and are not kept for what they say of erasures.
const ENTRIES: &str = concat!(
    "select count(*) from audit_entries where study_no = $1 and ",
    said!()
);

/// What there is to take of a study.
pub(super) async fn contents(conn: &mut Conn, no: i64) -> Result<Contents, Fault> {
    let mut contents = Contents::default();
    for table in &TABLES {
        *(table.counted)(&mut contents) += count(conn, table.count, no).await?;
    }
    contents.entries = count(conn, ENTRIES, no).await?;
    Ok(contents)
}

async fn count(conn: &mut Conn, statement: &'static str, no: i64) -> Result<u64, Fault> {
    let rows: i64 = sqlx::query_scalar(statement)
        .bind(no)
        .fetch_one(conn)
        .await?;
    Ok(rows.unsigned_abs())
}
