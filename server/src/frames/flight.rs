//! Flight SQL, read-only: the tables of the studies that a caller may read, on the port of gRPC and behind its gate.
//!
//! A ticket and the handle of a prepared statement are the statement itself: nothing is kept between calls, any replica
//! serves them, and whoever comes with one is asked again whether they may.

mod catalogue;
mod plain;

use std::pin::Pin;

use arrow_array::RecordBatch;
use arrow_flight::encode::FlightDataEncoderBuilder;
use arrow_flight::error::FlightError;
use arrow_flight::sql::server::FlightSqlService;
use arrow_flight::sql::{
    ActionClosePreparedStatementRequest, ActionCreatePreparedStatementRequest,
    ActionCreatePreparedStatementResult, Any, CommandGetCatalogs, CommandGetDbSchemas,
    CommandGetSqlInfo, CommandGetTableTypes, CommandGetTables, CommandPreparedStatementQuery,
    CommandStatementQuery, ProstMessageExt, TicketStatementQuery,
};
use arrow_flight::{
    Action, FlightData, FlightDescriptor, FlightEndpoint, FlightInfo, IpcMessage, SchemaAsIpc,
    Ticket,
};
use arrow_ipc::writer::IpcWriteOptions;
use arrow_schema::{ArrowError, SchemaRef};
use futures_util::{Stream, TryStreamExt as _};
use prost::Message as _;
use tonic::{Request, Response, Status};

use super::statement::{Statement, StatementError};
use super::{FrameError, stream};
use crate::access::Caller;
use crate::refusal::Refusal;
use crate::service::Service;

pub(crate) use plain::PlainFlight;

type Batches = Pin<Box<dyn Stream<Item = Result<FlightData, Status>> + Send>>;

/// The service `arrow.flight.protocol.FlightService`.
#[derive(Debug, Clone)]
pub(crate) struct Flight(pub(crate) Service);

impl Flight {
    /// What a statement selects, once its caller may read that study and there is one.
    async fn admitted(&self, caller: &Caller, text: &str) -> Result<Statement, Refusal> {
        let statement = Statement::read(text).map_err(refused)?;
        caller.in_study(&statement.study)?;
        self.0.store.study(&statement.study).await?;
        Ok(statement)
    }

    async fn rows(&self, caller: Caller, text: &[u8]) -> Result<Response<Batches>, Status> {
        let text = utf8(text)?;
        let statement = self.admitted(&caller, text).await?;
        let batches = stream::batches(&self.0, caller, &statement).await?;
        let schema = selected(&statement)?;
        Ok(encoded(schema, batches))
    }
}

#[tonic::async_trait]
impl FlightSqlService for Flight {
    type FlightService = Self;

    async fn get_flight_info_statement(
        &self,
        query: CommandStatementQuery,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let (caller, descriptor) = Caller::take(request)?;
        let statement = self.admitted(&caller, &query.query).await?;
        let ticket = TicketStatementQuery {
            statement_handle: query.query.into(),
        };
        info(descriptor, selected(&statement)?, &ticket)
    }

    async fn do_get_statement(
        &self,
        ticket: TicketStatementQuery,
        request: Request<Ticket>,
    ) -> Result<Response<Batches>, Status> {
        let (caller, _) = Caller::take(request)?;
        self.rows(caller, &ticket.statement_handle).await
    }

    async fn do_action_create_prepared_statement(
        &self,
        query: ActionCreatePreparedStatementRequest,
        request: Request<Action>,
    ) -> Result<ActionCreatePreparedStatementResult, Status> {
        let (caller, _) = Caller::take(request)?;
        let statement = self.admitted(&caller, &query.query).await?;
        let options = IpcWriteOptions::default();
        let schema = selected(&statement)?;
        let described: Result<IpcMessage, ArrowError> =
            SchemaAsIpc::new(&schema, &options).try_into();
        let IpcMessage(dataset_schema) = described.map_err(defect)?;
        Ok(ActionCreatePreparedStatementResult {
            prepared_statement_handle: query.query.into(),
            dataset_schema,
            parameter_schema: bytes::Bytes::new(),
        })
    }

    async fn do_action_close_prepared_statement(
        &self,
        _: ActionClosePreparedStatementRequest,
        request: Request<Action>,
    ) -> Result<(), Status> {
        let (caller, _) = Caller::take(request)?;
        Ok(caller.in_any_study()?)
    }

    async fn get_flight_info_prepared_statement(
        &self,
        query: CommandPreparedStatementQuery,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let (caller, descriptor) = Caller::take(request)?;
        let text = utf8(&query.prepared_statement_handle)?;
        let statement = self.admitted(&caller, text).await?;
        info(descriptor, selected(&statement)?, &query)
    }

    async fn do_get_prepared_statement(
        &self,
        query: CommandPreparedStatementQuery,
        request: Request<Ticket>,
    ) -> Result<Response<Batches>, Status> {
        let (caller, _) = Caller::take(request)?;
        self.rows(caller, &query.prepared_statement_handle).await
    }

    async fn get_flight_info_catalogs(
        &self,
        query: CommandGetCatalogs,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        described(request, query.into_builder().schema(), &query)
    }

