"""Client of diel, a service for salivary cortisol rhythms.

A flag is a reason to look again, never a statement about a person.

Examples
--------
>>> import diel
>>> diel.connect(address).study("demo").rhythms().to_polars().shape
(61, 25)
"""

from diel import v1
from diel.aio import AsyncClient, AsyncQuery, AsyncStudy, connect_async
from diel.client import Client, connect
from diel.errors import (
    AddressError,
    AlreadyExistsError,
    AnswerTimeoutError,
    DielError,
    InvalidRequestError,
    MissingExtraError,
    NotAuthenticatedError,
    NotFoundError,
    NotPermittedError,
    OvertakenError,
    ProtocolError,
    Refusal,
    RefusedError,
    ServiceUnreachableError,
    StateForbidsError,
    UnavailableError,
    Violation,
)
from diel.plot import PersonEvidence, draw_cohort, draw_person
from diel.query import Query
from diel.receipt import AmendReceipt, Receipt, RegisterReceipt, RowsRefusedError
from diel.records import ColumnsError
from diel.release import VERSION as __version__
from diel.retry import RetryPolicy
from diel.rows import COLUMNS, RefusedRow
from diel.study import Study

__all__ = [
    "COLUMNS",
    "AddressError",
    "AlreadyExistsError",
    "AmendReceipt",
    "AnswerTimeoutError",
    "AsyncClient",
    "AsyncQuery",
    "AsyncStudy",
    "Client",
    "ColumnsError",
    "DielError",
    "InvalidRequestError",
    "MissingExtraError",
    "NotAuthenticatedError",
    "NotFoundError",
    "NotPermittedError",
    "OvertakenError",
    "PersonEvidence",
    "ProtocolError",
    "Query",
    "Receipt",
    "Refusal",
    "RefusedError",
    "RefusedRow",
    "RegisterReceipt",
    "RetryPolicy",
    "RowsRefusedError",
    "ServiceUnreachableError",
    "StateForbidsError",
    "Study",
    "UnavailableError",
    "Violation",
    "__version__",
    "connect",
    "connect_async",
    "draw_cohort",
    "draw_person",
    "v1",
]
