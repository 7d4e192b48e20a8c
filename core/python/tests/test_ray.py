"""Workers of Ray give what one process gives."""

import os
from collections.abc import Iterator

import diel_core
import pyarrow as pa
import pytest

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import ray  # it reads the line above


@pytest.fixture(scope="module", autouse=True)
def workers() -> Iterator[None]:
    ray.init(num_cpus=2, include_dashboard=False, _node_ip_address="127.0.0.1", log_to_driver=False)
    yield
    ray.shutdown()


@pytest.mark.parametrize("size", [3, 1003])
def test_workers_give_what_one_process_gives(days: pa.Table, size: int) -> None:
    answer = (
        ray.data.from_arrow(days)
        .repartition(4)
        .map_batches(diel_core.profiles, batch_format="pyarrow", batch_size=size)
    )
    keys = [("participant", "ascending"), ("sampling_date", "ascending")]
    parts = pa.concat_tables(ray.get(answer.to_arrow_refs())).sort_by(keys)
    assert parts.equals(diel_core.profiles(days).sort_by(keys))
