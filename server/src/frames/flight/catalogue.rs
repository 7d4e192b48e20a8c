//! What there is to ask for: one catalog, a schema a study that the caller may read, three tables in each.

use arrow_array::RecordBatch;
use arrow_flight::error::FlightError;
use arrow_flight::sql::metadata::{SqlInfoData, SqlInfoDataBuilder};
use arrow_flight::sql::{
    CommandGetCatalogs, CommandGetDbSchemas, CommandGetTableTypes, CommandGetTables, SqlInfo,
};
use diel_store::{PageRequest, Role};

use crate::access::{Caller, Studies};
use crate::frames::{CATALOG, Table};
use crate::refusal::Refusal;
use crate::service::Service;

/// The one kind of table.
const KIND: &str = "TABLE";
/// Studies read at once.
const PAGE: u32 = 500;

/// The studies that a caller may read, by id.
///
/// # Errors
/// As the gate; those of the engine.
pub(super) async fn studies(service: &Service, caller: &Caller) -> Result<Vec<String>, Refusal> {
    caller.in_any_study()?;
    let principal = caller.principal();
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = PageRequest { after, limit: PAGE };
        let page = match principal.studies() {
            Studies::All => service.store.studies(&page).await?,
            Studies::Only(ids) => service.store.studies_among(&ids, &page).await?,
        };
        let ids = page.items.into_iter().map(|study| study.id);
        found.extend(
            ids.filter(|id| {
                principal.may(Role::Researcher, id) || principal.may(Role::Reviewer, id)
            }),
        );
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

pub(super) fn catalogs(query: CommandGetCatalogs) -> Result<RecordBatch, FlightError> {
    let mut rows = query.into_builder();
    rows.append(CATALOG);
    rows.build()
}

pub(super) fn schemas(
    query: CommandGetDbSchemas,
    studies: &[String],
) -> Result<RecordBatch, FlightError> {
    let mut rows = query.into_builder();
    for study in studies {
        rows.append(CATALOG, study);
    }
    rows.build()
}

pub(super) fn tables(
    query: CommandGetTables,
    studies: &[String],
) -> Result<RecordBatch, FlightError> {
    let mut rows = query.into_builder();
    for study in studies {
        for table in Table::ALL {
            rows.append(CATALOG, study, table.name(), KIND, &table.schema())?;
        }
    }
    rows.build()
}

pub(super) fn table_types(query: CommandGetTableTypes) -> Result<RecordBatch, FlightError> {
    let mut rows = query.into_builder();
    rows.append(KIND);
    rows.build()
}

/// What the server says of itself.
pub(super) fn sql_info() -> Result<SqlInfoData, FlightError> {
    let mut told = SqlInfoDataBuilder::new();
    told.append(SqlInfo::FlightSqlServerName, "diel");
    told.append(SqlInfo::FlightSqlServerVersion, env!("CARGO_PKG_VERSION"));
    told.append(SqlInfo::FlightSqlServerArrowVersion, "1.3");
    told.append(SqlInfo::FlightSqlServerReadOnly, true);
    told.append(SqlInfo::FlightSqlServerSql, true);
    told.append(SqlInfo::FlightSqlServerSubstrait, false);
    told.append(SqlInfo::FlightSqlServerTransaction, 0i32);
    told.append(SqlInfo::SqlIdentifierQuoteChar, "\"");
    told.build()
}
