"""Connecting, and what is asked of a service as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from diel import v1
from diel.address import ConnectOptions, options_of
from diel.link import Link
from diel.retry import RetryPolicy
from diel.study import Study
from google.protobuf.message import Message

A = TypeVar("A", bound=Message)


def connect(
    address: str = "localhost:50151",
    *,
    token: str | None = None,
    token_file: str | Path | None = None,
    ca_certificate: bytes | None = None,
    client_certificate: tuple[bytes, bytes] | None = None,
    request_timeout_s: float = 60.0,
    connect_timeout_s: float = 10.0,
    retry: RetryPolicy | None = None,
) -> Client:
    """Return a client of the service at an address. It connects with its first call, and again by itself.

    Parameters
    ----------
    address : str
        ``HOST:PORT`` or ``http://HOST:PORT``, or ``https://HOST:PORT`` for TLS.
    token : str, optional
        The token to send with every call.
    token_file : path, optional
        A file that holds it.
    ca_certificate : bytes, optional
        The authority to trust, PEM; this machine's when absent.
    client_certificate : tuple of bytes, optional
        The certificate to show and its private key, both PEM.
    request_timeout_s : float
        Longest wait for the answer to one try, seconds.
    connect_timeout_s : float
        Longest wait for a connection, seconds.
    retry : RetryPolicy, optional
        When a call is tried again.

    Raises
    ------
    AddressError
        The address or the token cannot be used.

    Examples
    --------
    >>> import diel
    >>> with diel.connect(address) as client:
    ...     [study.name for study in client.studies()]
    ['studies/demo']
    """
    options = ConnectOptions(
        token=token,
        token_file=token_file,
        ca_certificate=ca_certificate,
        client_certificate=client_certificate,
        request_timeout_s=request_timeout_s,
        connect_timeout_s=connect_timeout_s,
        retry=retry,
    )
    return Client(Link(options_of(address, options)))


class Client:
    """A connection to a service, made by `connect`. Threads may share it."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection and what is under way on it."""
        self._link.close()

    def study(self, name: str) -> Study:
        """Return the study of this name, such as ``demo`` or ``studies/demo``, without asking whether it is there."""
        return Study(self._link, name)

    def studies(self) -> Iterator[v1.Study]:
        """Give the studies that the caller may see, by name."""
        for page in self.pages(v1.ListStudiesRequest()):
            yield from page.studies  # type: ignore[attr-defined]

    def create_study(self, study: str, *, display_name: str, time_zone: str) -> Study:
        """Create a study with the default policy and return it.

        Parameters
        ----------
        study : str
            Its id, such as ``pilot``.
        display_name : str
            What people call it.
        time_zone : str
            Its IANA time zone, such as ``Europe/Berlin``; it cannot be changed later.

        Raises
        ------
        AlreadyExistsError
            There is one of this name.
        InvalidRequestError
            A field breaks a rule.
        """
        message = v1.Study(display_name=display_name, time_zone=time_zone)
        created = self.call(v1.CreateStudyRequest(study_id=study, study=message), v1.Study)
        return Study(self._link, created.name)

    def who_am_i(self) -> v1.WhoAmIResponse:
        """Return whom the service takes this client for, and what they are granted.

        Raises
        ------
        NotAuthenticatedError
            The token is missing, unknown, expired or revoked.
        """
        return self.call(v1.WhoAmIRequest(), v1.WhoAmIResponse)

    def call(self, request: Message, answer: type[A]) -> A:
        """Return the answer to any request of the protocol, with the retries and errors of all others.

        Where the request takes a ``request_id`` and has none, one is made, so that trying again is harmless.

        Parameters
        ----------
        request : message
            A request of `diel.v1`; its type says which method is called.
        answer : type of message
            What the method answers.

        Raises
        ------
        RefusedError
            The service refused, and says why.
        ServiceUnreachableError
            Nothing answers, after all tries.

        Examples
        --------
        >>> import diel
        >>> from diel import v1
        >>> client = diel.connect(address)
        >>> client.call(v1.GetPolicyRequest(name="studies/demo/policies/current"), v1.Policy).min_days
        3
        """
        return self._link.call(request, answer)

    def pages(self, request: Message) -> Iterator[Message]:
        """Give the pages of any list of the protocol, or the messages of any stream that resumes, as they are read."""
        return self._link.pages(request)
