"""Rows gathered into batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from diel import request_id, v1
from diel.rows import ReadyRow

_ROWS = 2_000
"""Rows in one batch: less than half of what the service takes, about 300 kB."""

_CUT = 1_900
"""From so many rows on, a batch ends where another person begins: a person in one batch is judged once."""

_OPEN = 8
"""Batches under different limits or of different plates that are filled at once."""


@dataclass(frozen=True)
class Facts:
    """What the rows have in common, and how they are sent."""

    parent: str
    lab: str
    assay: str
    kit: str
    run_date: str
    partial: bool
    validate_only: bool


@dataclass
class Batch:
    """A batch as it is sent, and which rows of the input it holds."""

    request: v1.SubmitBatchRequest
    rows: list[int] = field(default_factory=list)
    last_participant: str = ""

    def add(self, row: ReadyRow) -> None:
        """Take a row."""
        self.request.results.append(row.message)
        self.rows.append(row.number)
        self.last_participant = row.message.collection.participant

    def ends_before(self, row: ReadyRow) -> bool:
        """Return whether the row goes into the next batch."""
        return len(self.rows) >= _CUT and row.message.collection.participant != self.last_participant

    def identified(self) -> Batch:
        """Return it with an id that is made from its content."""
        self.request.request_id = request_id.of_content(self.request)
        return self


def gather(rows: Iterable[ReadyRow], facts: Facts) -> Iterator[Batch]:
    """Give batches of up to 2,000 rows in the order of the input.

    Limit and plate belong to a batch: rows that differ in them go apart.
    """
    open_batches: dict[tuple[float | None, int, str], Batch] = {}
    last: tuple[float | None, int] = (None, v1.CONCENTRATION_UNIT_UNSPECIFIED)
    for row in rows:
        unit = row.message.concentration.unit
        # A row without a concentration has no limit and goes with the row before it.
        if unit != v1.CONCENTRATION_UNIT_UNSPECIFIED:
            last = (row.limit_of_detection, unit if row.limit_of_detection is not None else 0)
        key = (*last, row.plate)
        batch = open_batches.pop(key, None) or _empty(facts, *key)
        if batch.ends_before(row):
            yield batch.identified()
            batch = _empty(facts, *key)
        batch.add(row)
        if len(batch.rows) == _ROWS:
            yield batch.identified()
            continue
        open_batches[key] = batch
        if len(open_batches) > _OPEN:
            fullest = max(open_batches, key=lambda one: len(open_batches[one].rows))
            yield open_batches.pop(fullest).identified()
    for batch in open_batches.values():
        yield batch.identified()


def _empty(facts: Facts, limit: float | None, unit: int, plate: str) -> Batch:
    batch = v1.Batch(
        lab=facts.lab,
        assay=facts.assay,
        kit=facts.kit,
        plate=plate,
        run_date=facts.run_date,
        limit_of_detection=limit,
        limit_unit=v1.ConcentrationUnit.Name(unit),
    )
    return Batch(
        v1.SubmitBatchRequest(
            parent=facts.parent, batch=batch, validate_only=facts.validate_only, allow_partial=facts.partial
        )
    )
