"""Where a list or a stream stands, and how it goes on."""

from __future__ import annotations

from diel import methods
from diel.errors import DielError
from diel.retry import RetryPolicy
from google.protobuf.message import Message

LARGEST_PAGE = 1000
"""Rows that a page of the service can hold."""


class Pages:
    """The next request of a list, until its last page."""

    def __init__(self, request: Message) -> None:
        self.request: Message | None = type(request)()
        self.request.CopyFrom(request)
        if not self.request.page_size:  # type: ignore[attr-defined]
            self.request.page_size = LARGEST_PAGE  # type: ignore[attr-defined]

    def turn(self, page: Message) -> None:
        """Go on after a page."""
        token = page.next_page_token  # type: ignore[attr-defined]
        if token and self.request is not None:
            self.request.page_token = token  # type: ignore[attr-defined]
        else:
            self.request = None


class Resumption:
    """The request that opens a stream again after the last message that arrived: every row is given once."""

    def __init__(self, request: Message, retry: RetryPolicy) -> None:
        self.request = type(request)()
        self.request.CopyFrom(request)
        self._retry = retry
        self._tries = 0
        # The last message brings no token: from there it can only end.
        self._is_last = False

    def arrived(self, message: Message) -> None:
        """Note a message."""
        token = message.resume_token  # type: ignore[attr-defined]
        self._tries, self._is_last = 0, not token
        self.request.resume_token = token  # type: ignore[attr-defined]

    def pause_s(self, error: DielError) -> float:
        """Return the pause before the stream is opened again after it broke.

        Raises
        ------
        DielError
            The error itself, when it is time to give up.
        """
        self._tries += 1
        pause = None if self._is_last else self._retry.pause_s(self._tries, error)
        if pause is None:
            raise error
        return pause


def is_stream(request: Message) -> bool:
    """Return whether the answers come as one stream, and not page by page.

    Raises
    ------
    TypeError
        The request asks for neither.
    """
    fields = request.DESCRIPTOR.fields_by_name
    if methods.of(request).streams_answers and "resume_token" in fields:
        return True
    if "page_token" in fields:
        return False
    raise TypeError(f"{request.DESCRIPTOR.name} asks for no list and no stream that resumes")
