"""From rows to batches, and what is told about it: the same for the client and its asynchronous twin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from diel.batches import Batch, Facts, gather
from diel.errors import MissingExtraError
from diel.options import check_options
from diel.receipt import Receipt, RowsRefusedError
from diel.records import Rows, is_frame, length, records
from diel.rows import ReadyRow, RefusedRow, RowError, RowReader

NOT_STATED = "not stated"
"""What stands for a laboratory or an assay that nobody named."""


class SubmitOptions(TypedDict, total=False):
    """The parameters of `diel.Study.submit` beside the rows."""

    lab: str
    assay: str
    kit: str
    plate: str
    run_date: str
    unit: str | None
    limit_of_detection: float | None
    time_zone: str | None
    columns: Mapping[str, str] | None
    leave_out: Sequence[str]
    partial: bool
    validate_only: bool
    progress: bool


@dataclass
class Submission:
    """Rows on their way, with the receipt that is written meanwhile."""

    rows: Rows
    facts: Facts
    reader: RowReader
    columns: Mapping[str, str]
    leave_out: Sequence[str]

    def __post_init__(self) -> None:
        self.receipt = Receipt()

    @classmethod
    def of(cls, parent: str, rows: Rows, time_zone: str, options: SubmitOptions) -> Submission:
        """Return the submission of rows to a study.

        Raises
        ------
        TypeError
            There is no such option.
        ValueError
            There is no such time zone.
        """
        check_options(options, SubmitOptions)
        reader = RowReader(
            zone=zone_of(time_zone),
            unit=options.get("unit"),
            limit_of_detection=options.get("limit_of_detection"),
            plate=options.get("plate", ""),
        )
        facts = Facts(
            parent=parent,
            lab=options.get("lab", NOT_STATED),
            assay=options.get("assay", NOT_STATED),
            kit=options.get("kit", ""),
            run_date=options.get("run_date", ""),
            partial=options.get("partial", False),
            validate_only=options.get("validate_only", False),
        )
        return cls(rows, facts, reader, options.get("columns") or {}, options.get("leave_out", ()))

    def batches(self) -> Iterator[Batch]:
        """Give the batches. A frame is checked as a whole first, so that a bad row refuses it before anything is sent;
        of an iterable, which can be read only once, a bad row refuses what follows it.

        Raises
        ------
        RowsRefusedError
            A row cannot be sent, unless `partial` or `validate_only`.
        """
        if is_frame(self.rows) and not self._goes_on():
            for _ in self._ready():
                pass
            if self.receipt.refused:
                raise RowsRefusedError(self.receipt)
        return gather(self._ready(), self.facts)

    def finish(self) -> Receipt:
        """Return the receipt.

        Raises
        ------
        RowsRefusedError
            Rows were refused, unless `partial` or `validate_only`.
        """
        if self.receipt.refused and not self._goes_on():
            raise RowsRefusedError(self.receipt)
        return self.receipt

    def _goes_on(self) -> bool:
        return self.facts.partial or self.facts.validate_only

    def _ready(self) -> Iterator[ReadyRow]:
        for number, cells in enumerate(records(self.rows, self.columns, self.leave_out)):
            try:
                ready = self.reader.read(number, cells)
            except RowError as error:
                self.receipt.refuse(RefusedRow(number, error.field, error.value, error.rule))
                continue
            if self.receipt.refused and not self._goes_on():
                continue
            yield ready


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises
    ------
    ValueError
        There is none of that name here.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"time_zone: {name!r} is no IANA time zone, such as Europe/Berlin") from None


class ProgressBar:
    """A bar that counts rows, or nothing at all."""

    def __init__(self, rows: Rows, *, is_shown: bool) -> None:
        self._bar: Any = None
        if is_shown:
            try:
                from tqdm import tqdm
            except ImportError as missing:
                raise MissingExtraError("tqdm", "progress") from missing
            self._bar = tqdm(total=length(rows), unit=" rows")

    def advance(self, rows: int) -> None:
        """Count rows that were answered."""
        if self._bar is not None:
            self._bar.update(rows)

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()
