"""Why a call failed, as a class for each way out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Violation:
    """What is wrong with a field.

    Attributes
    ----------
    field : str
        The path, such as ``results[17].concentration``.
    description : str
        The value found, the rule, and what to do.
    reason : str
        The cause, such as ``INVALID_FIELD``.
    """

    field: str
    description: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field}: {self.description}"


class DielError(Exception):
    """Whatever this package raises on purpose."""


class AddressError(DielError, ValueError):
    """The address, the token or a certificate cannot be used."""


class MissingExtraError(DielError, ImportError):
    """A library that the call needs is not installed."""

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(f"{library} is not installed: pip install 'diel[{extra}]'")


class ServiceUnreachableError(DielError, ConnectionError):
    """Nothing answers at the address, or the connection broke and did not come back."""


class AnswerTimeoutError(DielError, TimeoutError):
    """No answer came in time. What was sent may or may not be stored: send it again, with the same request id."""


class ProtocolError(DielError):
    """The service answered something that the protocol does not allow."""


@dataclass(frozen=True)
class Refusal:
    """What a service says when it refuses.

    Attributes
    ----------
    code : str
        The gRPC code, such as ``INVALID_ARGUMENT``.
    message : str
        The message, for people.
    reason : str
        The reason to program against, such as ``RESOURCE_NOT_FOUND``; empty when something between client and service
        refused, such as a proxy.
    violations : tuple of Violation
        The fields at fault, all of them.
    metadata : Mapping of str to str
        What the service says beside the reason, such as who moved a flag on.
    retry_delay_s : float or None
        Seconds for which the service asks to be left alone.
    """

    code: str
    message: str
    reason: str = ""
    violations: tuple[Violation, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    retry_delay_s: float | None = None


class RefusedError(DielError):
    """The service refused, and says why.

    Attributes
    ----------
    refusal : Refusal
        All that it said.
    """

    def __init__(self, refusal: Refusal) -> None:
        lines = [f"{refusal.message or refusal.code} ({refusal.reason or refusal.code})"]
        lines += [f"  {violation}" for violation in refusal.violations if str(violation) not in refusal.message]
        super().__init__("\n".join(lines))
        self.refusal = refusal

    @property
    def code(self) -> str:
        """The gRPC code, such as ``NOT_FOUND``."""
        return self.refusal.code

    @property
    def reason(self) -> str:
        """The reason to program against, such as ``RESOURCE_NOT_FOUND``."""
        return self.refusal.reason

    @property
    def violations(self) -> Sequence[Violation]:
        """The fields at fault; empty unless the service named some."""
        return self.refusal.violations


class InvalidRequestError(RefusedError, ValueError):
    """A field breaks a rule: mend the request. ``violations`` names every such field."""


class NotFoundError(RefusedError, LookupError):
    """There is no such resource: check the name."""


class AlreadyExistsError(RefusedError):
    """The name, the request id or the specimen is taken by something else."""


class NotAuthenticatedError(RefusedError):
    """The token is missing, unknown, expired or revoked."""


class NotPermittedError(RefusedError, PermissionError):
    """The caller lacks a role: ``refusal.metadata`` says which one in which study."""


class OvertakenError(RefusedError):
    """Somebody else was faster: read again, decide again."""


class StateForbidsError(RefusedError):
    """The state of the resource does not allow the step."""


class UnavailableError(RefusedError, ConnectionError):
    """The service is at its limit, stopping, or without its database, and stayed so for all tries."""


_CLASSES: Mapping[str, type[RefusedError]] = {
    "INVALID_ARGUMENT": InvalidRequestError,
    "NOT_FOUND": NotFoundError,
    "ALREADY_EXISTS": AlreadyExistsError,
    "UNAUTHENTICATED": NotAuthenticatedError,
    "PERMISSION_DENIED": NotPermittedError,
    "ABORTED": OvertakenError,
    "FAILED_PRECONDITION": StateForbidsError,
    "UNAVAILABLE": UnavailableError,
}


def refused(refusal: Refusal) -> RefusedError:
    """Return the error of a refusal, of the class that belongs to its code."""
    return _CLASSES.get(refusal.code, RefusedError)(refusal)
