"""Corrected results of a frame, as new revisions with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from diel import v1
from diel.options import check_options
from diel.questions import Asking
from diel.receipt import AmendReceipt, Lists
from diel.records import Rows, records
from diel.rows import RefusedRow, RowError, RowReader
from diel.rows_in_turn import ROWS, InTurn


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


@dataclass(frozen=True)
class _Correction:
    parent: str
    rows: Rows
    reason: str
    reader: RowReader
    options: AmendOptions

    def goes_on(self) -> bool:
        return self.options.get("partial", False) or self.options.get("validate_only", False)

    def requests(self, receipt: AmendReceipt) -> Iterator[tuple[v1.AmendResultsRequest, Lists]]:
        request, numbers = self._empty(), list[int]()
        columns, leave_out = self.options.get("columns") or {}, self.options.get("leave_out", ())
        for number, cells in enumerate(records(self.rows, columns, leave_out)):
            try:
                ready = self.reader.read(number, cells)
            except RowError as error:
                receipt.refuse(RefusedRow(number, error.field, error.value, error.rule))
                continue
            if receipt.refused and not self.goes_on():
                continue
            request.results.append(ready.message)
            numbers.append(number)
            if len(numbers) == ROWS:
                yield request, {"results": numbers}
                request, numbers = self._empty(), []
        if numbers:
            yield request, {"results": numbers}

    def _empty(self) -> v1.AmendResultsRequest:
        return v1.AmendResultsRequest(
            parent=self.parent,
            reason=self.reason,
            rerun=self.options.get("rerun"),
            validate_only=self.options.get("validate_only", False),
            allow_partial=self.options.get("partial", False),
        )


def amendment(parent: str, rows: Rows, reason: str, reader: RowReader, options: AmendOptions) -> Asking[AmendReceipt]:
    """Amend results.

    Raises
    ------
    RowsRefusedError
        Rows were refused, unless ``partial`` or ``validate_only``.
    """
    check_options(options, AmendOptions)
    correction = _Correction(parent, rows, reason, reader, options)
    return InTurn(
        rows=rows,
        requests=correction.requests,
        receipt=AmendReceipt,
        answer=v1.AmendResultsResponse,
        take=AmendReceipt.add_amended,
        goes_on=correction.goes_on(),
    ).ask()
