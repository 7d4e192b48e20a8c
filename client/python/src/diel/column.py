"""Columns of tables: their names and kinds, and how a row's cell comes out of a message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

Cell: TypeAlias = str | int | float | bool | None
"""What stands in a row. ``None`` is absent, never 0 or NaN."""


class Kind(Enum):
    """What a column holds."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"


@dataclass(frozen=True)
class Column:
    """A column of a table of messages."""

    name: str
    kind: Kind
    cell: Callable[[Any], Cell]


@dataclass(frozen=True)
class Table:
    """A kind of rows: the columns of the command line's CSV, in its order.

    Attributes
    ----------
    field : str
        The field of an answer that holds its rows.
    columns : sequence of Column
        The columns.
    """

    field: str
    columns: Sequence[Column]

    def record(self, message: Any) -> dict[str, Cell]:
        """Return a row by the names of its columns."""
        return {column.name: column.cell(message) for column in self.columns}

    def data(self, messages: Sequence[Any]) -> dict[str, list[Cell]]:
        """Return rows column by column."""
        return {column.name: [column.cell(message) for message in messages] for column in self.columns}


def text(name: str, cell: Callable[[Any], str]) -> Column:
    """A text; an empty one is absent."""
    return Column(name, Kind.TEXT, lambda message: cell(message) or None)


def copied_text(name: str) -> Column:
    """A text that the message has under the same name."""
    return text(name, lambda message: str(getattr(message, name)))


def count(name: str) -> Column:
    """A count that the message has under the same name."""
    return Column(name, Kind.INTEGER, lambda message: int(getattr(message, name)))


def number(name: str) -> Column:
    """A number that the message has under the same name, absent where it is there."""
    return Column(name, Kind.NUMBER, lambda message: getattr(message, name) if message.HasField(name) else None)
