"""Rows of what a caller has: a frame of pandas or polars, a table of Arrow, or anything that gives mappings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from diel.rows import COLUMNS

Rows: TypeAlias = Any
"""A frame of pandas or polars, a table of Arrow, or an iterable of mappings from column to cell."""

_SLICE = 2_000
"""Rows that are made into mappings at once, so that a frame is never there twice."""


@dataclass(frozen=True)
class Layout:
    """The columns that are read, and those that must be there: of each group one."""

    known: tuple[str, ...]
    needed: tuple[tuple[str, ...], ...]


SUBMITTED = Layout(COLUMNS, (("concentration",), ("participant", "specimen")))
"""Rows of results."""


class ColumnsError(ValueError):
    """The columns are not those that are read."""


def length(rows: Rows) -> int | None:
    """Return how many rows there are, when that is known."""
    return len(rows) if hasattr(rows, "__len__") else None


def is_frame(rows: Rows) -> bool:
    """Return whether rows can be gone through twice."""
    return hasattr(rows, "__len__")


def records(
    rows: Rows, columns: Mapping[str, str], leave_out: Iterable[str], layout: Layout = SUBMITTED
) -> Iterator[Mapping[str, Any]]:
    """Give the rows as mappings by canonical column; ``columns`` says by which name a column goes here.

    Raises
    ------
    ColumnsError
        A column is not known, or one that is needed is absent.
    """
    naming = _Naming(columns, frozenset(leave_out), layout)
    if hasattr(rows, "iter_rows"):  # polars
        naming.check(rows.columns)
        source: Iterable[Mapping[str, Any]] = rows.iter_rows(named=True)
    elif hasattr(rows, "iloc"):  # pandas
        naming.check(rows.columns)
        source = (row for at in range(0, len(rows), _SLICE) for row in rows.iloc[at : at + _SLICE].to_dict("records"))
    elif hasattr(rows, "to_batches"):  # Arrow
        naming.check(rows.column_names)
        source = (row for batch in rows.to_batches(max_chunksize=_SLICE) for row in batch.to_pylist())
    else:
        source = _checked(rows, naming)
    return (naming.canonical(row) for row in source)


def _checked(rows: Iterable[Mapping[str, Any]], naming: _Naming) -> Iterator[Mapping[str, Any]]:
    seen: frozenset[str] = frozenset()
    for row in rows:
        if not seen.issuperset(row):
            naming.check(row, is_whole=not seen)
            seen = seen.union(row)
        yield row


class _Naming:
    def __init__(self, columns: Mapping[str, str], leave_out: frozenset[str], layout: Layout) -> None:
        for name in columns:
            if name not in layout.known:
                raise ColumnsError(f"columns: {name!r} is none of {', '.join(layout.known)}")
        self._layout = layout
        self._canonical = {given: name for name, given in columns.items()}
        self._leave_out = leave_out

    def check(self, given: Iterable[str], *, is_whole: bool = True) -> None:
        names = [self._canonical.get(name, name) for name in given if name not in self._leave_out]
        unknown = [name for name in names if name not in self._layout.known]
        if unknown:
            raise ColumnsError(
                f"columns that are not read: {', '.join(map(repr, unknown))}. Say what they are with columns="
                f"{{NAME: {unknown[0]!r}}}, NAME one of {', '.join(self._layout.known)}, or leave them out with "
                "leave_out=[...]"
            )
        absent = next((group for group in self._layout.needed if not set(group) & set(names)), None)
        if is_whole and absent is not None:
            raise ColumnsError(_absence(absent))

    def canonical(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        return {self._canonical.get(name, name): cell for name, cell in row.items()}


def _absence(group: tuple[str, ...]) -> str:
    if len(group) == 1:
        return f"there is no column {group[0]}; say which it is with columns={{{group[0]!r}: NAME}}"
    return f"there is neither a column {' nor '.join(group)}; say which it is with columns="
