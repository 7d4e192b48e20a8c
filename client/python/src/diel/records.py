"""Rows of what a caller has: a frame of pandas or polars, a table of Arrow, or anything that gives mappings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from diel.rows import COLUMNS

Rows: TypeAlias = Any
"""A frame of pandas or polars, a table of Arrow, or an iterable of mappings from column to cell."""

_SLICE = 2_000
"""Rows that are made into mappings at once, so that a frame is never there twice."""


class ColumnsError(ValueError):
    """The columns are not those that are read."""


def length(rows: Rows) -> int | None:
    """Return how many rows there are, when that is known."""
    return len(rows) if hasattr(rows, "__len__") else None


def is_frame(rows: Rows) -> bool:
    """Return whether rows can be gone through twice."""
    return hasattr(rows, "__len__")


def records(rows: Rows, columns: Mapping[str, str], leave_out: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """Give the rows as mappings by canonical column; ``columns`` says by which name a column goes here.

    Raises
    ------
    ColumnsError
        A column is not known, or one that is needed is absent.
    """
    naming = _Naming(columns, frozenset(leave_out))
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
    def __init__(self, columns: Mapping[str, str], leave_out: frozenset[str]) -> None:
        for name in columns:
            if name not in COLUMNS:
                raise ColumnsError(f"columns: {name!r} is none of {', '.join(COLUMNS)}")
        self._canonical = {given: name for name, given in columns.items()}
        self._leave_out = leave_out

    def check(self, given: Iterable[str], *, is_whole: bool = True) -> None:
        names = [self._canonical.get(name, name) for name in given if name not in self._leave_out]
        unknown = [name for name in names if name not in COLUMNS]
        if unknown:
            raise ColumnsError(
                f"columns that are not read: {', '.join(map(repr, unknown))}. Say what they are with columns="
                f"{{NAME: {unknown[0]!r}}}, NAME one of {', '.join(COLUMNS)}, or leave them out with leave_out=[...]"
            )
        if is_whole and "concentration" not in names:
            raise ColumnsError("there is no column concentration; say which it is with columns={'concentration': NAME}")
        if is_whole and not {"participant", "specimen"} & set(names):
            raise ColumnsError("there is neither a column participant nor specimen; say which it is with columns=")

    def canonical(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        return {self._canonical.get(name, name): cell for name, cell in row.items()}
