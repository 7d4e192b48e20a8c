"""A study, awaited: its tables, and rows into it."""

from __future__ import annotations

import asyncio
from typing import Unpack

from diel import v1
from diel.aio.link import AsyncLink
from diel.aio.query import AsyncQuery
from diel.aio.sending import send
from diel.column import Table
from diel.filters import StudyTables
from diel.receipt import Receipt
from diel.records import Rows
from diel.submission import ProgressBar, Submission, SubmitOptions
from google.protobuf.message import Message


class AsyncStudy(StudyTables[AsyncQuery]):
    """A study of a service. Nothing is asked of the service until it is needed.

    Attributes
    ----------
    name : str
        The name, ``studies/{study}``.
    """

    def __init__(self, link: AsyncLink, name: str) -> None:
        self._link = link
        self.name = name if name.startswith("studies/") else f"studies/{name}"

    def __repr__(self) -> str:
        return f"AsyncStudy({self.name!r})"

    def _query(self, table: Table, request: Message, limit: int | None) -> AsyncQuery:
        return AsyncQuery(self._link, table, request, limit)

    async def get(self) -> v1.Study:
        """Return the study with its policy."""
        return await self._link.call(v1.GetStudyRequest(name=self.name), v1.Study)

    async def submit(self, rows: Rows, **options: Unpack[SubmitOptions]) -> Receipt:
        """Send samples, as `diel.Study.submit` does and with its parameters.

        Returns
        -------
        Receipt
            What was stored, and with ``partial`` or ``validate_only`` what was refused.

        Raises
        ------
        RowsRefusedError
            Rows were refused, each with its reason.
        """
        zone = options.get("time_zone") or (await self.get()).time_zone
        submission = Submission.of(self.name, rows, zone, options)
        bar = ProgressBar(rows, is_shown=options.get("progress", False))
        try:
            async for batch, outcome in send(self._link, await asyncio.to_thread(submission.batches)):
                submission.receipt.add(batch, outcome)
                bar.advance(len(batch.rows))
        finally:
            bar.close()
        return submission.finish()
