"""Tables are those that the command line prints, cell by cell."""

from __future__ import annotations

import csv
import io

import diel
import pandas
import polars
import pyarrow
import pytest

from service import run

COMMANDS = {
    "profiles": ["profiles"],
    "rhythms": ["rhythms"],
    "flags": ["flags"],
    "samples": ["specimens", "list"],
}


def query(address: str, table: str) -> diel.Query:
    return getattr(diel.connect(address).study("demo"), table)()


def printed(address: str, table: str) -> tuple[list[str], list[list[str]]]:
    text = run(*COMMANDS[table], "--study", "demo", "--format", "csv", address=address)
    header, *rows = csv.reader(io.StringIO(text))
    return header, rows


def agrees(cell: object, text: str) -> bool:
    """Digit for digit: a text that reads back to the same double is the shortest of it on both sides."""
    match cell:
        case None:
            return text == ""
        case bool():
            return text == str(cell).lower()
        case float():
            return float(text) == cell
        case _:
            return text == str(cell)


@pytest.mark.parametrize("table", COMMANDS)
def test_every_cell_is_what_the_command_line_prints(demo: str, table: str) -> None:
    header, rows = printed(demo, table)
    frame = query(demo, table).to_polars()
    assert frame.columns == header == query(demo, table).columns
    assert frame.height == len(rows) > 0
    wrong = [
        (number, name, cell, text)
        for number, (cells, texts) in enumerate(zip(frame.iter_rows(), rows, strict=True))
        for name, cell, text in zip(header, cells, texts, strict=True)
        if not agrees(cell, text)
    ]
    assert wrong == []


@pytest.mark.parametrize("table", COMMANDS)
def test_all_libraries_hold_the_same_cells(demo: str, table: str) -> None:
    asked = query(demo, table)
    rows = list(asked)
    assert asked.to_polars().to_dicts() == rows
    assert asked.to_arrow().to_pylist() == rows
    frame = asked.to_pandas()
    assert list(frame.columns) == asked.columns
    back = [
        {name: None if pandas.isna(cell) else cell for name, cell in row.items()} for row in frame.to_dict("records")
    ]
    assert back == rows


def test_an_empty_table_has_its_columns_and_types(demo: str) -> None:
    asked = diel.connect(demo).study("demo").rhythms(groups=["nobody"])
    full = diel.connect(demo).study("demo").rhythms()
    assert asked.to_polars().schema == full.to_polars().schema
    assert asked.to_arrow().schema == full.to_arrow().schema
    assert list(asked.to_pandas().dtypes) == list(full.to_pandas().dtypes)
    assert asked.to_polars().is_empty()


def test_types_are_those_that_are_promised(demo: str) -> None:
    asked = query(demo, "rhythms")
    assert asked.to_polars().schema["day_count"] == polars.Int64
    assert asked.to_polars().schema["slope_se"] == polars.Float64
    assert asked.to_polars().schema["verdict"] == polars.String
    assert query(demo, "profiles").to_arrow().schema.field("valid").type == pyarrow.bool_()
    assert str(asked.to_pandas().dtypes["days_to_reliable"]) == "Int64"


def test_filters_are_the_services(demo: str) -> None:
    study = diel.connect(demo).study("demo")
    flat = study.rhythms(verdicts=["FLAT_FOR_REVIEW"]).to_polars()
    assert 0 < flat.height == study.flags(states=["open"]).to_polars().height
    assert set(flat["verdict"]) == {"FLAT_FOR_REVIEW"}
    one = study.profiles(participant="SIM-0001", valid_only=True, limit=2).to_polars()
    assert set(one["participant"]) == {"SIM-0001"} and one.height == 2
    with pytest.raises(ValueError, match="verdicts: 'FLAT' is none of NOT_FLAT"):
        study.rhythms(verdicts=["FLAT"])


def test_nothing_is_asked_before_rows_are_read_and_pages_come_one_by_one(demo: str) -> None:
    nowhere = diel.connect(demo).study("nowhere").samples()
    with pytest.raises(diel.NotFoundError):
        next(iter(nowhere))
    request = diel.v1.ListSpecimensRequest(parent="studies/demo", page_size=100)
    sizes = [len(page.specimens) for page in diel.connect(demo).pages(request)]
    assert sizes == [100] * 7 + [11]
