"""The same on PySpark: frames in, frames out, computed by the executors batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

import diel_core

if TYPE_CHECKING:
    from diel_core.policy import Policy

_SPARK_TYPES = {
    pa.string(): "string",
    pa.float64(): "double",
    pa.int64(): "bigint",
    pa.date32(): "date",
    pa.bool_(): "boolean",
}


def profiles(days: Any, policy: Policy | None = None) -> Any:
    """Compute the profile of each row of a frame of sampling days.

    Parameters
    ----------
    days
        A frame of Spark with the columns that `diel_core.profiles` takes.
    policy
        Terms that differ from the defaults.

    Returns
    -------
    pyspark.sql.DataFrame
        The columns of `diel_core.profile_schema`. Lazy, as all of Spark: what is refused fails the action.
    """
    return _mapped(days, diel_core.profiles, diel_core.profile_schema(), policy)


def rhythms(persons: Any, policy: Policy | None = None) -> Any:
    """Compute the rhythm of each row of a frame of persons.

    Parameters
    ----------
    persons
        A frame of Spark with the columns that `diel_core.rhythms` takes.
    policy
        Terms that differ from the defaults.

    Returns
    -------
    pyspark.sql.DataFrame
        The columns of `diel_core.rhythm_schema`.
    """
    return _mapped(persons, diel_core.rhythms, diel_core.rhythm_schema(), policy)


def _mapped(frame: Any, compute: Callable[..., Any], schema: Any, policy: Policy | None) -> Any:
    def each(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            yield compute(batch, policy)

    columns = ", ".join(f"`{field.name}` {_SPARK_TYPES[field.type]}" for field in schema)
    return frame.mapInArrow(each, columns)
