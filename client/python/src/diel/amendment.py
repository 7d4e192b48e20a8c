"""Corrected results of a frame, as new revisions with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from diel import request_id, v1
from diel.errors import RefusedError
from diel.options import check_options
from diel.questions import Asking, One
from diel.receipt import AmendReceipt, RowsRefusedError
from diel.records import Rows, is_frame, records
from diel.rows import RefusedRow, RowError, RowReader

_ROWS = 2_000
"""Rows in one request: less than half of what the service takes."""


class AmendOptions(TypedDict, total=False):
    """The parameters of `diel.Study.amend` beside the rows and the reason."""

    rerun: v1.Batch | None
    unit: str | None
    limit_of_detection: float | None
    time_zone: str | None
    columns: Mapping[str, str] | None
    leave_out: Sequence[str]
    partial: bool
    validate_only: bool


@dataclass
class _Request:
    message: v1.AmendResultsRequest
    numbers: list[int] = field(default_factory=list)

    def rows(self) -> dict[str, Sequence[int]]:
        return {"results": self.numbers}


@dataclass(frozen=True)
class _Correction:
    parent: str
    rows: Rows
    reason: str
    reader: RowReader
    options: AmendOptions

    def goes_on(self) -> bool:
        return self.options.get("partial", False) or self.options.get("validate_only", False)

    def requests(self, receipt: AmendReceipt) -> Iterator[_Request]:
        request = self._empty()
        columns, leave_out = self.options.get("columns") or {}, self.options.get("leave_out", ())
        for number, cells in enumerate(records(self.rows, columns, leave_out)):
            try:
                ready = self.reader.read(number, cells)
            except RowError as error:
                receipt.refuse(RefusedRow(number, error.field, error.value, error.rule))
                continue
            if receipt.refused and not self.goes_on():
                continue
            request.message.results.append(ready.message)
            request.numbers.append(number)
            if len(request.numbers) == _ROWS:
                yield request
                request = self._empty()
        if request.numbers:
            yield request

    def _empty(self) -> _Request:
        return _Request(
            v1.AmendResultsRequest(
                parent=self.parent,
                reason=self.reason,
                rerun=self.options.get("rerun"),
                validate_only=self.options.get("validate_only", False),
                allow_partial=self.options.get("partial", False),
            )
        )


def amendment(parent: str, rows: Rows, reason: str, reader: RowReader, options: AmendOptions) -> Asking[AmendReceipt]:
    """Amend results. A frame is checked as a whole first: a bad row refuses it before anything is sent.

    Raises
    ------
    RowsRefusedError
        Rows were refused, unless ``partial`` or ``validate_only``.
    """
    check_options(options, AmendOptions)
    correction = _Correction(parent, rows, reason, reader, options)
    if is_frame(rows) and not correction.goes_on():
        checked = AmendReceipt()
        for _ in correction.requests(checked):
            pass
        if checked.refused:
            raise RowsRefusedError(checked)
    receipt = AmendReceipt()
    for request in correction.requests(receipt):
        request.message.request_id = request_id.of_content(request.message)
        try:
            answer = yield One(request.message, v1.AmendResultsResponse)
        except RefusedError as refused:
            receipt.batch_count += 1
            receipt.refuse_all(refused, request.rows())
        else:
            receipt.add_amended(answer, request.rows())
    if receipt.refused and not correction.goes_on():
        raise RowsRefusedError(receipt)
    return receipt
