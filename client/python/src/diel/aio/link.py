"""Calls over one connection, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

import grpc
from diel import methods, paging, refusal, request_id
from diel.address import Options
from diel.release import VERSION
from google.protobuf.message import Message

A = TypeVar("A", bound=Message)


class AsyncLink:
    """A connection to a service. It comes back by itself after it broke."""

    def __init__(self, options: Options) -> None:
        self.options = options
        settings, target = options.channel_options(VERSION), options.address.target
        if options.credentials is None:
            self.channel = grpc.aio.insecure_channel(target, settings)
        else:
            self.channel = grpc.aio.secure_channel(target, options.credentials, settings)

    async def close(self) -> None:
        """End the connection and what is under way on it."""
        await self.channel.close()

    async def call(self, request: Message, answer: type[A]) -> A:
        """Return the answer to one request. The same request id goes with every try."""
        method = methods.answering(request, answer)
        request = request_id.filled(request)
        send = self.channel.unary_unary(
            method.path, request_serializer=method.request.SerializeToString, response_deserializer=answer.FromString
        )
        tries = 1
        while True:
            try:
                reply: A = await send(request, timeout=self.options.request_timeout_s, metadata=self.options.metadata)
            except grpc.RpcError as broken:
                error = refusal.error_of(broken)
            else:
                return reply
            pause = self.options.retry.pause_s(tries, error) if method.is_repeatable else None
            if pause is None:
                raise error
            await asyncio.sleep(pause)
            tries += 1

    def pages(self, request: Message) -> AsyncIterator[Message]:
        """Give the pages of a list, each fetched when it is asked for, or the messages of a stream that resumes."""
        return self._stream(request) if paging.is_stream(request) else self._list(request)

    async def _list(self, request: Message) -> AsyncIterator[Message]:
        pages = paging.Pages(request)
        while pages.request is not None:
            page = await self.call(pages.request, methods.of(request).answer)
            pages.turn(page)
            yield page

    async def _stream(self, request: Message) -> AsyncIterator[Message]:
        method, resumption = methods.of(request), paging.Resumption(request, self.options.retry)
        opens = self.channel.unary_stream(
            method.path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.answer.FromString,
        )
        while True:
            call = opens(resumption.request, metadata=self.options.metadata)
            try:
                while True:
                    try:
                        message = await call.read()
                    except grpc.RpcError as broken:
                        pause = resumption.pause_s(refusal.error_of(broken))
                        break
                    if message is grpc.aio.EOF:
                        return
                    resumption.arrived(message)
                    yield message
            finally:
                call.cancel()
            await asyncio.sleep(pause)
