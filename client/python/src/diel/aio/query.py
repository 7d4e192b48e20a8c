"""What a study is asked for, awaited: rows, fetched when they are needed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from diel import frame
from diel.aio.link import AsyncLink
from diel.column import Cell, Table
from google.protobuf.message import Message

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow


class AsyncQuery:
    """Rows of a study. Nothing is asked until they are read, and then page by page.

    Examples
    --------
    >>> import asyncio, diel
    >>> async def flat():
    ...     async with diel.connect_async(address) as client:
    ...         return await client.study("demo").rhythms(limit=3).to_polars()
    >>> asyncio.run(flat()).height
    3
    """

    def __init__(self, link: AsyncLink, table: Table, request: Message, limit: int | None) -> None:
        self._link, self._table, self._request, self._limit = link, table, request, limit

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.name for column in self._table.columns]

    async def messages(self) -> AsyncIterator[Any]:
        """Give the rows as messages of the protocol."""
        given = 0
        async for page in self._link.pages(self._request):
            for row in getattr(page, self._table.field):
                if given == self._limit:
                    return
                given += 1
                yield row

    async def __aiter__(self) -> AsyncIterator[dict[str, Cell]]:
        async for message in self.messages():
            yield self._table.record(message)

    async def to_polars(self) -> polars.DataFrame:
        """Return all rows as a frame of polars."""
        return frame.polars_frame(self._table, [message async for message in self.messages()])

    async def to_pandas(self) -> pandas.DataFrame:
        """Return all rows as a frame of pandas."""
        return frame.pandas_frame(self._table, [message async for message in self.messages()])

    async def to_arrow(self) -> pyarrow.Table:
        """Return all rows as a table of Arrow."""
        return frame.arrow_table(self._table, [message async for message in self.messages()])
