"""The numbers are those of `diel analyze`, to the last bit."""

import datetime as dt
import math
import threading
from pathlib import Path

import cohort
import diel_core
import polars as pl
import pyarrow as pa
import pytest


def cell(value: object) -> str:
    """As the command line writes it."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case dt.date():
            return value.isoformat()
        case _:
            return str(value)


def check_equal(table: pa.Table, written: list[dict[str, str]]) -> None:
    """Numbers are compared as doubles, bit for bit, everything else as text."""
    rows = table.to_pylist()
    assert len(rows) == len(written) > 0
    numbers = 0
    for row, expected in zip(rows, written, strict=True):
        for name, text in expected.items():
            value = row[name]
            if isinstance(value, float):
                assert value.hex() == float(text).hex(), (row["participant"], name)
                numbers += 1
            else:
                assert cell(value) == text, (row["participant"], name)
    assert numbers > len(rows)


def test_profiles_are_those_of_the_command_line(cohort_file: Path, days: pa.Table) -> None:
    written = cohort.analyze(cohort_file, "profiles")
    assert any("below_limit" in row["findings"] for row in written)
    assert any("missing_no_sample" in row["findings"] for row in written)
    assert any(row["peak_clock_time"] for row in written)
    check_equal(diel_core.profiles(days), written)


def test_rhythms_are_those_of_the_command_line(cohort_file: Path, persons: pa.Table) -> None:
    written = cohort.analyze(cohort_file, "rhythms")
    assert len({row["verdict"] for row in written}) > 1
    check_equal(diel_core.rhythms(persons), written)


def test_a_policy_is_that_of_the_command_line(cohort_file: Path, days: pa.Table, persons: pa.Table) -> None:
    options = ["--threshold-ln-per-h", "-0.11", "--probability", "0.6", "--car-window-min", "30", "--min-days", "2"]
    policy = {"threshold_ln_per_h": -0.11, "probability": 0.6, "car_window_min": 30, "min_days": 2}
    written = cohort.analyze(cohort_file, "rhythms", *options)
    assert any(row["verdict"] == "FLAT_FOR_REVIEW" for row in written)
    check_equal(diel_core.rhythms(persons, policy), written)
    check_equal(diel_core.profiles(days, policy), cohort.analyze(cohort_file, "profiles", *options))


def test_a_day_worked_by_hand() -> None:
    """(ln 1.5 - ln 10) / 16 h; the area of five trapezoids."""
    samples = [(0.0, 10.0), (0.5, 15.0), (3.0, 7.0), (8.0, 4.0), (16.0, 1.5)]
    struct = [{"hours_since_awakening": hours, "concentration_nmol_per_l": nmol} for hours, nmol in samples]
    day = pa.RecordBatch.from_pylist([{"participant": "P-1", "samples": struct, "complete": True}])
    row = diel_core.profiles(day).to_pylist()[0]
    assert row["slope_wake_bed_ln_per_h"] == pytest.approx(math.log(1.5 / 10) / 16, rel=1e-15)
    assert row["day_auc_g_nmol_h_per_l"] == 6.25 + 27.5 + 27.5 + 22.0
    assert row["valid"] is True
    assert row["day"] is None and row["peak_clock_time"] is None
    assert "peak_clock_time:few_times" in row["absences"]


@pytest.mark.parametrize("size", [1, 3, 1003])
def test_the_size_of_batches_changes_nothing(days: pa.Table, persons: pa.Table, size: int) -> None:
    for compute, table in ((diel_core.profiles, days), (diel_core.rhythms, persons)):
        whole = compute(table.combine_chunks().to_batches()[0])
        parts = [compute(batch) for batch in table.to_batches(max_chunksize=size)]
        assert pa.Table.from_batches(parts).combine_chunks().to_batches()[0].equals(whole)


def test_a_frame_of_polars_is_read(days: pa.Table) -> None:
    frame = pl.from_arrow(days)
    assert diel_core.profiles(frame).equals(diel_core.profiles(days))


def test_an_empty_batch_has_the_columns(days: pa.Table, persons: pa.Table) -> None:
    assert diel_core.profiles(days.slice(0, 0)).schema == diel_core.profile_schema()
    assert diel_core.rhythms(persons.slice(0, 0)).num_rows == 0


def test_columns_have_units() -> None:
    schema = diel_core.profile_schema()
    assert schema.field("day_auc_g_nmol_h_per_l").metadata == {b"unit": b"nmol/L*h"}
    assert schema.field("slope_regression_se").metadata == {b"unit": b"ln(nmol/L)/h"}
    for schema in (diel_core.profile_schema(), diel_core.rhythm_schema()):
        for field in schema:
            is_number = field.type in (pa.float64(), pa.int64())
            assert (field.metadata is not None and b"unit" in field.metadata) == is_number, field.name


def test_others_run_meanwhile(days: pa.Table) -> None:
    """Without the lock of the interpreter: a thread that only counts goes on while a long batch is computed."""
    long = pa.concat_tables([days] * 300).combine_chunks().to_batches()[0]
    counted, ended = 0, threading.Event()

    def compute() -> None:
        diel_core.profiles(long)
        ended.set()

    thread = threading.Thread(target=compute)
    thread.start()
    while not ended.wait(0.001):
        counted += 1
    thread.join()
    assert counted >= 5
