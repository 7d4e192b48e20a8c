"""What was sent over a stream and not answered yet, over as many connections as it takes. Without any I/O."""

from __future__ import annotations

from collections import deque

from diel import v1
from diel.batches import Batch
from diel.errors import DielError, ProtocolError, RefusedError, ServiceUnreachableError, UnavailableError
from diel.refusal import error_of_batch
from diel.retry import RetryPolicy

PATH = "/diel.v1.Submissions/SubmitBatches"
"""The method that takes a stream of batches."""

WINDOW = 4
"""Batches under way: enough to hide the way to the service and back, few enough to be kept without a thought."""


class Delivery:
    """The batches under way, oldest first. Answers come in the order of sending."""

    def __init__(self, retry: RetryPolicy) -> None:
        self.unanswered: deque[Batch] = deque()
        self._retry = retry
        self._tries = 0

    def has_place(self) -> bool:
        """Return whether another batch may be sent."""
        return len(self.unanswered) < WINDOW

    def answered(self, answer: v1.SubmitBatchesResponse | None) -> tuple[Batch, v1.SubmitBatchResponse | RefusedError]:
        """Take the next answer, which is the oldest batch's.

        Raises
        ------
        DielError
            The connection is to be given up: see `pause_s`.
        """
        if answer is None:
            raise ServiceUnreachableError("the service ended the stream before it had answered everything")
        outcome: v1.SubmitBatchResponse | RefusedError = answer.response
        if answer.WhichOneof("result") == "error":
            outcome = error_of_batch(answer.error)
            # Not the caller's fault: the batch is sent again with those behind it, so that answers stay in order.
            if isinstance(outcome, UnavailableError):
                raise outcome
        if not self.unanswered or self.unanswered[0].request.request_id != answer.request_id:
            raise ProtocolError("the service answered what was not asked, or out of order")
        self._tries = 0
        return self.unanswered.popleft(), outcome

    def pause_s(self, error: DielError) -> float:
        """Return the pause before everything unanswered is sent again.

        Raises
        ------
        DielError
            The error itself, when it is time to give up.
        """
        self._tries += 1
        pause = self._retry.pause_s(self._tries, error)
        if pause is None:
            raise error
        return pause
