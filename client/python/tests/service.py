"""`diel serve` and `diel demo` as processes of their own, on free loopback ports."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parents[3]
BINARY = Path(os.environ.get("DIEL_BINARY", ROOT / "target" / "debug" / "diel"))
FIXTURE = ROOT / "fixtures" / "study.csv"

_TOLD = re.compile(r"DIEL_SERVER=http://(\S+)")
_ADDRESS = re.compile(r"\b(?:https?://)?(127\.0\.0\.1:\d+)")


def run(*arguments: str, address: str | None = None, token: str | None = None) -> str:
    """What a command of `diel` prints."""
    environment = {**os.environ, "DIEL_SERVER": f"http://{address}"} if address else dict(os.environ)
    if token:
        environment["DIEL_TOKEN"] = token
    done = subprocess.run([BINARY, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"diel {' '.join(arguments)}: {done.stderr}"
    return done.stdout


class Service:
    """`diel serve`, ended with its context."""

    def __init__(self, database: Path, *, listen: str = "127.0.0.1:0", **settings: str) -> None:
        assert BINARY.exists(), f"{BINARY} is not built: cargo build --workspace --bins"
        environment = {**os.environ, "DIEL_LISTEN": listen, "DIEL_WEB": "off", **settings}
        self._process = subprocess.Popen(
            [BINARY, "serve", "--database", f"sqlite://{database}"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        said = next((found for line in self._process.stdout if (found := _ADDRESS.search(line))), None)
        assert said, "the server ended before it said where it listens"
        self.address = said[1]

    def __enter__(self) -> Service:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(signal.SIGKILL)

    def stop(self, how: signal.Signals) -> None:
        """Ends it: SIGTERM as an operator would, SIGKILL as a power cut."""
        self._process.send_signal(how)
        self._process.wait(timeout=30)
        if self._process.stdout:
            self._process.stdout.close()


class Demo:
    """`diel demo` with its simulated study, until the context ends."""

    def __enter__(self) -> Demo:
        assert BINARY.exists(), f"{BINARY} is not built: cargo build --workspace --bins"
        # It tells people where to look, on standard error.
        self._process = subprocess.Popen(
            [BINARY, "demo"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
        )
        assert self._process.stderr is not None
        said = next((found for line in self._process.stderr if (found := _TOLD.search(line))), None)
        assert said, "the demonstration ended before it said where it listens"
        self.address = said[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=30)
        if self._process.stderr:
            self._process.stderr.close()


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
