"""Questions to a service, awaited one after another."""

from __future__ import annotations

from typing import TypeVar

from diel.aio.link import AsyncLink
from diel.errors import RefusedError
from diel.questions import All, Asking, One
from google.protobuf.message import Message

T = TypeVar("T")


async def answered(link: AsyncLink, asking: Asking[T]) -> T:
    """Return what follows of the answers."""
    try:
        question = next(asking)
        while True:
            try:
                answer = await _answer(link, question)
            except RefusedError as refused:
                question = asking.throw(refused)
            else:
                question = asking.send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def _answer(link: AsyncLink, question: One | All) -> Message | list[Message]:
    if isinstance(question, One):
        return await link.call(question.request, question.answer)
    return [page async for page in link.pages(question.request)]
