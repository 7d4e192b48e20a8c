"""Tubes and awakenings of a frame, as the service registers them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, TypedDict

from diel import v1
from diel.cells import CellError, Instant
from diel.options import check_options
from diel.questions import Asking
from diel.receipt import Lists, RegisterReceipt
from diel.records import Layout, Rows, records
from diel.rows import RefusedRow, RowError, read_conditions, read_maybe, read_text
from diel.rows_in_turn import ROWS, InTurn
from diel.words import values

LAYOUT = Layout(
    known=(
        "participant",
        "specimen",
        "collected_at",
        "label",
        "awakening_at",
        "source",
        "awakening_source",
        "conditions",
    ),
    needed=(("participant",), ("specimen", "awakening_at")),
)
"""The columns of a log that are read: the canonical names of ``diel register``."""


class RegisterOptions(TypedDict, total=False):
    """The parameters of `diel.Study.register` beside the rows."""

    source: str
    time_zone: str | None
    columns: Mapping[str, str] | None
    leave_out: Sequence[str]
    partial: bool
    validate_only: bool


@dataclass
class _Request:
    message: v1.RegisterSpecimensRequest
    specimens: list[int] = field(default_factory=list)
    days: list[int] = field(default_factory=list)

    def with_rows(self) -> tuple[v1.RegisterSpecimensRequest, Lists]:
        return self.message, {"specimens": self.specimens, "days": self.days}


@dataclass(frozen=True)
class _Log:
    parent: str
    rows: Rows
    zone: tzinfo
    options: RegisterOptions

    def goes_on(self) -> bool:
        return self.options.get("partial", False) or self.options.get("validate_only", False)

    def requests(self, receipt: RegisterReceipt) -> Iterator[tuple[v1.RegisterSpecimensRequest, Lists]]:
        request = self._empty()
        for number, read in self._read(receipt):
            read(number, request)
            if len(request.specimens) + len(request.days) == ROWS:
                yield request.with_rows()
                request = self._empty()
        if request.specimens or request.days:
            yield request.with_rows()

    def _empty(self) -> _Request:
        return _Request(
            v1.RegisterSpecimensRequest(
                parent=self.parent,
                validate_only=self.options.get("validate_only", False),
                allow_partial=self.options.get("partial", False),
            )
        )

    def _read(self, receipt: RegisterReceipt) -> Iterator[tuple[int, Callable[[int, _Request], None]]]:
        columns, leave_out = self.options.get("columns") or {}, self.options.get("leave_out", ())
        for number, cells in enumerate(records(self.rows, columns, leave_out, LAYOUT)):
            try:
                found = self._row(cells)
            except RowError as error:
                receipt.refuse(RefusedRow(number, error.field, error.value, error.rule))
                continue
            if not receipt.refused or self.goes_on():
                yield number, found

    def _row(self, cells: Mapping[str, Any]) -> Callable[[int, _Request], None]:
        collected = read_maybe(cells, "collected_at", self._instant)
        awakening = read_maybe(cells, "awakening_at", self._instant)
        conditions = read_maybe(cells, "conditions", read_conditions) or []
        if read_text(cells, "specimen") or collected is not None:
            tube = self._tube(cells, collected, awakening, conditions)

            def add_tube(number: int, request: _Request) -> None:
                request.message.specimens.append(tube)
                request.specimens.append(number)

            return add_tube
        if awakening is None:
            raise RowError("specimen", None, "is absent, and so is awakening_at: the row is neither a tube nor a day")
        day = v1.SamplingDayInput(
            participant=read_text(cells, "participant"),
            awakening_time=awakening.timestamp,
            awakening_utc_offset_minutes=awakening.utc_offset_minutes,
            awakening_source=self._source(cells, "awakening_source"),
            conditions=conditions,
        )

        def add_day(number: int, request: _Request) -> None:
            request.message.days.append(day)
            request.days.append(number)

        return add_day

    def _tube(
        self, cells: Mapping[str, Any], collected: Instant | None, awakening: Instant | None, conditions: list[Any]
    ) -> v1.SpecimenInput:
        if collected is None:
            raise RowError("collected_at", None, "is absent; a tube has the time when it was filled")
        collection = v1.Collection(
            participant=read_text(cells, "participant"),
            collection_time=collected.timestamp,
            collection_utc_offset_minutes=collected.utc_offset_minutes,
            collection_time_source=self._source(cells, "source"),
            label=read_text(cells, "label"),
            conditions=conditions,
        )
        if awakening is not None:
            collection.awakening_time.CopyFrom(awakening.timestamp)
            collection.awakening_utc_offset_minutes = awakening.utc_offset_minutes
            collection.awakening_source = self._source(cells, "awakening_source")
        return v1.SpecimenInput(specimen=read_text(cells, "specimen"), collection=collection)

    def _instant(self, value: Any) -> Instant:
        return Instant.read(value, self.zone)

    def _source(self, cells: Mapping[str, Any], column: str) -> v1.TimeSource:
        stated = read_maybe(cells, column, _source)
        return _source(self.options.get("source", "")) if stated is None else stated


def registration(parent: str, rows: Rows, zone: tzinfo, options: RegisterOptions) -> Asking[RegisterReceipt]:
    """Register the rows of a log.

    Raises
    ------
    RowsRefusedError
        Rows were refused, unless ``partial`` or ``validate_only``.
    """
    check_options(options, RegisterOptions)
    try:
        _source(options.get("source", ""))
    except CellError as error:
        raise ValueError(f"source: {options.get('source')!r} {error}") from None
    log = _Log(parent, rows, zone, options)
    return InTurn(
        rows=rows,
        requests=log.requests,
        receipt=RegisterReceipt,
        answer=v1.RegisterSpecimensResponse,
        take=RegisterReceipt.add_registered,
        goes_on=log.goes_on(),
    ).ask()


def _source(value: Any) -> v1.TimeSource:
    if value == "":
        return v1.TIME_SOURCE_UNSPECIFIED
    try:
        found: v1.TimeSource = values(v1.TimeSource, "TIME_SOURCE_", [str(value).strip().replace(" ", "-")], "source")[
            0
        ]
    except ValueError:
        raise CellError("is none of self-report, electronic, actigraphy") from None
    return found
