"""Batches over one stream that mends itself."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator

import grpc
from diel import refusal, v1
from diel.batches import Batch
from diel.delivery import PATH, Delivery
from diel.errors import AnswerTimeoutError, DielError, RefusedError
from diel.link import Link


def send(link: Link, batches: Iterator[Batch]) -> Iterator[tuple[Batch, v1.SubmitBatchResponse | RefusedError]]:
    """Send batches and give the answers in the order of sending. After a broken connection what was not answered is
    sent again with its request ids: nothing is lost, and nothing is stored twice.

    Raises
    ------
    DielError
        The error after which it was given up. What was not answered may or may not be stored.
    """
    delivery, has_more = Delivery(link.options.retry), True
    while has_more or delivery.unanswered:
        stream = _Stream(link, delivery)
        try:
            while True:
                while has_more and delivery.has_place():
                    batch = next(batches, None)
                    if batch is None:
                        has_more = False
                    else:
                        delivery.unanswered.append(batch)
                        stream.send(batch)
                if not delivery.unanswered:
                    return
                try:
                    answered = delivery.answered(stream.receive())
                except DielError as error:
                    time.sleep(delivery.pause_s(error))
                    break
                yield answered
        finally:
            stream.close()


class _Stream:
    """One stream to the service, as long as it lasts. What was not answered on the one before goes first."""

    def __init__(self, link: Link, delivery: Delivery) -> None:
        # Without a bound of its own: the window of the delivery bounds what comes here.
        self._outgoing: queue.SimpleQueue[v1.SubmitBatchesRequest | None] = queue.SimpleQueue()
        for batch in delivery.unanswered:
            self.send(batch)
        self._patience_s = link.options.request_timeout_s
        opens = link.channel.stream_stream(
            PATH,
            request_serializer=v1.SubmitBatchesRequest.SerializeToString,
            response_deserializer=v1.SubmitBatchesResponse.FromString,
        )
        self._call = opens(iter(self._outgoing.get, None), metadata=link.options.metadata)

    def send(self, batch: Batch) -> None:
        self._outgoing.put(v1.SubmitBatchesRequest(submission=batch.request))

    def receive(self) -> v1.SubmitBatchesResponse | None:
        # gRPC has no deadline for one message of a stream: a clock ends the call when none comes in time.
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            self._call.cancel()

        clock = threading.Timer(self._patience_s, expire)
        clock.daemon = True
        clock.start()
        try:
            answer: v1.SubmitBatchesResponse | None = next(self._call, None)
        except grpc.RpcError as error:
            if expired.is_set():
                raise AnswerTimeoutError("no answer came in time") from error
            raise refusal.error_of(error) from error
        else:
            return answer
        finally:
            clock.cancel()

    def close(self) -> None:
        self._outgoing.put(None)
        self._call.cancel()
