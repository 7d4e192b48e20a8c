"""Datasets of `diel codebook --dta` hold what the tables hold, as pandas reads them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas
import pytest
from pandas.io.stata import StataMissingValue, StataReader

from service import run

EPOCH = pandas.Timestamp("1960-01-01")


def codebook(table: str) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(run("codebook", table, "--format", "csv")))
    return {row["column"]: row for row in rows}


def reason_of(letter: str, reasons: dict[int, str]) -> str | None:
    """Labels are bound to longs, of which 2147483621 is ``.`` and the next are ``.a`` to ``.z``."""
    return None if letter == "." else reasons[2147483621 + ord(letter[1]) - ord("a") + 1]


@pytest.mark.parametrize("table", ["profiles", "rhythms", "flags"])
def test_every_cell_label_and_reason_is_there(demo: str, table: str, tmp_path: Path) -> None:
    data, dataset = tmp_path / "table.csv", tmp_path / "table.dta"
    data.write_text(run(table, "--study", "demo", "--format", "csv", address=demo), encoding="utf-8")
    run("codebook", table, "--data", str(data), "--dta", str(dataset))
    variables = codebook(table)
    with data.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with StataReader(dataset, convert_missing=True, convert_dates=False, convert_categoricals=False) as reader:
        frame = reader.read()
        labels = reader.variable_labels()
        reasons = reader.value_labels().get("reasons", {})
    assert list(frame.columns) == list(variables)
    assert len(frame) == len(rows) > 0
    for name, variable in variables.items():
        unit = variable["unit"]
        is_with_unit = variable["kind"] == "number" and unit != "1"
        assert labels[name] == (f"{variable['label']}, {unit}" if is_with_unit else variable["label"])
    absent = 0
    for number, row in enumerate(rows):
        known = dict(one.split(":") for one in row.get("absences", "").split(";") if one)
        for name, text in row.items():
            cell = frame.at[number, name]
            if isinstance(cell, StataMissingValue):
                assert text == ""
                reason = known.get(name)
                assert reason_of(cell.string, reasons) == reason, (name, cell.string)
                absent += reason is not None
            elif variables[name]["kind"] == "text":
                assert cell == text
            elif variables[name]["kind"] == "date":
                assert cell == (pandas.Timestamp(text) - EPOCH).days
            else:
                assert cell == float(text), (name, text)
    assert (absent > 0) == (table == "profiles")


def test_the_same_table_makes_the_same_bytes(demo: str, tmp_path: Path) -> None:
    data = tmp_path / "rhythms.csv"
    data.write_text(run("rhythms", "--study", "demo", "--format", "csv", address=demo), encoding="utf-8")
    made = [tmp_path / "one.dta", tmp_path / "two.dta"]
    for dataset in made:
        run("codebook", "rhythms", "--data", str(data), "--dta", str(dataset))
    assert made[0].read_bytes() == made[1].read_bytes()
