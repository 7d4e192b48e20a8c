"""The blocks of docs/cluster.md and the examples of docstrings are run as they stand."""

import doctest
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import diel_core
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import ray  # it reads the line above

PAGE = Path(__file__).parents[3] / "docs" / "cluster.md"


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    os.environ.update(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    yield session
    session.stop()


def without_limits(days: pa.Table) -> pa.Table:
    """Samples as the page has them: hours, nmol/L and a qualifier, none of them beyond a limit."""
    fields = ("hours_since_awakening", "concentration_nmol_per_l", "qualifier")
    rows = [
        {
            "participant": day["participant"],
            "sampling_date": day["sampling_date"],
            "samples": [{name: s[name] for name in fields} for s in day["samples"] if s["qualifier"] != "<"],
            "complete": True,
        }
        for day in days.to_pylist()
    ]
    sample = pa.struct({fields[0]: pa.float64(), fields[1]: pa.float64(), fields[2]: pa.string()})
    kinds = {
        "participant": pa.string(),
        "sampling_date": pa.date32(),
        "samples": pa.list_(sample),
        "complete": pa.bool_(),
    }
    return pa.Table.from_pylist(rows, pa.schema(kinds))


def test_every_block_of_the_page_runs(spark: SparkSession, days: pa.Table, persons: pa.Table, tmp_path: Path) -> None:
    plain = without_limits(days)
    pq.write_table(plain, tmp_path / "days.parquet")
    pq.write_table(persons, tmp_path / "persons.parquet")
    samples = [
        {"participant": day["participant"], "sampling_date": day["sampling_date"], **sample}
        for day in plain.to_pylist()
        for sample in day["samples"]
    ]
    pq.write_table(pa.Table.from_pylist(samples), tmp_path / "samples.parquet")
    ray.init(num_cpus=2, include_dashboard=False, _node_ip_address="127.0.0.1", log_to_driver=False)
    world: dict[str, Any] = {"spark": spark}
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    try:
        for number, block in enumerate(blocks):
            # Spark has a working folder of its own; Ray writes beside it.
            here = re.sub(r'"(\w+\.parquet|rhythms)"', rf'"{tmp_path}/\1"', block)
            exec(here.replace('"profiles"', f'"{tmp_path}/profiles-{number}"'), world)
    finally:
        ray.shutdown()
    assert len(blocks) >= 4
    by_ray = pq.read_table(tmp_path / f"profiles-{len(blocks) - 1}")
    assert by_ray.num_rows == days.num_rows
    assert [effect.name for effect in world["fit"].fixed] == ["(Intercept)", "hours", "car"]
    assert world["fit"].has_converged
    assert pq.read_table(tmp_path / "rhythms").num_rows == persons.num_rows
    assert world["rhythms"].equals(diel_core.rhythms(persons))


def test_examples_give_what_they_say() -> None:
    failed, tried = doctest.testmod(diel_core)
    assert failed == 0
    assert tried > 10
