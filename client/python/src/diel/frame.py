"""Rows as frames of polars, pandas and Arrow. Each is needed only by who asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from diel.column import Kind, Table
from diel.errors import MissingExtraError

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow


def polars_frame(table: Table, messages: Sequence[Any]) -> polars.DataFrame:
    """Return rows as a frame of polars: ``String``, ``Int64``, ``Float64`` and ``Boolean``; absent cells are null."""
    try:
        import polars
    except ImportError as missing:
        raise MissingExtraError("polars", "polars") from missing
    types = {
        Kind.TEXT: polars.String,
        Kind.INTEGER: polars.Int64,
        Kind.NUMBER: polars.Float64,
        Kind.FLAG: polars.Boolean,
    }
    return polars.DataFrame(
        table.data(messages), schema={column.name: types[column.kind] for column in table.columns}, strict=True
    )


def pandas_frame(table: Table, messages: Sequence[Any]) -> pandas.DataFrame:
    """Return rows as a frame of pandas: ``string``, ``Int64``, ``float64`` and ``boolean``; absent numbers are NaN."""
    try:
        import pandas
    except ImportError as missing:
        raise MissingExtraError("pandas", "pandas") from missing
    types = {Kind.TEXT: "string", Kind.INTEGER: "Int64", Kind.NUMBER: "float64", Kind.FLAG: "boolean"}
    data, kinds = table.data(messages), {column.name: types[column.kind] for column in table.columns}
    return pandas.DataFrame({name: pandas.Series(cells, dtype=kinds[name]) for name, cells in data.items()})


def arrow_table(table: Table, messages: Sequence[Any]) -> pyarrow.Table:
    """Return rows as a table of Arrow: ``string``, ``int64``, ``double`` and ``bool``; absent cells are null."""
    try:
        import pyarrow
    except ImportError as missing:
        raise MissingExtraError("pyarrow", "arrow") from missing
    types = {
        Kind.TEXT: pyarrow.string(),
        Kind.INTEGER: pyarrow.int64(),
        Kind.NUMBER: pyarrow.float64(),
        Kind.FLAG: pyarrow.bool_(),
    }
    schema = pyarrow.schema([(column.name, types[column.kind]) for column in table.columns])
    return pyarrow.Table.from_pydict(table.data(messages), schema=schema)
