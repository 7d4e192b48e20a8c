"""A reviewer's decision as it is sent."""

from __future__ import annotations

from diel import v1
from diel.words import values


def resolution(name: str, decision: str, reason: str, etag: str) -> v1.ResolveFlagRequest:
    """Return the request that stores a decision about a flag.

    Raises
    ------
    ValueError
        There is no such decision.
    """
    chosen = values(v1.FlagDecision, "FLAG_DECISION_", [decision], "decision")[0]
    return v1.ResolveFlagRequest(name=name, decision=chosen, reason=reason, etag=etag)
