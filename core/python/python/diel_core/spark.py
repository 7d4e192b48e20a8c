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
    pa.list_(pa.int64()): "array<bigint>",
    pa.list_(pa.float64()): "array<double>",
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
    return _mapped(days, lambda batch: diel_core.profiles(batch, policy), diel_core.profile_schema())


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
    return _mapped(persons, lambda batch: diel_core.rhythms(batch, policy), diel_core.rhythm_schema())


def cohort_terms(persons: Any, formula: str, policy: Policy | None = None, limits: str = "refuse") -> Any:
    """Sum up each row of a frame of persons for a mixed model.

    Parameters
    ----------
    persons
        A frame of Spark with the columns that `diel_core.cohort_terms` takes.
    formula, policy, limits
        As for `diel_core.cohort_terms`.

    Returns
    -------
    pyspark.sql.DataFrame
        The columns of `diel_core.cohort_terms_schema`; `diel_core.fit_cohort` takes its ``toArrow()``.
    """
    return _mapped(
        persons,
        lambda batch: diel_core.cohort_terms(batch, formula, policy, limits),
        diel_core.cohort_terms_schema(),
    )


def _mapped(frame: Any, compute: Callable[[Any], Any], schema: Any) -> Any:
    def each(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            yield compute(batch)

    columns = ", ".join(f"`{field.name}` {_SPARK_TYPES[field.type]}" for field in schema)
    return frame.mapInArrow(each, columns)
