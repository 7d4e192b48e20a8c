"""The client for asyncio: what `diel.connect` gives, to be awaited. Words, errors and retries are the same."""

from diel.aio.client import AsyncClient, connect_async
from diel.aio.query import AsyncQuery
from diel.aio.study import AsyncStudy

__all__ = ["AsyncClient", "AsyncQuery", "AsyncStudy", "connect_async"]
