"""From rows to batches, and what is told about it: the same for the client and its asynchronous twin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from diel.batches import Batch, Facts, gather
from diel.errors import MissingExtraError
from diel.receipt import Receipt, RowsRefusedError
from diel.records import Rows, is_frame, length, records
from diel.rows import ReadyRow, RefusedRow, RowError, RowReader


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
