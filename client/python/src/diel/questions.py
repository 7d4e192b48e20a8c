"""What takes several questions to a service, written once: asked by the client, awaited by its asynchronous twin."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from diel.errors import RefusedError
from diel.link import Link
from google.protobuf.message import Message

T = TypeVar("T")


@dataclass(frozen=True)
class One:
    """A request with one answer."""

    request: Message
    answer: type[Message]


@dataclass(frozen=True)
class All:
    """A request for all pages of a list, or all messages of a stream."""

    request: Message


Asking: TypeAlias = Generator[One | All, Any, T]
"""Questions, each of which is sent its answer or thrown its refusal, and what follows of them."""


def answered(link: Link, asking: Asking[T]) -> T:
    """Return what follows of the answers."""
    try:
        question = next(asking)
        while True:
            try:
                answer = _answer(link, question)
            except RefusedError as refused:
                question = asking.throw(refused)
            else:
                question = asking.send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


def _answer(link: Link, question: One | All) -> Message | list[Message]:
    if isinstance(question, One):
        return link.call(question.request, question.answer)
    return list(link.pages(question.request))
