"""Measures the core on a cluster of Spark on this machine, beside BioPsyKit's functions on the same cluster.

    python core/python/measure.py [SAMPLES]

Two executors of one core each read the same Parquet: a row a sampling day with a list of five samples, 10,000,000
samples where nothing is said. Asserts that what the executors compute is what one process computes, bit for bit: for
batches of 1003 rows all days, for batches of 3 and 1 the first 20,000, because Spark takes its time for every batch.
Then times both, an action that computes every column and keeps none, after one that warms them up. BioPsyKit gets the
20,000 days too, because all would take hours. Needs the wheel, pyspark and, for the comparison, biopsykit 0.14.0, which
wants pandas below 3, NumPy below 2 and so pyarrow below 24.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import diel_core
import diel_core.spark
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

SAMPLES_A_DAY = 5
DAYS_A_PERSON = 3
SOME_DAYS = 20_000
KEYS = [("participant", "ascending"), ("sampling_date", "ascending")]


def cohort(days: int) -> pa.Table:
    """Days of samples around exp(2.5 - 0.12 t) with a step after awakening; seed 1."""
    random = np.random.default_rng(1)
    planned = np.array([0.0, 0.5, 4.0, 9.0, 15.0])
    hours = np.round(planned + random.uniform(0, 0.2, (days, SAMPLES_A_DAY)), 4)
    ln = 2.5 - 0.12 * hours + 0.4 * (planned == 0.5) + random.normal(0, 0.35, hours.shape)
    samples = pa.StructArray.from_arrays(
        [hours.ravel(), np.round(np.exp(ln), 4).ravel()], ["hours_since_awakening", "concentration_nmol_per_l"]
    )
    offsets = np.arange(0, hours.size + 1, SAMPLES_A_DAY, dtype=np.int32)
    number = np.arange(days)
    first = np.datetime64("2026-03-02")
    return pa.table(
        {
            "participant": pa.array([f"SIM-{person:07}" for person in number // DAYS_A_PERSON]),
            "sampling_date": pa.array(first + number % DAYS_A_PERSON),
            "samples": pa.ListArray.from_arrays(offsets, samples),
            "complete": np.ones(days, bool),
        }
    )


def by_biopsykit(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """The areas, increases and slope of each day; functions that work on all days of a batch at once."""
    from biopsykit import saliva

    for frame in frames:
        lists = frame["samples"].tolist()
        width = len(lists[0])
        raw = pd.DataFrame(
            {
                "subject": np.repeat(frame["participant"].to_numpy(), width),
                "day": np.repeat(frame["sampling_date"].to_numpy(), width),
                "sample": [f"S{sample}" for _ in lists for sample in range(width)],
                "cortisol": [sample["concentration_nmol_per_l"] for samples in lists for sample in samples],
                "time": [60 * sample["hours_since_awakening"] for samples in lists for sample in samples],
            }
        ).set_index(["subject", "day", "sample"])
        parts = [
            saliva.auc(raw),
            saliva.max_increase(raw),
            saliva.slope(raw, sample_labels=("S0", f"S{width - 1}")),
            saliva.max_value(raw),
            saliva.initial_value(raw),
            saliva.standard_features(raw),
        ]
        yield pd.concat(parts, axis=1).iloc[:, :6].astype(float).set_axis(list("abcdef"), axis=1)


def timed(frame: Any) -> float:
    """Seconds to compute all of a frame."""
    begin = time.perf_counter()
    frame.write.format("noop").mode("overwrite").save()
    return time.perf_counter() - begin


def bits(table: pa.Table) -> pa.Table:
    """In one order, without what Spark does not keep."""
    plain = pa.schema([pa.field(field.name, field.type) for field in table.schema])
    return table.cast(plain).sort_by(KEYS).combine_chunks()


def main() -> None:
    """Measure and print."""
    days = (int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000) // SAMPLES_A_DAY
    os.environ.update(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
    spark = (
        SparkSession.builder.master("local-cluster[2,1,2048]")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.executor.memory", "2g")
        .config("spark.driver.memory", "4g")
        .config("spark.sql.files.maxPartitionBytes", "8m")
        .getOrCreate()
    )
    with tempfile.TemporaryDirectory() as folder:
        table = cohort(days)
        pq.write_table(table, f"{folder}/days.parquet", row_group_size=50_000)
        pq.write_table(table.slice(0, SOME_DAYS), f"{folder}/some.parquet", row_group_size=5_000)
        begin = time.perf_counter()
        alone = diel_core.profiles(table)
        print(f"one process, one thread: {days / (time.perf_counter() - begin):,.0f} days/s", flush=True)
        del table
        read = spark.read.parquet(f"{folder}/days.parquet")
        for size, path, count in ((1003, "days", days), (3, "some", SOME_DAYS), (1, "some", SOME_DAYS)):
            spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", size)
            begin = time.perf_counter()
            some = spark.read.parquet(f"{folder}/{path}.parquet")
            diel_core.spark.profiles(some).write.mode("overwrite").parquet(f"{folder}/answer")
            seconds = time.perf_counter() - begin
            equal = bits(pq.read_table(f"{folder}/answer")).equals(bits(alone.slice(0, count)))
            assert equal, f"batches of {size} rows differ from one process"
            print(f"batches of {size}: {count:,} days, equal bit for bit, {seconds:.1f} s to Parquet", flush=True)
        spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", 10_000)
        timed(diel_core.spark.profiles(read.limit(1)))
        ours = [days / timed(diel_core.spark.profiles(read)) for _ in range(3)]
        print("diel-core on two executors, days/s:", *(f"{rate:,.0f}" for rate in ours), flush=True)
        some = spark.read.parquet(f"{folder}/some.parquet").repartition(2).cache()
        peer = some.mapInPandas(by_biopsykit, ", ".join(f"{name} double" for name in "abcdef"))
        timed(peer.limit(1))
        theirs = [SOME_DAYS / timed(peer) for _ in range(3)]
        print("BioPsyKit on the same, days/s:", *(f"{rate:,.0f}" for rate in theirs), flush=True)
        print(f"medians: {np.median(ours) / np.median(theirs):,.0f} times", flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
