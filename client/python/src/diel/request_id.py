"""The ids by which the service knows a repetition."""

from __future__ import annotations

import hashlib
import uuid
from typing import TypeVar

from google.protobuf.message import Message

M = TypeVar("M", bound=Message)

_FIELD = "request_id"


def filled(request: M) -> M:
    """Return the request with an id where it takes one and the caller gave none, so that all tries carry the same."""
    if _FIELD not in request.DESCRIPTOR.fields_by_name or getattr(request, _FIELD):
        return request
    copy = type(request)()
    copy.CopyFrom(request)
    setattr(copy, _FIELD, str(uuid.uuid4()))
    return copy


def of_content(request: Message) -> str:
    """Return an id made from what is in a request: a program that was interrupted and runs again sends the same ids."""
    digest = hashlib.blake2b(request.SerializeToString(deterministic=True), digest_size=16).digest()
    number = int.from_bytes(digest, "big")
    number = number & ~(0xF << 76) | 0x8 << 76  # version 8: made by a rule of our own
    number = number & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=number))
