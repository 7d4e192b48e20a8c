"""Values of the protocol's enums as people write them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

E = TypeVar("E", bound=int)


def code(enum: Any, value: int, prefix: str) -> str:
    """Return the name of a value without its prefix; empty when it is not stated.

    Examples
    --------
    >>> from diel import v1
    >>> code(v1.Verdict, v1.VERDICT_NOT_FLAT, "VERDICT_")
    'NOT_FLAT'
    """
    return "" if value == 0 else str(enum.Name(value)).removeprefix(prefix)


def plain(enum: Any, value: int, prefix: str) -> str:
    """Return a value as the command line writes it: ``more-data``."""
    return code(enum, value, prefix).lower().replace("_", "-")


def values(enum: Any, prefix: str, texts: Iterable[str], field: str) -> list[Any]:
    """Return the values that texts name, whatever their case, with ``-`` or ``_``.

    Raises
    ------
    ValueError
        A text names none.
    """
    names = {name.removeprefix(prefix): number for name, number in enum.items() if number != 0}
    found = []
    for text in texts:
        folded = text.upper().replace("-", "_")
        if folded not in names:
            raise ValueError(f"{field}: {text!r} is none of {', '.join(names)}")
        found.append(names[folded])
    return found


def strip_reference(name: str) -> str:
    """Return a reference as people write it: ``adult-noisy@1``, but the whole name of one that belongs to a study."""
    return name.removeprefix("references/")
