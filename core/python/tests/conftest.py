from pathlib import Path

import cohort
import pyarrow as pa
import pytest


@pytest.fixture(scope="session")
def cohort_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Adults and a few below four years, values below a limit, tubes that never arrived, a change of the clocks."""
    options = ["--persons", "60", "--days", "3", "--seed", "7", "--limit-of-detection", "1", "--missing", "0.05"]
    zone = ["--time-zone", "Europe/Berlin", "--start-date", "2026-03-28", "--age-years", "3..60"]
    schedule = ["--schedule", "0,0.5,1.5,4,9,12.5,15"]
    return cohort.simulate(tmp_path_factory.mktemp("cohort"), *options, *zone, *schedule)


@pytest.fixture(scope="session")
def days(cohort_file: Path) -> pa.Table:
    return cohort.days(cohort_file)


@pytest.fixture(scope="session")
def persons(days: pa.Table) -> pa.Table:
    return cohort.persons(days)
