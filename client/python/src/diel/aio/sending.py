"""Batches over one stream that mends itself, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import grpc
from diel import refusal, v1
from diel.aio.link import AsyncLink
from diel.batches import Batch
from diel.delivery import PATH, Delivery
from diel.errors import AnswerTimeoutError, DielError, RefusedError


async def send(
    link: AsyncLink, batches: Iterator[Batch]
) -> AsyncIterator[tuple[Batch, v1.SubmitBatchResponse | RefusedError]]:
    """Send batches and give the answers in the order of sending, as `diel.sending.send` does.

    Raises
    ------
    DielError
        The error after which it was given up. What was not answered may or may not be stored.
    """
    delivery, has_more = Delivery(link.options.retry), True
    while has_more or delivery.unanswered:
        stream = _Stream(link)
        try:
            # What was not answered on the stream before goes first.
            for batch in delivery.unanswered:
                await stream.send(batch)
            while True:
                while has_more and delivery.has_place():
                    # Rows are read on a thread: the loop has other work meanwhile.
                    following = await asyncio.to_thread(next, batches, None)
                    if following is None:
                        has_more = False
                    else:
                        delivery.unanswered.append(following)
                        await stream.send(following)
                if not delivery.unanswered:
                    return
                try:
                    answered = delivery.answered(await stream.receive())
                except DielError as error:
                    pause = delivery.pause_s(error)
                    break
                yield answered
        finally:
            stream.close()
        await asyncio.sleep(pause)


class _Stream:
    """One stream to the service, as long as it lasts."""

    def __init__(self, link: AsyncLink) -> None:
        self._patience_s = link.options.request_timeout_s
        opens = link.channel.stream_stream(
            PATH,
            request_serializer=v1.SubmitBatchesRequest.SerializeToString,
            response_deserializer=v1.SubmitBatchesResponse.FromString,
        )
        self._call = opens(metadata=link.options.metadata)

    async def send(self, batch: Batch) -> None:
        # On a stream that has ended it goes nowhere, and `receive` says so.
        try:
            await self._call.write(v1.SubmitBatchesRequest(submission=batch.request))
        except (grpc.RpcError, asyncio.InvalidStateError):
            return

    async def receive(self) -> v1.SubmitBatchesResponse | None:
        try:
            answer = await asyncio.wait_for(self._call.read(), self._patience_s)
        except TimeoutError as late:
            raise AnswerTimeoutError("no answer came in time") from late
        except grpc.RpcError as error:
            raise refusal.error_of(error) from error
        return None if answer is grpc.aio.EOF else answer

    def close(self) -> None:
        self._call.cancel()
