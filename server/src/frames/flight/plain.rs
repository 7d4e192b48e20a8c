//! Flight without the messages of Flight SQL, for programs that know only descriptors and tickets: a path `[study, table]`
//! is that table whole, and a ticket or command of plain text is a statement.

use std::pin::Pin;

use arrow_flight::flight_descriptor::DescriptorType;
use arrow_flight::flight_service_server::FlightService;
use arrow_flight::sql::{Any, CommandStatementQuery, ProstMessageExt as _, TicketStatementQuery};
use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightInfo,
    HandshakeRequest, HandshakeResponse, PollInfo, PutResult, SchemaResult, Ticket,
};
use bytes::Bytes;
use futures_util::Stream;
use prost::Message as _;
use tonic::{Request, Response, Status, Streaming};

use super::Flight;
use crate::refusal::Refusal;

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// What begins the name of a message of Flight SQL.
const OF_FLIGHT_SQL: &str = "type.googleapis.com/arrow.flight.protocol.sql.";

/// The service as it is registered: what is plain becomes a message of Flight SQL, and all else passes.
#[derive(Debug, Clone)]
pub(crate) struct PlainFlight(pub(crate) Flight);

/// Whether these are bytes of a message of Flight SQL.
fn is_message(bytes: &[u8]) -> bool {
    Any::decode(bytes).is_ok_and(|any| any.type_url.starts_with(OF_FLIGHT_SQL))
}

/// The statement of a path.
fn statement_of(path: &[String]) -> Result<String, Refusal> {
    let [study, table] = path else {
        return Err(Refusal::field(
            "path",
            format!(
                "{} parts; a path has two, the study and the table, as in [\"pilot\", \"profiles\"]",
                path.len()
            ),
        ));
    };
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    Ok(format!("SELECT * FROM {}.{}", quoted(study), quoted(table)))
}

/// A statement that stands in plain text.
fn plain(bytes: &[u8]) -> Result<String, Refusal> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(Refusal::field(
            "ticket",
            "is neither a message of Flight SQL nor a statement in UTF-8",
        )),
    }
}

#[tonic::async_trait]
impl FlightService for PlainFlight {
    type HandshakeStream = Answers<HandshakeResponse>;
    type ListFlightsStream = Answers<FlightInfo>;
    type DoGetStream = Answers<FlightData>;
    type DoPutStream = Answers<PutResult>;
    type DoActionStream = Answers<arrow_flight::Result>;
    type ListActionsStream = Answers<ActionType>;
    type DoExchangeStream = Answers<FlightData>;

    async fn get_flight_info(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let (metadata, extensions, mut descriptor) = request.into_parts();
        let asked = descriptor.clone();
        let statement = if descriptor.r#type() == DescriptorType::Path {
            Some(statement_of(&descriptor.path)?)
        } else if is_message(&descriptor.cmd) {
            None
        } else {
            Some(plain(&descriptor.cmd)?)
        };
        if let Some(query) = statement {
            let command = CommandStatementQuery {
                query,
                transaction_id: None,
            };
            descriptor = FlightDescriptor::new_cmd(command.as_any().encode_to_vec());
        }
        let request = Request::from_parts(metadata, extensions, descriptor);
        let mut answer = self.0.get_flight_info(request).await?;
        answer.get_mut().flight_descriptor = Some(asked);
        Ok(answer)
    }

    async fn do_get(
        &self,
        request: Request<Ticket>,
    ) -> Result<Response<Self::DoGetStream>, Status> {
        let (metadata, extensions, mut ticket) = request.into_parts();
        if !is_message(&ticket.ticket) {
            let statement = TicketStatementQuery {
                statement_handle: Bytes::from(plain(&ticket.ticket)?),
            };
            ticket = Ticket::new(statement.as_any().encode_to_vec());
        }
        let request = Request::from_parts(metadata, extensions, ticket);
        self.0.do_get(request).await
    }

    async fn do_action(
        &self,
        request: Request<Action>,
    ) -> Result<Response<Self::DoActionStream>, Status> {
        self.0.do_action(request).await
    }

    // The gate serves none of these.

    async fn handshake(
        &self,
        request: Request<Streaming<HandshakeRequest>>,
    ) -> Result<Response<Self::HandshakeStream>, Status> {
        self.0.handshake(request).await
    }

    async fn list_flights(
        &self,
        request: Request<Criteria>,
    ) -> Result<Response<Self::ListFlightsStream>, Status> {
        self.0.list_flights(request).await
    }

    async fn poll_flight_info(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<PollInfo>, Status> {
        self.0.poll_flight_info(request).await
    }

    async fn get_schema(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<SchemaResult>, Status> {
        self.0.get_schema(request).await
    }

    async fn do_put(
        &self,
        request: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoPutStream>, Status> {
        self.0.do_put(request).await
    }

    async fn list_actions(
        &self,
        request: Request<Empty>,
    ) -> Result<Response<Self::ListActionsStream>, Status> {
        self.0.list_actions(request).await
    }

    async fn do_exchange(
        &self,
        request: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoExchangeStream>, Status> {
        self.0.do_exchange(request).await
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;
    use crate::frames::Table;
    use crate::frames::statement::Statement;

    #[test]
    fn a_path_is_a_table_whole() {
        let path = ["pilot-2".to_owned(), "flags".to_owned()];
        let statement = Statement::read(&statement_of(&path).unwrap()).unwrap();
        assert_eq!(
            (statement.study.as_str(), statement.table),
            ("pilot-2", Table::Flags)
        );
        assert_eq!(statement.columns.len(), Table::Flags.variables().len());
        // A name cannot end its quotation and go on as a statement.
        let path = ["a\" . x".to_owned(), "flags".to_owned()];
        let statement = Statement::read(&statement_of(&path).unwrap()).unwrap();
        assert_eq!(statement.study, "a\" . x");
        let refused = statement_of(&["pilot".to_owned()]).unwrap_err();
        assert!(
            Status::from(refused)
                .message()
                .contains("1 parts; a path has two")
        );
    }

    #[test]
    fn a_message_is_told_from_a_statement() {
        let ticket = TicketStatementQuery {
            statement_handle: Bytes::from_static(b"SELECT * FROM a.flags"),
        };
        assert!(is_message(&ticket.as_any().encode_to_vec()));
        for text in ["", "SELECT * FROM a.flags", "select", "\n\u{3}abc"] {
            assert!(!is_message(text.as_bytes()), "{text:?}");
        }
    }
}
