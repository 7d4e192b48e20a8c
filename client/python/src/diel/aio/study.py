"""A study, awaited: its tables, and rows into it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

from diel import v1
from diel.aio.link import AsyncLink
from diel.aio.query import AsyncQuery
from diel.aio.questions import answered
from diel.aio.sending import send
from diel.amendment import AmendOptions, amendment
from diel.column import Table
from diel.filters import StudyTables
from diel.plot import PersonEvidence, draw_cohort, draw_person, evidence_of
from diel.receipt import AmendReceipt, Receipt, RegisterReceipt
from diel.records import Rows
from diel.registration import RegisterOptions, registration
from diel.review import resolution
from diel.rows import RowReader
from diel.submission import ProgressBar, Submission, SubmitOptions, zone_of
from google.protobuf.message import Message

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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

    async def register(self, rows: Rows, **options: Unpack[RegisterOptions]) -> RegisterReceipt:
        """Register tubes and awakenings, as `diel.Study.register` does and with its parameters.

        Raises
        ------
        RowsRefusedError
            Rows were refused, each with its reason.
        """
        zone = zone_of(options.get("time_zone") or (await self.get()).time_zone)
        return await answered(self._link, registration(self.name, rows, zone, options))

    async def amend(self, rows: Rows, *, reason: str, **options: Unpack[AmendOptions]) -> AmendReceipt:
        """Replace stored results, as `diel.Study.amend` does and with its parameters.

        Raises
        ------
        RowsRefusedError
            Rows were refused, each with its reason.
        """
        zone = zone_of(options.get("time_zone") or (await self.get()).time_zone)
        reader = RowReader(
            zone=zone, unit=options.get("unit"), limit_of_detection=options.get("limit_of_detection"), plate=""
        )
        return await answered(self._link, amendment(self.name, rows, reason, reader, options))

    async def resolve_flag(self, name: str, *, decision: str, reason: str, etag: str) -> v1.Flag:
        """Store a reviewer's decision about a flag as it was seen, as `diel.Study.resolve_flag` does.

        Raises
        ------
        OvertakenError
            The flag has changed since: look again.
        """
        return await self._link.call(resolution(name, decision, reason, etag), v1.Flag)

    async def evidence(self, participant: str) -> PersonEvidence:
        """Return what the picture of a participant shows: days with their samples, rhythm and reference.

        Raises
        ------
        NotFoundError
            There is no such participant.
        """
        return await answered(self._link, evidence_of(self.name, participant))

    async def plot(self, participant: str) -> Figure:
        """Return the picture of a participant, as `diel.Study.plot` does. It is drawn on a thread."""
        return await asyncio.to_thread(draw_person, await self.evidence(participant))

    async def plot_cohort(self, *, groups: Sequence[str] = ()) -> Figure:
        """Return the posterior slopes of everybody, a histogram a group, as `diel.Study.plot_cohort` does."""
        title = (await self.get()).display_name
        rhythms = [rhythm async for rhythm in self.rhythms(groups=groups).messages()]
        return await asyncio.to_thread(draw_cohort, title, rhythms)
