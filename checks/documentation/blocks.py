"""Fenced blocks of pages: what they are, and whether what a page says is what was printed."""

import re
from dataclasses import dataclass

LANGUAGES = ("sh", "python", "r", "sql")
READ_ONLY = re.compile(r"not-run: \S.*")


@dataclass
class Block:
    line: int
    language: str
    mark: str
    text: str

    def is_code(self) -> bool:
        return self.language in LANGUAGES


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found, begun = [], None
    for number, line in enumerate(page.splitlines(), 1):
        if begun is None and line.startswith("```"):
            language, _, mark = line[3:].strip().partition(" ")
            begun = Block(number, language, mark, "")
        elif begun and line == "```":
            found.append(begun)
            begun = None
        elif begun:
            begun.text += line + "\n"
    return found


def same(said: str, printed: str) -> bool:
    """Whether what a page says is what was printed; `…` stands for anything within a line, alone for any lines."""
    pattern = ""
    for line in said.rstrip().splitlines():
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += "[^\n]*?".join(re.escape(part.rstrip() if at else part) for at, part in enumerate(line.split("…"))) + r"\s*?\n"
    lines = "".join(line.rstrip() + "\n" for line in printed.rstrip().splitlines())
    return re.fullmatch(pattern, lines) is not None


def fill(page: str, filled: dict[int, str]) -> str:
    """The page with what was printed in its empty blocks of output."""
    lines = page.splitlines(keepends=True)
    for line, printed in sorted(filled.items(), reverse=True):
        if lines[line].startswith("```"):
            lines[line:line] = [part.rstrip() + "\n" for part in printed.strip("\n").splitlines()]
    return "".join(lines)