    async fn do_get_catalogs(
        &self,
        query: CommandGetCatalogs,
        request: Request<Ticket>,
    ) -> Result<Response<Batches>, Status> {
        let (caller, _) = Caller::take(request)?;
        caller.in_any_study()?;
        answered(catalogue::catalogs(query).map_err(flight_defect)?)
    }

    async fn get_flight_info_schemas(
        &self,
        query: CommandGetDbSchemas,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        described(request, query.clone().into_builder().schema(), &query)
    }

    async fn do_get_schemas(
        &self,
        query: CommandGetDbSchemas,
        request: Request<Ticket>,
    ) -> Result<Response<Batches>, Status> {
        let (caller, _) = Caller::take(request)?;
        let studies = catalogue::studies(&self.0, &caller).await?;
        answered(catalogue::schemas(query, &studies).map_err(flight_defect)?)
    }

    async fn get_flight_info_tables(
        &self,
        query: CommandGetTables,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        described(request, query.clone().into_builder().schema(), &query)
    }

    async fn do_get_tables(
        &self,
        query: CommandGetTables,
        request: Request<Ticket>,
    ) -> Result<Response<Batches>, Status> {
        let (caller, _) = Caller::take(request)?;
        let studies = catalogue::studies(&self.0, &caller).await?;
        answered(catalogue::tables(query, &studies).map_err(flight_defect)?)
    }

    async fn get_flight_info_table_types(
        &self,
        query: CommandGetTableTypes,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        described(request, query.into_builder().schema(), &query)
    }

    async fn do_get_table_types(
        &self,
        query: CommandGetTableTypes,
        request: Request<Ticket>,
    ) -> Result<Response<Batches>, Status> {
        let (caller, _) = Caller::take(request)?;
        caller.in_any_study()?;
        answered(catalogue::table_types(query).map_err(flight_defect)?)
    }

    async fn get_flight_info_sql_info(
        &self,
        query: CommandGetSqlInfo,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let told = catalogue::sql_info().map_err(flight_defect)?;
        let schema = query.clone().into_builder(&told).schema();
        described(request, schema, &query)
    }

    async fn do_get_sql_info(
        &self,
        query: CommandGetSqlInfo,
        request: Request<Ticket>,
    ) -> Result<Response<Batches>, Status> {
        let (caller, _) = Caller::take(request)?;
        caller.in_any_study()?;
        let told = catalogue::sql_info().map_err(flight_defect)?;
        let batch = query.into_builder(&told).build();
        answered(batch.map_err(flight_defect)?)
    }
}

/// The columns that a statement asks for.
fn selected(statement: &Statement) -> Result<SchemaRef, Status> {
    let schema = statement.table.schema().project(&statement.columns);
    Ok(SchemaRef::new(schema.map_err(defect)?))
}

/// Where a question of the catalogue is answered: here, by its own text.
fn described(
    request: Request<FlightDescriptor>,
    schema: SchemaRef,
    query: &impl ProstMessageExt,
) -> Result<Response<FlightInfo>, Status> {
    let (caller, descriptor) = Caller::take(request)?;
    caller.in_any_study()?;
    info(descriptor, schema, query)
}

fn info(
    descriptor: FlightDescriptor,
    schema: SchemaRef,
    ticket: &impl ProstMessageExt,
) -> Result<Response<FlightInfo>, Status> {
    let ticket: Any = ticket.as_any();
    let endpoint = FlightEndpoint::new().with_ticket(Ticket::new(ticket.encode_to_vec()));
    let info = FlightInfo::new().try_with_schema(&schema).map_err(defect)?;
    Ok(Response::new(
        info.with_endpoint(endpoint)
            .with_descriptor(descriptor)
            .with_ordered(true),
    ))
}

fn answered(batch: RecordBatch) -> Result<Response<Batches>, Status> {
    let schema = batch.schema();
    Ok(encoded(schema, futures_util::stream::iter([Ok(batch)])))
}

fn encoded(
    schema: SchemaRef,
    batches: impl Stream<Item = Result<RecordBatch, Status>> + Send + 'static,
) -> Response<Batches> {
    let batches = batches.map_err(|status| FlightError::Tonic(Box::new(status)));
    let messages = FlightDataEncoderBuilder::new()
        .with_schema(schema)
        .build(batches);
    Response::new(Box::pin(messages.map_err(flight_defect)))
}

fn utf8(text: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(text).map_err(|_| Refusal::field("statement", "is not UTF-8"))
}

/// A statement that is not understood, with what is supported.
fn refused(error: StatementError) -> Refusal {
    Refusal::field("statement", error.to_string())
}

fn defect(error: ArrowError) -> Status {
    Refusal::from(FrameError::from(error)).into()
}

/// What a stream ends with: a refusal as it is, anything else as the defect it is.
fn flight_defect(error: FlightError) -> Status {
    match error {
        FlightError::Tonic(status) => *status,
        FlightError::Arrow(error) => defect(error),
        other => {
            tracing::error!(error = %other, "a stream of Flight");
            Refusal::Defect("rows that do not make a stream").into()
        }
    }
}
