"""Connecting, awaited, and what is asked of a service as a whole."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import TracebackType
from typing import TypeVar, Unpack

from diel import v1
from diel.address import ConnectOptions, options_of
from diel.aio.link import AsyncLink
from diel.aio.study import AsyncStudy
from google.protobuf.message import Message

A = TypeVar("A", bound=Message)


def connect_async(address: str = "localhost:50151", **options: Unpack[ConnectOptions]) -> AsyncClient:
    """Return a client for asyncio, with the parameters of `diel.connect`. To be called where a loop runs.

    Raises
    ------
    AddressError
        The address or the token cannot be used.
    """
    return AsyncClient(AsyncLink(options_of(address, options)))


class AsyncClient:
    """A connection to a service, made by `connect_async`. Tasks of one loop may share it."""

    def __init__(self, link: AsyncLink) -> None:
        self._link = link

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connection and what is under way on it."""
        await self._link.close()

    def study(self, name: str) -> AsyncStudy:
        """Return the study of this name, such as ``demo`` or ``studies/demo``, without asking whether it is there."""
        return AsyncStudy(self._link, name)

    async def studies(self) -> AsyncIterator[v1.Study]:
        """Give the studies that the caller may see, by name."""
        async for page in self.pages(v1.ListStudiesRequest()):
            for study in page.studies:  # type: ignore[attr-defined]
                yield study

    async def who_am_i(self) -> v1.WhoAmIResponse:
        """Return whom the service takes this client for, and what they are granted, as `diel.Client.who_am_i` does."""
        return await self.call(v1.WhoAmIRequest(), v1.WhoAmIResponse)

    async def create_study(self, study: str, *, display_name: str, time_zone: str) -> AsyncStudy:
        """Create a study with the default policy and return it, as `diel.Client.create_study` does."""
        message = v1.Study(display_name=display_name, time_zone=time_zone)
        created = await self.call(v1.CreateStudyRequest(study_id=study, study=message), v1.Study)
        return AsyncStudy(self._link, created.name)

    async def call(self, request: Message, answer: type[A]) -> A:
        """Return the answer to any request of the protocol, as `diel.Client.call` does."""
        return await self._link.call(request, answer)

    def pages(self, request: Message) -> AsyncIterator[Message]:
        """Give the pages of any list of the protocol, or the messages of any stream that resumes, as they are read."""
        return self._link.pages(request)
