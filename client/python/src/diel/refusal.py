"""From what gRPC raises to the errors of this package."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import grpc
from diel import v1
from diel.errors import (
    AnswerTimeoutError,
    DielError,
    Refusal,
    RefusedError,
    ServiceUnreachableError,
    Violation,
    refused,
)
from google.rpc import error_details_pb2, status_pb2

DOMAIN = "diel.v1"
"""The domain of every ``ErrorInfo`` that diel sends."""

_DETAILS_KEY = "grpc-status-details-bin"
_CODES: dict[int, str] = {code.value[0]: code.name for code in grpc.StatusCode}


def error_of(error: grpc.RpcError) -> DielError:
    """Return what a failed call means."""
    code, message, trailing = error.code(), error.details() or "", error.trailing_metadata() or ()
    refusal = _refusal(code.name, message, trailing)
    # Only the service gives a reason. Without one it was gRPC on this side that could not reach it, or gave up waiting.
    if not refusal.reason:
        if code is grpc.StatusCode.UNAVAILABLE:
            return ServiceUnreachableError(f"the service cannot be reached, or the connection broke: {message}")
        if code is grpc.StatusCode.DEADLINE_EXCEEDED:
            return AnswerTimeoutError("no answer came in time")
    return refused(refusal)


def error_of_batch(error: v1.SubmissionError) -> RefusedError:
    """Return why one batch of a stream was refused."""
    violations = tuple(violation_of(violation) for violation in error.violations)
    code = _CODES.get(error.code, "UNKNOWN")
    return refused(Refusal(code=code, message=error.message, reason=error.reason, violations=violations))


def violation_of(message: v1.FieldViolation) -> Violation:
    """Return a violation of the protocol as this package has it."""
    return Violation(field=message.field, description=message.description, reason=message.reason)


def _refusal(code: str, message: str, trailing: Iterable[tuple[str, str | bytes]]) -> Refusal:
    reason, metadata, delay_s = "", {}, None
    violations: list[Violation] = []
    for detail in _details(trailing):
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            info = error_details_pb2.ErrorInfo()
            detail.Unpack(info)
            if info.domain == DOMAIN:
                reason, metadata = info.reason, dict(info.metadata)
        elif detail.Is(error_details_pb2.BadRequest.DESCRIPTOR):
            bad = error_details_pb2.BadRequest()
            detail.Unpack(bad)
            violations += [
                Violation(field=one.field, description=one.description, reason=one.reason)
                for one in bad.field_violations
            ]
        elif detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR):
            info = error_details_pb2.RetryInfo()
            detail.Unpack(info)
            delay_s = info.retry_delay.seconds + info.retry_delay.nanos / 1e9
    return Refusal(code, message, reason, tuple(violations), metadata, delay_s)


def _details(trailing: Iterable[tuple[str, str | bytes]]) -> Sequence[Any]:
    for key, value in trailing:
        if key == _DETAILS_KEY:
            status = status_pb2.Status()
            status.MergeFromString(value)
            return list(status.details)
    return ()
