"""A simulated cohort: as the file that `diel analyze` reads, and as tables of days and of persons."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import os
import subprocess
from pathlib import Path

import pyarrow as pa

DIEL = os.environ["DIEL_BINARY"]
IN_NMOL_PER_L = {"nmol/L": 1.0, "ug/dL": 10.0 * (1000.0 / 362.46)}
"""1 ug/dL = 10 ug/L / 362.46 g/mol."""
SAMPLE = pa.struct(
    {
        "hours_since_awakening": pa.float64(),
        "concentration_nmol_per_l": pa.float64(),
        "qualifier": pa.string(),
        "limit_of_detection_nmol_per_l": pa.float64(),
    }
)
DAY = {
    "sampling_date": pa.date32(),
    "awakening_time": pa.timestamp("us", "UTC"),
    "awakening_utc_offset_minutes": pa.int32(),
    "conditions": pa.string(),
    "samples": pa.list_(SAMPLE),
    "complete": pa.bool_(),
}
DAYS = pa.schema({"participant": pa.string(), "age_years": pa.float64(), **DAY})
PERSONS = pa.schema(
    {
        "participant": pa.string(),
        "age_years": pa.float64(),
        "days": pa.list_(pa.struct(DAY)),
        "complete": pa.bool_(),
    }
)


def simulate(folder: Path, *options: str) -> Path:
    path = folder / "cohort.csv"
    subprocess.run([DIEL, "simulate", *options, "--out", path], check=True, capture_output=True)
    return path


def analyze(path: Path, table: str, *options: str) -> list[dict[str, str]]:
    """What the command line says, cell by cell."""
    command = [DIEL, "analyze", path, f"--{table}", "-", *options]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return list(csv.DictReader(text.splitlines()))


def sample(row: dict[str, str], awakening: dt.datetime) -> dict[str, object]:
    elapsed = dt.datetime.fromisoformat(row["collected_at"]) - awakening
    microseconds = elapsed // dt.timedelta(microseconds=1)
    text = row["concentration"]
    missing = text == "no sample"
    limit = row["limit_of_detection"]
    return {
        "hours_since_awakening": microseconds / 3_600_000_000,
        "concentration_nmol_per_l": None if missing else float(text.lstrip("<")) * IN_NMOL_PER_L[row["unit"]],
        "qualifier": "no_sample" if missing else "<" if text.startswith("<") else None,
        "limit_of_detection_nmol_per_l": float(limit) * IN_NMOL_PER_L[row["unit"]] if limit else None,
    }


def days(path: Path) -> pa.Table:
    """One row a sampling day, in the order of the file."""
    rows = list(csv.DictReader(path.open()))
    return pa.Table.from_pylist(
        [
            day(list(group))
            for _, group in itertools.groupby(rows, lambda row: (row["participant"], row["awakening_at"]))
        ],
        DAYS,
    )


def day(rows: list[dict[str, str]]) -> dict[str, object]:
    first = rows[0]
    awakening = dt.datetime.fromisoformat(first["awakening_at"])
    offset = awakening.utcoffset()
    assert offset is not None
    return {
        "participant": first["participant"],
        "age_years": float(first["age_years"]) if first["age_years"] else None,
        "sampling_date": awakening.date(),
        "awakening_time": awakening,
        "awakening_utc_offset_minutes": offset // dt.timedelta(minutes=1),
        "conditions": first["conditions"] or None,
        "samples": [sample(row, awakening) for row in rows],
        "complete": True,
    }


def persons(table: pa.Table) -> pa.Table:
    """One row a person, of a table of days."""
    rows = table.to_pylist()
    return pa.Table.from_pylist(
        [
            {"participant": code, "age_years": group[0]["age_years"], "days": group, "complete": True}
            for code, group in (
                (code, list(group)) for code, group in itertools.groupby(rows, lambda row: row["participant"])
            )
        ],
        PERSONS,
    )
