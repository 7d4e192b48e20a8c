"""The methods of the protocol, found by the request that each takes."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from diel import v1
from google.protobuf import message_factory
from google.protobuf.message import Message

_NEVER_REPEATED = frozenset({"CreateToken", "TakeRole", "UpdateStudy", "UpdateParticipant"})
"""A repetition would do something twice, or meet the etag of the first."""


@dataclass(frozen=True)
class Method:
    """A method: where it is called, with what and for what."""

    path: str
    request: type[Message]
    answer: type[Message]
    is_repeatable: bool
    streams_answers: bool


def of(request: Message) -> Method:
    """Return the method that takes this request.

    Raises
    ------
    TypeError
        No method takes such a message by itself.
    """
    name = request.DESCRIPTOR.full_name
    method = _methods().get(name)
    if method is None:
        raise TypeError(f"no method takes a {name}")
    return method


def answering(request: Message, answer: type[Message]) -> Method:
    """Return the method that takes this request, if it answers so.

    Raises
    ------
    TypeError
        It answers with something else.
    """
    method = of(request)
    if method.answer is not answer:
        raise TypeError(f"{method.path} answers with {method.answer.__name__}, not {answer.__name__}")
    return method


@cache
def _methods() -> Mapping[str, Method]:
    found = {}
    for file in _files():
        for service in file.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                found[method.input_type.full_name] = Method(
                    path=f"/{service.full_name}/{method.name}",
                    request=message_factory.GetMessageClass(method.input_type),
                    answer=message_factory.GetMessageClass(method.output_type),
                    is_repeatable=method.name not in _NEVER_REPEATED,
                    streams_answers=method.server_streaming,
                )
    return found


def _files() -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(v1.__path__, "diel.v1."):
        yield importlib.import_module(module.name)
