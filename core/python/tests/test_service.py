"""What the package computes of the demonstration's file is what a running service stored of it."""

import csv
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import cohort
import diel_core
import pytest

STUDY = Path(__file__).parents[3] / "fixtures" / "study.csv"


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    """The address of `diel demo`."""
    process = subprocess.Popen([cohort.DIEL, "demo"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = next((found for line in process.stderr if (found := re.search(r"DIEL_SERVER=(\S+)", line))), None)
    assert said, "the demonstration ended before it said where it listens"
    yield said[1]
    process.send_signal(signal.SIGINT)
    process.wait(timeout=30)


def stored(address: str, table: str) -> dict[tuple[str, ...], dict[str, str]]:
    """A table of the service, cell by cell, by participant and, of days, date."""
    command = [cohort.DIEL, table, "--study", "demo", "--format", "csv", "--server", address]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = csv.DictReader(text.splitlines())
    return {(row["participant"], row.get("sampling_date", "")): row for row in rows}


def check_equal(computed: list[dict[str, object]], of_service: dict[tuple[str, ...], dict[str, str]]) -> None:
    """Every number that both have, bit for bit."""
    numbers = 0
    for row in computed:
        expected = of_service[str(row["participant"]), str(row.get("sampling_date") or "")]
        for name, value in row.items():
            if isinstance(value, float) and name in expected:
                assert value.hex() == float(expected[name]).hex(), (row["participant"], name)
                numbers += 1
            elif value is None and name in expected:
                assert expected[name] == "", (row["participant"], name)
    assert len(computed) == len(of_service) > 0
    assert numbers > 5 * len(computed)


def test_days_and_persons_are_those_of_the_service(demo: str) -> None:
    days = cohort.days(STUDY)
    check_equal(diel_core.profiles(days).to_pylist(), stored(demo, "profiles"))
    rhythms = diel_core.rhythms(cohort.persons(days)).to_pylist()
    by_service = stored(demo, "rhythms")
    check_equal(rhythms, by_service)
    assert {row["verdict"] for row in rhythms} >= {"FLAT_FOR_REVIEW", "NOT_FLAT"}
    assert all(row["verdict"] == by_service[str(row["participant"]), ""]["verdict"] for row in rhythms)
