"""A row of a frame as a row of a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, TypeVar

from diel import v1
from diel.cells import CellError, Instant, is_absent, measurement, number
from diel.words import values

T = TypeVar("T")

_LONGEST_ID = 64
"""The longest specimen id that the service takes, characters."""

_SEXES = {
    "f": v1.SEX_FEMALE,
    "female": v1.SEX_FEMALE,
    "m": v1.SEX_MALE,
    "male": v1.SEX_MALE,
    "o": v1.SEX_OTHER,
    "other": v1.SEX_OTHER,
}

COLUMNS = (
    "participant",
    "collected_at",
    "concentration",
    "unit",
    "awakening_at",
    "minutes_since_awakening",
    "label",
    "specimen",
    "group",
    "age_years",
    "sex",
    "limit_of_detection",
    "conditions",
    "plate",
    "well",
    "replicate_count",
    "replicate_cv_percent",
)
"""The columns that are read: the canonical names of ``diel submit``."""


@dataclass(frozen=True)
class RefusedRow:
    """A row that was refused, and why.

    Attributes
    ----------
    row : int
        Which one, counted from 0 in the order of the input.
    field : str
        The column or the field at fault.
    value : object
        What stood there; ``None`` where only the service knows.
    rule : str
        The rule that it breaks, and what to do.
    """

    row: int
    field: str
    value: object
    rule: str

    def __str__(self) -> str:
        shown = "" if self.value is None else f"{self.value!r} "
        return f"row {self.row}, {self.field}: {shown}{self.rule}"


class RowError(Exception):
    """A row cannot be sent."""

    def __init__(self, field: str, value: object, rule: str) -> None:
        super().__init__(rule)
        self.field, self.value, self.rule = field, value, rule


@dataclass(frozen=True)
class ReadyRow:
    """A row that can be sent, with what belongs to its batch."""

    number: int
    message: v1.ResultInput
    limit_of_detection: float | None
    plate: str


@dataclass(frozen=True)
class RowReader:
    """Reads rows; ``zone`` and ``unit`` hold where a row does not say its own."""

    zone: tzinfo
    unit: str | None
    limit_of_detection: float | None
    plate: str

    def read(self, row: int, cells: Mapping[str, Any]) -> ReadyRow:
        """Return a row as it is sent.

        Raises
        ------
        RowError
            It cannot be sent: the cell and its rule.
        """
        limit = read_maybe(cells, "limit_of_detection", number)
        limit = self.limit_of_detection if limit is None else limit
        awakening = read_maybe(cells, "awakening_at", lambda value: Instant.read(value, self.zone))
        collected = _collected(cells, awakening, self.zone)
        participant, specimen = read_text(cells, "participant"), read_text(cells, "specimen")
        message = v1.ResultInput(
            specimen=specimen or _made_specimen(participant, collected),
            concentration=read_cell(
                cells.get("concentration"),
                "concentration",
                lambda value: measurement(value, cells.get("unit") or self.unit, limit),
            ),
            well=read_text(cells, "well"),
            replicate_count=read_maybe(cells, "replicate_count", _whole),
            replicate_cv_percent=read_maybe(cells, "replicate_cv_percent", number),
        )
        if collected is not None:
            message.collection.CopyFrom(_collection(cells, participant, collected, awakening))
        has_unit = message.concentration.unit != v1.CONCENTRATION_UNIT_UNSPECIFIED
        return ReadyRow(row, message, limit if has_unit else None, read_text(cells, "plate") or self.plate)


def _collection(
    cells: Mapping[str, Any], participant: str, collected: Instant, awakening: Instant | None
) -> v1.Collection:
    facts = v1.Collection(
        participant=participant,
        collection_time=collected.timestamp,
        collection_utc_offset_minutes=collected.utc_offset_minutes,
        label=read_text(cells, "label"),
        conditions=read_maybe(cells, "conditions", read_conditions) or (),
        age_years=read_maybe(cells, "age_years", number),
        sex=read_maybe(cells, "sex", _sex),
        group=read_text(cells, "group"),
    )
    if awakening is not None:
        facts.awakening_time.CopyFrom(awakening.timestamp)
        facts.awakening_utc_offset_minutes = awakening.utc_offset_minutes
    return facts


def _collected(cells: Mapping[str, Any], awakening: Instant | None, zone: tzinfo) -> Instant | None:
    collected = read_maybe(cells, "collected_at", lambda value: Instant.read(value, zone))
    minutes = read_maybe(cells, "minutes_since_awakening", number)
    if collected is not None or minutes is None:
        return collected
    if awakening is None:
        raise RowError("awakening_at", None, "is absent; minutes_since_awakening say when only beside it")
    return awakening.after(minutes)


def _made_specimen(participant: str, collected: Instant | None) -> str:
    if collected is None:
        raise RowError("collected_at", None, "is absent, and there is no specimen id that it could be told by later")
    made = f"{participant}.{collected.stamp()}"
    if len(made) > _LONGEST_ID:
        raise RowError("participant", participant, "is too long to make a specimen id from; give a column specimen")
    return made


def read_cell(value: Any, column: str, read: Callable[[Any], T]) -> T:
    """Return what a cell says.

    Raises
    ------
    RowError
        It cannot be read.
    """
    try:
        return read(value)
    except CellError as error:
        raise RowError(column, value, str(error)) from None


def read_maybe(cells: Mapping[str, Any], column: str, read: Callable[[Any], T]) -> T | None:
    """Return what a cell says; None where it holds nothing."""
    value = cells.get(column)
    return None if is_absent(value) else read_cell(value, column, read)


def read_text(cells: Mapping[str, Any], column: str) -> str:
    """Return a cell as text; empty where it holds nothing."""
    value = cells.get(column)
    if is_absent(value):
        return ""
    # A code of digits that a frame made a float of by an absent neighbour: 17.0 was written 17.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def _whole(value: Any) -> int:
    read = number(value)
    if not read.is_integer():
        raise CellError("is not a whole number")
    return int(read)


def _sex(value: Any) -> v1.Sex:
    found = _SEXES.get(str(value).strip().lower())
    if found is None:
        raise CellError("is none of female, male, other (or f, m, o)")
    return found


def read_conditions(value: Any) -> list[v1.Condition]:
    """Return conditions from their codes, separated by ``;``."""
    found: list[v1.Condition] = []
    for text in str(value).split(";"):
        name = f"CONDITION_{text.strip().upper().replace('-', '_').replace(' ', '_')}"
        if name not in v1.Condition.DESCRIPTOR.values_by_name or name.endswith("_UNSPECIFIED"):
            known = ", ".join(key.removeprefix("CONDITION_").lower() for key in v1.Condition.keys()[1:])
            raise CellError(f"is no condition; write {known}, separated by `;`")
        found += values(v1.Condition, "CONDITION_", [name.removeprefix("CONDITION_")], "conditions")
    return found
