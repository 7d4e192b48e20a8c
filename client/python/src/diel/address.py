"""Where a service is, and what is shown to it."""

from __future__ import annotations

import ipaddress
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict
from urllib.parse import urlsplit

import grpc
from diel.errors import AddressError
from diel.retry import RetryPolicy

_LARGEST_ANSWER_BYTES = 8 << 20
"""5,000 analysed samples of about 200 bytes with their profiles are 2 MiB."""

_LARGEST_REQUEST_BYTES = 4 << 20
"""5,000 rows with everything filled in are 2 MiB."""


@dataclass(frozen=True)
class Address:
    """Where a service listens, and whether by TLS."""

    target: str
    host: str
    secure: bool

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read ``HOST:PORT``, ``http://HOST:PORT`` or ``https://HOST:PORT``.

        Raises
        ------
        AddressError
            It is none of these.

        Examples
        --------
        >>> Address.parse("https://diel.example.org:443").secure
        True
        >>> Address.parse("localhost:50151").target
        'localhost:50151'
        """
        parts = urlsplit(text if "://" in text else f"http://{text}")
        try:
            port = parts.port
        except ValueError:
            port = None
        if parts.scheme not in {"http", "https"} or not parts.hostname or port is None or parts.path.strip("/"):
            raise AddressError(
                f"{text!r} is not the address of a service: write HOST:PORT, http://HOST:PORT or https://HOST:PORT"
            )
        return cls(target=parts.netloc, host=parts.hostname, secure=parts.scheme == "https")

    def is_loopback(self) -> bool:
        """Return whether it is on this machine."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


@dataclass(frozen=True)
class Options:
    """How to reach a service."""

    address: Address
    token: str | None = field(default=None, repr=False)
    ca_certificate: bytes | None = None
    client_certificate: tuple[bytes, bytes] | None = field(default=None, repr=False)
    request_timeout_s: float = 60.0
    connect_timeout_s: float = 10.0
    retry: RetryPolicy = field(default_factory=RetryPolicy)

    def __post_init__(self) -> None:
        if self.token is None:
            return
        if not self.token.isascii() or not self.token.isprintable() or not self.token.strip():
            raise AddressError("the token is empty or holds characters other than visible ASCII")
        if not self.address.secure and not self.address.is_loopback():
            warnings.warn(f"the token goes to {self.address.host} without TLS: others can read it", stacklevel=4)

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What goes with every call."""
        return () if self.token is None else (("authorization", f"Bearer {self.token.strip()}"),)

    @property
    def credentials(self) -> grpc.ChannelCredentials | None:
        """What TLS is set up with; None without TLS."""
        if not self.address.secure:
            return None
        certificate, key = self.client_certificate or (None, None)
        return grpc.ssl_channel_credentials(self.ca_certificate, key, certificate)

    def channel_options(self, version: str) -> list[tuple[str, int | str]]:
        """Return the settings of a channel. It is this package that tries again, and not gRPC beside it."""
        return [
            ("grpc.max_receive_message_length", _LARGEST_ANSWER_BYTES),
            ("grpc.max_send_message_length", _LARGEST_REQUEST_BYTES),
            ("grpc.keepalive_time_ms", 30_000),
            ("grpc.keepalive_timeout_ms", 10_000),
            ("grpc.enable_retries", 0),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 2_000),
            ("grpc.min_reconnect_backoff_ms", int(self.connect_timeout_s * 1000)),
            ("grpc.primary_user_agent", f"diel-python/{version}"),
        ]


class ConnectOptions(TypedDict, total=False):
    """The parameters of `diel.connect` beside the address."""

    token: str | None
    token_file: str | Path | None
    ca_certificate: bytes | None
    client_certificate: tuple[bytes, bytes] | None
    request_timeout_s: float
    connect_timeout_s: float
    retry: RetryPolicy | None


def options_of(address: str, given: ConnectOptions) -> Options:
    """Return how to reach a service, with the defaults of what is not given.

    Raises
    ------
    AddressError
        The address or the token cannot be used.
    TypeError
        There is no such option.
    """
    unknown = set(given) - set(ConnectOptions.__annotations__)
    if unknown:
        raise TypeError(f"no such option: {', '.join(sorted(unknown))}")
    token, token_file = given.get("token"), given.get("token_file")
    if token is not None and token_file is not None:
        raise AddressError("token and token_file are both given: which one?")
    if token_file is not None:
        token = Path(token_file).read_text(encoding="utf-8").strip()
    return Options(
        address=Address.parse(address),
        token=token,
        ca_certificate=given.get("ca_certificate"),
        client_certificate=given.get("client_certificate"),
        request_timeout_s=given.get("request_timeout_s", 60.0),
        connect_timeout_s=given.get("connect_timeout_s", 10.0),
        retry=given.get("retry") or RetryPolicy(),
    )
