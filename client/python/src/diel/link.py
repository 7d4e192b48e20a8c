"""Calls over one connection, tried again as the policy says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TypeVar

import grpc
from diel import methods, paging, refusal, request_id
from diel.address import Options
from diel.errors import DielError
from diel.release import VERSION
from google.protobuf.message import Message

A = TypeVar("A", bound=Message)


class Link:
    """A connection to a service. It comes back by itself after it broke."""

    def __init__(self, options: Options) -> None:
        self.options = options
        settings = options.channel_options(VERSION)
        credentials = options.credentials
        if credentials is None:
            self.channel = grpc.insecure_channel(options.address.target, settings)
        else:
            self.channel = grpc.secure_channel(options.address.target, credentials, settings)

    def close(self) -> None:
        """End the connection and what is under way on it."""
        self.channel.close()

    def call(self, request: Message, answer: type[A]) -> A:
        """Return the answer to one request. The same request id goes with every try."""
        method = methods.answering(request, answer)
        request = request_id.filled(request)
        send = self.channel.unary_unary(
            method.path, request_serializer=method.request.SerializeToString, response_deserializer=answer.FromString
        )
        tries = 1
        while True:
            try:
                reply: A = send(request, timeout=self.options.request_timeout_s, metadata=self.options.metadata)
            except grpc.RpcError as broken:
                error = refusal.error_of(broken)
            else:
                return reply
            pause = self.options.retry.pause_s(tries, error) if method.is_repeatable else None
            if pause is None:
                raise error
            time.sleep(pause)
            tries += 1

    def pages(self, request: Message) -> Iterator[Message]:
        """Give the pages of a list, each fetched when it is asked for, or the messages of a stream that resumes."""
        return self._stream(request) if paging.is_stream(request) else self._list(request)

    def _list(self, request: Message) -> Iterator[Message]:
        pages = paging.Pages(request)
        while pages.request is not None:
            page = self.call(pages.request, methods.of(request).answer)
            pages.turn(page)
            yield page

    def _stream(self, request: Message) -> Iterator[Message]:
        method, resumption = methods.of(request), paging.Resumption(request, self.options.retry)
        opens = self.channel.unary_stream(
            method.path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.answer.FromString,
        )
        while True:
            call = opens(resumption.request, metadata=self.options.metadata)
            try:
                while (message := _next(call)) is not None:
                    resumption.arrived(message)
                    yield message
                return
            except _BrokenError as broken:
                time.sleep(resumption.pause_s(broken.error))
            finally:
                call.cancel()


class _BrokenError(Exception):
    """A stream broke. Not an error of the package, so that those of the code that reads the rows pass by."""

    def __init__(self, error: DielError) -> None:
        self.error = error


def _next(call: Iterator[Message]) -> Message | None:
    try:
        return next(call, None)
    except grpc.RpcError as error:
        raise _BrokenError(refusal.error_of(error)) from error
