"""What is refused, and in which words."""

from collections.abc import Callable
from typing import Any

import diel_core
import pyarrow as pa
import pytest

SAMPLES = [
    {"hours_since_awakening": 0.0, "concentration_nmol_per_l": 10.0, "qualifier": None},
    {"hours_since_awakening": 15.0, "concentration_nmol_per_l": 1.0, "qualifier": "<"},
]
DAY = {"participant": "P-1", "sampling_date": None, "conditions": None, "samples": SAMPLES, "complete": True}
SCHEMA = pa.schema(
    {
        "participant": pa.string(),
        "sampling_date": pa.date32(),
        "conditions": pa.string(),
        "samples": pa.list_(
            pa.struct(
                {
                    "hours_since_awakening": pa.float64(),
                    "concentration_nmol_per_l": pa.float64(),
                    "qualifier": pa.string(),
                }
            )
        ),
        "complete": pa.bool_(),
    }
)


def refusal(compute: Callable[..., Any], *arguments: Any) -> str:
    with pytest.raises(diel_core.RefusedInputError) as raised:
        compute(*arguments)
    assert isinstance(raised.value, ValueError)
    return str(raised.value)


def of_day(**changes: object) -> str:
    return refusal(diel_core.profiles, pa.RecordBatch.from_pylist([DAY, {**DAY, **changes}], SCHEMA))


def of_sample(**changes: object) -> str:
    return of_day(samples=[SAMPLES[0], {**SAMPLES[1], **changes}])


def test_what_is_not_complete() -> None:
    for value, text in ((False, "false"), (None, "null")):
        assert of_day(complete=value) == (
            f"row 1 (participant P-1): complete: {text}; it must be true: samples has all samples of the day, "
            "or the numbers would be wrong in silence"
        )
    without = pa.RecordBatch.from_pylist([DAY], SCHEMA).drop_columns(["complete"])
    assert refusal(diel_core.profiles, without) == "column complete is missing; it is to be true or false"


def test_a_person_whose_days_are_not_complete() -> None:
    day = {"samples": SAMPLES, "complete": True}
    one = {"participant": "P-1", "days": [day, day], "complete": True}
    assert diel_core.rhythms(pa.RecordBatch.from_pylist([one])).num_rows == 1
    for changes, text in (
        ({"complete": False}, "complete: false; it must be true: days has all days of the person"),
        ({"days": [day, {**day, "complete": None}]}, "days[1].complete: null; it must be true"),
        ({"days": [{**day, "day": "1"}, {**day, "day": "1"}]}, "days: two of them are 1"),
    ):
        batch = pa.RecordBatch.from_pylist([{**one, **changes}])
        assert text in refusal(diel_core.rhythms, batch)


def test_values_of_a_sample() -> None:
    place = "row 1 (participant P-1): samples[1]."
    for changes, text in (
        ({"concentration_nmol_per_l": -3.0}, "concentration_nmol_per_l: -3 nmol/L is negative"),
        ({"concentration_nmol_per_l": None}, "concentration_nmol_per_l: null; the qualifier is to say why"),
        ({"concentration_nmol_per_l": 0.0}, "concentration_nmol_per_l: a limit of 0 is not a limit"),
        ({"concentration_nmol_per_l": 2e6, "qualifier": None}, "concentration_nmol_per_l: 2000000 nmol/L is more than"),
        ({"hours_since_awakening": float("inf")}, "hours_since_awakening: inf is not a finite number"),
        ({"qualifier": "QNS"}, 'qualifier: "QNS" is none of =, <, > and no_sample, insufficient_volume'),
        ({"qualifier": "no_sample"}, "concentration_nmol_per_l: 1 beside the qualifier no_sample"),
    ):
        assert of_sample(**changes).startswith(place + text), changes


def test_values_of_a_day() -> None:
    assert "participant: null; a row belongs to a participant" in of_day(participant=None)
    assert "samples: null; a list" in of_day(samples=None)
    assert "samples[0].samples: null; no item" in of_day(samples=[None])
    assert 'conditions: "flu" is none of corticosteroids' in of_day(conditions="flu")


def test_columns() -> None:
    batch = pa.RecordBatch.from_pylist([DAY], SCHEMA)
    renamed = batch.rename_columns(["participant", "sampling_dat", "conditions", "samples", "complete"])
    assert refusal(diel_core.profiles, renamed).startswith("column sampling_dat is not one that is read; those are")
    text = batch.set_column(1, "sampling_date", pa.array(["2026-03-01"]))
    assert refusal(diel_core.profiles, text) == "column sampling_date is Utf8; it is to be a date"
    local = batch.append_column("awakening_time", pa.array([0], pa.timestamp("us")))
    assert "it is to be a timestamp with a time zone" in refusal(diel_core.profiles, local)
    with pytest.raises(TypeError, match="dict is not Arrow data"):
        diel_core.profiles({})


def test_terms_of_a_policy() -> None:
    batch = pa.RecordBatch.from_pylist([DAY], SCHEMA)
    for policy, text in (
        ({"probability": 1.5}, "policy: probability: "),
        ({"probabilty": 0.9}, "policy: probabilty: not a term that is read"),
        ({"threshold_ln_per_h": -0.1, "threshold_percentile": 90}, "a slope or a percentile, not both"),
        ({"excluding": ["flu"]}, '"flu" is none of corticosteroids'),
        ({"min_days": "three"}, "policy: min_days: TypeError"),
        ({"reference": "mars@1"}, "policy: reference: "),
    ):
        assert text in refusal(diel_core.profiles, batch, policy), policy
