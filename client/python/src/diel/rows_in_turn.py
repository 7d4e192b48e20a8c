"""Rows in requests that are answered one after another, with the receipt that is written meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from diel import request_id
from diel.errors import RefusedError
from diel.questions import Asking, One
from diel.receipt import Lists, Receipt, RowsRefusedError
from diel.records import Rows, is_frame
from google.protobuf.message import Message

R = TypeVar("R", bound=Receipt)

ROWS = 2_000
"""Rows in one request: less than half of what the service takes."""


@dataclass(frozen=True)
class InTurn(Generic[R]):
    """How rows are asked about.

    Attributes
    ----------
    rows : frame or iterable
        The rows.
    requests : callable
        Gives the requests, each with the rows of its lists, and notes in the receipt which rows cannot be sent.
    receipt : type
        Makes an empty receipt.
    answer : type of message
        What is answered.
    take : callable
        Notes an answer in the receipt.
    goes_on : bool
        Whether good rows are sent where others are refused.
    """

    rows: Rows
    requests: Callable[[R], Iterator[tuple[Any, Lists]]]
    receipt: Callable[[], R]
    answer: type[Message]
    take: Callable[[R, Any, Lists], None]
    goes_on: bool

    def ask(self) -> Asking[R]:
        """Send the requests. A frame is checked as a whole first: a bad row refuses it before anything is sent.

        Raises
        ------
        RowsRefusedError
            Rows were refused, unless it goes on.
        """
        if is_frame(self.rows) and not self.goes_on:
            checked = self.receipt()
            for _ in self.requests(checked):
                pass
            if checked.refused:
                raise RowsRefusedError(checked)
        receipt = self.receipt()
        for request, lists in self.requests(receipt):
            request.request_id = request_id.of_content(request)
            try:
                answer = yield One(request, self.answer)
            except RefusedError as refused:
                receipt.batch_count += 1
                receipt.refuse_all(refused, lists)
            else:
                self.take(receipt, answer, lists)
        if receipt.refused and not self.goes_on:
            raise RowsRefusedError(receipt)
        return receipt
