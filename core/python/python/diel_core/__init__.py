"""Sampling days and rhythms of salivary cortisol, and models of cohorts, computed by diel's core over Arrow.

`profiles` takes one row a sampling day, `rhythms` one row a person; both give the columns that the service and ``diel
analyze`` give, to the last bit, whatever the sizes of the batches. `cohort_terms` sums up persons wherever they lie,
and `fit_cohort` fits a mixed model to the sums of all. Nothing is asked of a server. On PySpark and Ray see
`diel_core.spark` and docs/cluster.md of diel.

A verdict is a reason to look again, never a statement about a person.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from diel_core import diel_core_native as _native
from diel_core.cohort import CohortFit, FixedEffect, RandomEffect
from diel_core.diel_core_native import (
    RHYTHM_METHOD,
    RefusedInputError,
    cohort_terms_schema,
    profile_schema,
    rhythm_schema,
)

if TYPE_CHECKING:
    from diel_core.policy import Policy

__version__ = "0.1.0"
__all__ = [
    "RHYTHM_METHOD",
    "CohortFit",
    "FixedEffect",
    "RandomEffect",
    "RefusedInputError",
    "cohort_terms",
    "cohort_terms_schema",
    "fit_cohort",
    "profile_schema",
    "profiles",
    "rhythm_schema",
    "rhythms",
]


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

    Examples
    --------
    >>> import diel_core
    >>> import pyarrow as pa
    >>> levels = {0.0: 10.0, 0.5: 15.0, 3.0: 7.0, 8.0: 4.0, 16.0: 1.5}
    >>> samples = [{"hours_since_awakening": h, "concentration_nmol_per_l": nmol} for h, nmol in levels.items()]
    >>> day = {"participant": "P-1", "samples": samples, "complete": True}
    >>> answer = diel_core.profiles(pa.RecordBatch.from_pylist([day]))
    >>> round(answer["slope_wake_bed_ln_per_h"][0].as_py(), 6), answer.schema.field("wake_nmol_per_l").metadata
    (-0.11857, {b'unit': b'nmol/L'})
    """
    return _answered(lambda batch: _native.profiles(batch, policy), profile_schema(), days)


def rhythms(persons: Any, policy: Policy | None = None) -> Any:
    """Compute the rhythm of each person.

    Parameters
    ----------
    persons
        As for `profiles`, but one row a person, with the columns ``participant``, ``complete`` and ``days``, a list of
        structs with the columns of a day (without ``participant`` and ``age_years``). May have ``age_years`` (years),
        ``sex`` (``female``, ``male``, ``other``), ``conditions`` and ``group``, which only models of a cohort read.
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
    return _answered(lambda batch: _native.rhythms(batch, policy), rhythm_schema(), persons)


def cohort_terms(persons: Any, formula: str, policy: Policy | None = None, limits: str = "refuse") -> Any:
    """Sum up each person for a mixed model of a cohort.

    Parameters
    ----------
    persons
        As for `rhythms`.
    formula
        The model in lme4's notation, of the columns ``cortisol`` (nmol/L), ``hours``, ``car``, ``valid_day``,
        ``weekend``, ``age_years``, ``sex``, ``group`` and the conditions. Random terms are of ``participant`` and
        ``participant:day``. Labels can be compared (``sex == "female"``); ``scale`` and factors of labels are refused,
        because they want all rows.
    policy
        Terms that differ from the defaults; of them ``car_window_min`` bears on ``car``.
    limits
        ``refuse`` a person with a sample that is known as beyond a limit only, or ``leave_out`` such samples and count
        them, which biases levels near the limit.

    Returns
    -------
    pyarrow.RecordBatch or pyarrow.Table
        The columns of `cohort_terms_schema`, a row a person: counts, means and products of the columns by person, or by
        day of the person where the formula has a random term of days. The order of days and samples changes no digit.

    Raises
    ------
    RefusedInputError
        Naming row, column, value and rule. A row whose ``complete``, or that of one of its days, is not true is
        refused, and so is a second row of a person.
    """
    compute = _native.cohort_terms
    return _answered(lambda batch: compute(batch, formula, policy, limits), cohort_terms_schema(), persons)


def fit_cohort(terms: Any, criterion: str = "reml") -> CohortFit:
    """Fit a mixed model to the sums of all persons.

    Parameters
    ----------
    terms
        The rows of `cohort_terms` of all persons, from wherever and in any order: a table or anything else of Arrow.
    criterion
        ``reml`` or ``ml``.

    Returns
    -------
    CohortFit
        The same digits however the persons were divided.

    Raises
    ------
    RefusedInputError
        For a person with two rows, rows of different formulas, and models that cannot be fitted.

    Examples
    --------
    >>> import diel_core
    >>> import pyarrow as pa
    >>> def person(number):
    ...     falls = [(h, 12.0 + number % 3, -0.1 - 0.01 * (number % 4)) for h in (0.0, 4.0, 9.0, 15.0)]
    ...     levels = [(h, wake * 2.718281828 ** (slope * h + 0.1 * (h * number % 3))) for h, wake, slope in falls]
    ...     samples = [{"hours_since_awakening": h, "concentration_nmol_per_l": nmol} for h, nmol in levels]
    ...     days = [{"samples": samples, "complete": True}]
    ...     return {"participant": f"P-{number}", "days": days, "complete": True}
    >>> halves = [pa.RecordBatch.from_pylist([person(n) for n in half]) for half in (range(6), range(6, 12))]
    >>> formula = "log(cortisol) ~ hours + (1 | participant)"
    >>> terms = pa.Table.from_batches([diel_core.cohort_terms(half, formula) for half in halves])
    >>> fit = diel_core.fit_cohort(terms)
    >>> fit.person_count, fit.observation_count, [effect.name for effect in fit.fixed]
    (12, 48, ['(Intercept)', 'hours'])
    """
    if hasattr(terms, "__arrow_c_array__"):
        terms = pa.Table.from_batches([pa.record_batch(terms)])
    _check_arrow(terms)
    return CohortFit.of(_native.fit_cohort(terms, criterion))


def _answered(compute: Callable[[Any], Any], schema: Any, data: Any) -> Any:
    if hasattr(data, "__arrow_c_array__"):
        return compute(data)
    _check_arrow(data)
    batches = pa.RecordBatchReader.from_stream(data)
    return pa.Table.from_batches([compute(batch) for batch in batches], schema)


def _check_arrow(data: Any) -> None:
    if not hasattr(data, "__arrow_c_stream__"):
        raise TypeError(f"{type(data).__name__} is not Arrow data: give a record batch, a table or a frame of polars")
