"""When a call is tried again, and after which pause."""

from __future__ import annotations

import random
from dataclasses import dataclass

from diel.errors import DielError, ServiceUnreachableError, UnavailableError

_LONGEST_ASKED_PAUSE_S = 60.0
"""A service that asks for more patience than this is given up: a person should know."""


@dataclass(frozen=True)
class RetryPolicy:
    """When a call that may be repeated is tried again: after ``UNAVAILABLE`` or a broken connection, and nothing else.

    Pauses double, each between half and all of its length by chance, so that clients do not come back together. What
    the service asks for (``RetryInfo``) is waited for.

    Parameters
    ----------
    max_tries : int
        Tries in all, the first included.
    first_pause_s : float
        The first pause, seconds.
    longest_pause_s : float
        The longest pause, seconds, unless the service asks for more.

    Examples
    --------
    >>> RetryPolicy(max_tries=1).pause_s(1, ServiceUnreachableError()) is None
    True
    """

    max_tries: int = 5
    first_pause_s: float = 0.1
    longest_pause_s: float = 5.0

    def pause_s(self, tries: int, error: DielError) -> float | None:
        """Return the pause after so many tries, the last of which failed with this error.

        None when it is time to give up.
        """
        if not isinstance(error, UnavailableError | ServiceUnreachableError) or tries >= self.max_tries:
            return None
        asked = error.refusal.retry_delay_s or 0.0 if isinstance(error, UnavailableError) else 0.0
        if asked > _LONGEST_ASKED_PAUSE_S:
            return None
        full = min(self.first_pause_s * 2.0 ** (tries - 1), self.longest_pause_s)
        return max(full * random.uniform(0.5, 1.0), asked)
