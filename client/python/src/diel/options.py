"""The options of calls that take many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def check_options(given: Mapping[str, Any], options: type[Any]) -> None:
    """Refuse options of other names.

    Raises
    ------
    TypeError
        There is no such option.
    """
    unknown = set(given) - set(options.__annotations__)
    if unknown:
        raise TypeError(f"no such option: {', '.join(sorted(unknown))}")
