"""A page being run: a folder, an interpreter a language, the servers that it started."""

import os
import re
import socket
import subprocess
import time
from pathlib import Path

from documentation.blocks import Block

ROOT = Path(__file__).resolve().parents[2]
USUAL = ("127.0.0.1:50151", "127.0.0.1:50152")
BLOCK_SECONDS = 60
MARK = "\x1e"

# Each reads names of files, runs what is in them in one world, and says MARK and the status behind each.
DRIVERS = {
    "sh": 'set -euo pipefail; while read -r file; do . "$file" </dev/null; printf "\\n\x1e0\\n"; done',
    "python": """
import ast, asyncio, sys, traceback
world = {"__name__": "__main__"}
for line in iter(sys.stdin.readline, ""):
    status = 0
    try:
        # As in a notebook: `async with` and `await` stand at the top.
        code = compile(open(line.strip()).read(), line.strip(), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        awaited = eval(code, world)
        if awaited is not None:
            asyncio.run(awaited)
    except SystemExit as end:
        status = 0 if end.code in (None, 0) else 1
    except BaseException:
        traceback.print_exc(file=sys.stdout)
        status = 1
    print(f"\\n\x1e{status}", flush=True)
""",
    "r": """
names <- file("stdin", "r")
while (length(name <- readLines(names, n = 1)) > 0) {
  status <- tryCatch({ source(name, print.eval = TRUE); 0 }, error = function(why) { print(why); 1 })
  cat("\\n\x1e", status, "\\n", sep = "")
}
""",
}


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


class Session:
    """Pages say the usual addresses and names; here others hold, and what is printed is turned back."""

    def __init__(self, folder: Path, environment: dict[str, str], python: Path | None) -> None:
        self._folder = folder
        self._python = python
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._servers: list[subprocess.Popen[bytes]] = []
        self._own = dict(zip(USUAL, (free_address(), free_address()), strict=True))
        self._values: dict[str, str] = {}
        for name in ("fixtures", "client", "proto", "operations"):
            (folder / name).symlink_to(ROOT / name)
        listen, web = self._own.values()
        self._environment = environment | {
            "DIEL_LISTEN": listen, "DIEL_WEB": web, "DIEL_SERVER": f"http://{listen}", "NO_COLOR": "1", "LC_ALL": "C.UTF-8",
            "MPLBACKEND": "agg", "PYTHONUNBUFFERED": "1",
        }

    def _here(self, text: str) -> str:
        for said, own in self._values.items():
            text = text.replace(said, own)
        for usual, own in self._own.items():
            text = text.replace(usual, own).replace(usual.replace("127.0.0.1", "localhost"), own)
        return text

    def _usual(self, text: str) -> str:
        for usual, own in self._own.items():
            text = text.replace(own, usual)
        return text

    def own(self, text: str) -> str:
        """A text that was printed with the addresses that hold here."""
        for usual, own in self._own.items():
            text = text.replace(usual, own)
        return text

    def _command(self, language: str) -> list[str]:
        if language == "sh":
            return ["bash", "-c", DRIVERS["sh"]]
        if language == "python":
            return [str(self._python), "-c", DRIVERS["python"]]
        return ["Rscript", "-e", DRIVERS["r"]]

    def run(self, block: Block) -> tuple[int, str]:
        """Status and what was printed, with the usual addresses."""
        process = self._processes.get(block.language)
        if process is None:
            process = subprocess.Popen(
                self._command(block.language), cwd=self._folder, env=self._environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            )
            self._processes[block.language] = process
        file = self._folder / f".block-{block.line}"
        file.write_text(self._here(block.text))
        watch = subprocess.Popen(["sh", "-c", f"sleep {BLOCK_SECONDS}; kill -9 -{process.pid}"], start_new_session=True)
        try:
            process.stdin.write(f"{file}\n")
            process.stdin.flush()
            printed = []
            for line in process.stdout:
                if line.startswith(MARK):
                    return int(line[1:]), self._usual("".join(printed))
                printed.append(line)
            del self._processes[block.language]
            return process.wait() or 1, self._usual("".join(printed))
        finally:
            end(watch)

    def serve(self, block: Block) -> tuple[int, str]:
        """Starts a server and waits until it says where it listens."""
        log = self._folder / ".server.log"
        with log.open("w") as out:
            server = subprocess.Popen(
                ["bash", "-euc", self._here(block.text)], cwd=self._folder, env=self._environment,
                stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            )
        self._servers.append(server)
        for _ in range(300):
            said = log.read_text()
            if re.search("look here|Ctrl-C stops", said):
                if told := re.search(r"DIEL_SERVER=(http://\S+)", said):
                    self._environment["DIEL_SERVER"] = told[1]
                return 0, self._usual(said)
            if server.poll() is not None:
                break
            time.sleep(0.1)
        return 1, log.read_text()

    def value(self, name: str, block: Block) -> tuple[int, str]:
        """What a page says `name` for, from now on: the last line that the block prints."""
        status, printed = self.run(block)
        lines = [line for line in printed.splitlines() if line.strip()]
        if status == 0 and not lines:
            return 1, f"nothing was printed that could stand for {name}"
        if status == 0:
            self._values[name] = self._here(lines[-1].strip())
        return status, printed

    def told(self) -> str:
        """Where the server that was started last said that it is."""
        return self._environment["DIEL_SERVER"]

    def close(self) -> None:
        for process in [*self._processes.values(), *self._servers]:
            end(process)


def end(process: subprocess.Popen) -> None:
    """Ends a process and those that it started."""
    try:
        os.killpg(process.pid, 9)
    except ProcessLookupError:
        pass
    process.wait()
