"""What a study is asked for: rows, fetched when they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from diel import frame
from diel.column import Cell, Table
from diel.link import Link
from google.protobuf.message import Message

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow


class Query:
    """Rows of a study. Nothing is asked until they are read, and then page by page.

    Going through it gives each row as a dictionary; ``messages`` gives the messages of the protocol. It can be read
    again, and asks the service again.

    Examples
    --------
    >>> import diel
    >>> study = diel.connect(address).study("demo")
    >>> frame = study.rhythms(verdicts=["FLAT_FOR_REVIEW"]).to_polars()
    >>> frame.columns[:3]
    ['participant', 'day_count', 'valid_day_count']
    >>> next(iter(study.rhythms()))["participant"]
    'SIM-0001'
    """

    def __init__(self, link: Link, table: Table, request: Message, limit: int | None) -> None:
        self._link, self._table, self._request, self._limit = link, table, request, limit

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.name for column in self._table.columns]

    def messages(self) -> Iterator[Any]:
        """Give the rows as messages of the protocol."""
        pages = self._link.pages(self._request)
        rows = (row for page in pages for row in getattr(page, self._table.field))
        return islice(rows, self._limit)

    def __iter__(self) -> Iterator[dict[str, Cell]]:
        return map(self._table.record, self.messages())

    def to_polars(self) -> polars.DataFrame:
        """Return all rows as a frame of polars.

        Raises
        ------
        MissingExtraError
            polars is not installed.
        """
        return frame.polars_frame(self._table, list(self.messages()))

    def to_pandas(self) -> pandas.DataFrame:
        """Return all rows as a frame of pandas. Counts are ``Int64``, so that an absent one makes no count a float.

        Raises
        ------
        MissingExtraError
            pandas is not installed.
        """
        return frame.pandas_frame(self._table, list(self.messages()))

    def to_arrow(self) -> pyarrow.Table:
        """Return all rows as a table of Arrow.

        Raises
        ------
        MissingExtraError
            pyarrow is not installed.
        """
        return frame.arrow_table(self._table, list(self.messages()))
