"""A cluster of two executors gives what one process gives, whatever the sizes of its batches."""

import os
import sys
from collections.abc import Iterator
from typing import Any

import diel_core
import diel_core.spark
import pyarrow as pa
import pytest
from pyspark.errors import PythonException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    os.environ.update(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
    session = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.executor.memory", "512m")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    yield session
    session.stop()


def collected(frame: Any, *keys: str) -> pa.Table:
    return frame.toArrow().sort_by([(key, "ascending") for key in keys])


def same(table: pa.Table, expected: pa.Table) -> bool:
    """Bit for bit; Spark keeps neither metadata nor what cannot be null."""
    return table.cast(pa.schema([pa.field(f.name, f.type) for f in expected.schema])).equals(
        expected.cast(pa.schema([pa.field(f.name, f.type) for f in expected.schema]))
    )


@pytest.mark.parametrize("size", [1, 3, 1003])
def test_two_executors_give_what_one_process_gives(
    spark: SparkSession, days: pa.Table, persons: pa.Table, size: int
) -> None:
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", size)
    of_days = diel_core.spark.profiles(spark.createDataFrame(days).repartition(4))
    keys = ("participant", "sampling_date")
    expected = diel_core.profiles(days).sort_by([(key, "ascending") for key in keys])
    assert same(collected(of_days, *keys), expected)
    of_persons = diel_core.spark.rhythms(spark.createDataFrame(persons).repartition(4))
    assert same(collected(of_persons, "participant"), diel_core.rhythms(persons).sort_by("participant"))


def test_rows_of_samples_are_gathered_and_computed(spark: SparkSession, days: pa.Table, persons: pa.Table) -> None:
    """From one row a sample, as archives are, to persons: what is gathered by a key is complete."""
    frame = spark.createDataFrame(days)
    rows = frame.select("*", F.explode("samples").alias("sample")).drop("samples", "complete").repartition(5)
    keys = [name for name in days.column_names if name not in ("samples", "complete")]
    gathered = rows.groupBy(*keys).agg(F.collect_list("sample").alias("samples")).withColumn("complete", F.lit(True))
    expected = diel_core.profiles(days).sort_by([("participant", "ascending"), ("sampling_date", "ascending")])
    assert same(collected(diel_core.spark.profiles(gathered), "participant", "sampling_date"), expected)
    day = F.struct(*[name for name in days.column_names if name not in ("participant", "age_years")])
    people = gathered.groupBy("participant", "age_years").agg(F.collect_list(day).alias("days"))
    answer = diel_core.spark.rhythms(people.withColumn("complete", F.lit(True)))
    assert same(collected(answer, "participant"), diel_core.rhythms(persons).sort_by("participant"))


@pytest.mark.parametrize("partitions", [1, 2, 5, 16])
def test_models_have_the_digits_of_one_process(spark: SparkSession, persons: pa.Table, partitions: int) -> None:
    formula = "log(cortisol) ~ hours + car + (hours | participant) + (1 | participant:day)"
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", 3)
    frame = spark.createDataFrame(persons).repartition(partitions)
    terms = diel_core.spark.cohort_terms(frame, formula, limits="leave_out").toArrow()
    alone = diel_core.cohort_terms(persons, formula, limits="leave_out")
    assert diel_core.fit_cohort(terms) == diel_core.fit_cohort(alone)


def test_what_is_not_complete_fails_the_job(spark: SparkSession, days: pa.Table) -> None:
    frame = spark.createDataFrame(days).withColumn("complete", F.col("participant") != "SIM-0003")
    with pytest.raises(PythonException, match=r"participant SIM-0003\): complete: false; it must be true"):
        diel_core.spark.profiles(frame).collect()
