"""Measures the core on a cluster of Spark on this machine, beside BioPsyKit's functions on the same cluster.

    python core/python/measure.py [SAMPLES [SAMPLES_IN_SMALL_BATCHES]]

Two executors of one core each read the same Parquet: a row a sampling day with a list of five samples, 10,000,000
samples where nothing is said. Asserts that what the executors compute is what one process computes, bit for bit: for
batches of 1003 rows all days, for batches of 3 and 1 those of the first 1,000,000 samples, because Spark takes its time
for every batch; and that a mixed model of the sums of all persons has the same digits. Then times both, an action that
computes every column and keeps none, after one that warms them up. BioPsyKit gets 20,000 days, because all would take
hours. Needs the wheel, pyspark and, for the comparison, biopsykit 0.14.0, which
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
PEER_DAYS = 20_000
FORMULA = "log(cortisol) ~ hours + car + (hours | participant) + (1 | participant:day)"
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


def persons(days: pa.Table) -> pa.Table:
    """A row a person with its days."""
    items = pa.StructArray.from_arrays(
        [days[name].combine_chunks() for name in ("sampling_date", "samples", "complete")],
        ["sampling_date", "samples", "complete"],
    )
    ends = np.append(np.arange(0, len(items), DAYS_A_PERSON), len(items)).astype(np.int32)
    return pa.table(
        {
            "participant": days["participant"].take(ends[:-1]),
            "days": pa.ListArray.from_arrays(ends, items),
            "complete": np.ones(len(ends) - 1, bool),
        }
    )


def model(spark: SparkSession, path: str) -> None:
    """A mixed model of the sums that executors made, and of those that one process made."""
    begin = time.perf_counter()
    terms = diel_core.spark.cohort_terms(spark.read.parquet(path), FORMULA).toArrow()
    summed = time.perf_counter()
    fit = diel_core.fit_cohort(terms)
    print(
        f"model: {fit.person_count:,} persons, {fit.observation_count:,} samples: {summed - begin:.1f} s to sum up on "
        f"executors and bring together, {time.perf_counter() - summed:.1f} s to fit",
        flush=True,
    )
    begin = time.perf_counter()
    alone = diel_core.cohort_terms(pq.read_table(path), FORMULA)
    print(f"one process sums up in {time.perf_counter() - begin:.1f} s", flush=True)
    assert fit.has_converged
    assert diel_core.fit_cohort(alone) == fit, "the model of the executors' sums has other digits"
    print("the model has the same digits", flush=True)


def main() -> None:
    """Measure and print."""
    days = (int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000) // SAMPLES_A_DAY
    some_days = min((int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000) // SAMPLES_A_DAY, days)
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
        pq.write_table(table.slice(0, some_days), f"{folder}/some.parquet", row_group_size=5_000)
        pq.write_table(table.slice(0, PEER_DAYS), f"{folder}/peer.parquet", row_group_size=5_000)
        pq.write_table(persons(table), f"{folder}/persons.parquet", row_group_size=20_000)
        begin = time.perf_counter()
        alone = diel_core.profiles(table)
        print(f"one process, one thread: {days / (time.perf_counter() - begin):,.0f} days/s", flush=True)
        del table
        read = spark.read.parquet(f"{folder}/days.parquet")
        for size, path, count in ((1003, "days", days), (3, "some", some_days), (1, "some", some_days)):
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
        model(spark, f"{folder}/persons.parquet")
        some = spark.read.parquet(f"{folder}/peer.parquet").repartition(2).cache()
        peer = some.mapInPandas(by_biopsykit, ", ".join(f"{name} double" for name in "abcdef"))
        timed(peer.limit(1))
        theirs = [PEER_DAYS / timed(peer) for _ in range(3)]
        print("BioPsyKit on the same, days/s:", *(f"{rate:,.0f}" for rate in theirs), flush=True)
        print(f"medians: {np.median(ours) / np.median(theirs):,.0f} times", flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
