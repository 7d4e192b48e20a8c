"""Sampling days and rhythms of salivary cortisol, computed by diel's core over Arrow.

`profiles` takes one row a sampling day, `rhythms` one row a person; both give the columns that the service and ``diel
analyze`` give, to the last bit, whatever the sizes of the batches. Nothing is asked of a server. On PySpark and Ray see
`diel_core.spark` and docs/cluster.md of diel.

A verdict is a reason to look again, never a statement about a person.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from diel_core import diel_core_native as _native
from diel_core.diel_core_native import RHYTHM_METHOD, RefusedInputError, profile_schema, rhythm_schema

if TYPE_CHECKING:
    from diel_core.policy import Policy

__version__ = "0.1.0"
__all__ = ["RHYTHM_METHOD", "RefusedInputError", "profile_schema", "profiles", "rhythm_schema", "rhythms"]


def profiles(days: Any, policy: Policy | None = None) -> Any:
    """Compute the profile of each sampling day.

    Parameters
    ----------
    days
        A record batch of pyarrow, or anything else of Arrow: a table, a frame of polars, a reader. One row a day, with
        the columns ``participant``, ``complete`` and ``samples``, a list of structs of ``hours_since_awakening`` (h),
        ``concentration_nmol_per_l`` (nmol/L) and, where there are any, ``qualifier`` (``<``, ``>`` or why there is no
        concentration), ``replicate_cv_percent`` (%), ``limit_of_detection_nmol_per_l`` and
        ``upper_limit_of_quantification_nmol_per_l`` (nmol/L). May have ``day``, ``sampling_date``, ``awakening_time``
        with ``awakening_utc_offset_minutes`` (min), ``conditions`` (codes joined by ``;``) and ``age_years`` (years).
    policy
        Terms that differ from the defaults.

    Returns
    -------
    pyarrow.RecordBatch or pyarrow.Table
        The columns of `profile_schema`, in the order of the rows; each has its unit as metadata. A batch for a batch,
        else a table.

    Raises
    ------
    RefusedInputError
        Naming row, column, value and rule. A row whose ``complete`` is not true is refused: a day of which a part lies
        elsewhere would be fitted wrongly in silence.
    """
    return _answered(_native.profiles, profile_schema(), days, policy)


def rhythms(persons: Any, policy: Policy | None = None) -> Any:
    """Compute the rhythm of each person.

    Parameters
    ----------
    persons
        As for `profiles`, but one row a person, with the columns ``participant``, ``complete`` and ``days``, a list of
        structs with the columns of a day (without ``participant`` and ``age_years``). May have ``age_years`` (years),
        ``sex`` (``female``, ``male``, ``other``) and ``conditions``.
    policy
        Terms that differ from the defaults.

    Returns
    -------
    pyarrow.RecordBatch or pyarrow.Table
        The columns of `rhythm_schema`, in the order of the rows; each has its unit as metadata.

    Raises
    ------
    RefusedInputError
        Naming row, column, value and rule. A row whose ``complete``, or that of one of its days, is not true is
        refused.
    """
    return _answered(_native.rhythms, rhythm_schema(), persons, policy)


def _answered(compute: Callable[..., Any], schema: Any, data: Any, policy: Policy | None) -> Any:
    if hasattr(data, "__arrow_c_array__"):
        return compute(data, policy)
    if not hasattr(data, "__arrow_c_stream__"):
        raise TypeError(f"{type(data).__name__} is not Arrow data: give a record batch, a table or a frame of polars")
    batches = pa.RecordBatchReader.from_stream(data)
    return pa.Table.from_batches([compute(batch, policy) for batch in batches], schema)
