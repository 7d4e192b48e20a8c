"""Flight SQL through ADBC, and files over HTTP, are the tables that the package reads by gRPC."""

from __future__ import annotations

import adbc_driver_flightsql.dbapi as flight
import adbc_driver_manager
import diel
import polars
import pyarrow
import pyarrow.flight
import pytest
from polars.testing import assert_frame_equal

TABLES = ["profiles", "rhythms", "flags"]


@pytest.mark.parametrize("table", TABLES)
def test_polars_reads_what_the_package_reads(demo: str, table: str) -> None:
    with flight.connect(f"grpc://{demo}", autocommit=True) as connection:
        read = polars.read_database(f"SELECT * FROM demo.{table}", connection)
    known = getattr(diel.connect(demo).study("demo"), table)().to_polars()
    assert read.height == known.height > 1
    shared = [name for name in read.columns if name in known.columns and read[name].dtype == known[name].dtype]
    assert len(shared) > read.width / 2
    assert_frame_equal(read.select(shared), known.select(shared))


def test_arrow_has_units_types_and_conditions(demo: str) -> None:
    statement = "SELECT participant, sampling_date, slope_regression_ln_per_h FROM demo.profiles WHERE valid LIMIT 7"
    with flight.connect(f"grpc://{demo}", autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        table = cursor.fetch_arrow_table()
        tables = connection.adbc_get_objects().read_all().to_pylist()
    assert table.num_rows == 7
    assert table.schema.types == [pyarrow.string(), pyarrow.date32(), pyarrow.float64()]
    assert table.schema.field(2).metadata[b"unit"] == b"ln(nmol/L)/h"
    names = {
        table["table_name"]
        for catalog in tables
        for schema in catalog["catalog_db_schemas"] or []
        for table in schema["db_schema_tables"] or []
    }
    assert names == {*TABLES, "samples", "fits"}


def test_what_else_sql_has_is_refused_with_what_is_supported(demo: str) -> None:
    with flight.connect(f"grpc://{demo}", autocommit=True) as connection, connection.cursor() as cursor:
        for statement in [
            "SELECT count(*) FROM demo.flags",
            "DROP TABLE demo.flags",
            "SELECT * FROM demo.flags, demo.rhythms",
        ]:
            with pytest.raises(adbc_driver_manager.Error, match="supported is SELECT"):
                cursor.execute(statement)


def test_flight_without_flight_sql(demo: str) -> None:
    with pyarrow.flight.connect(f"grpc://{demo}") as client:
        for table in [*TABLES, "samples"]:
            info = client.get_flight_info(pyarrow.flight.FlightDescriptor.for_path("demo", table))
            read = client.do_get(info.endpoints[0].ticket).read_all()
            assert read.num_rows > 1
            assert read.schema == info.schema
            statement = pyarrow.flight.Ticket(f"SELECT * FROM demo.{table}")
            assert client.do_get(statement).read_all().equals(read)
        with pytest.raises(pyarrow.ArrowInvalid, match="a path has two, the study and the table"):
            client.get_flight_info(pyarrow.flight.FlightDescriptor.for_path("demo"))
        with pytest.raises(pyarrow.ArrowInvalid, match="supported is SELECT"):
            client.do_get(pyarrow.flight.Ticket("SELECT count(*) FROM demo.flags")).read_all()


def test_an_order_that_rows_do_not_have_is_refused(demo: str) -> None:
    with flight.connect(f"grpc://{demo}", autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT participant, day FROM demo.profiles ORDER BY participant, day")
        days = cursor.fetch_arrow_table().to_pylist()
        assert days == sorted(days, key=lambda row: (row["participant"], row["day"]))
        with pytest.raises(adbc_driver_manager.Error, match="come by participant, day"):
            cursor.execute("SELECT participant, day FROM demo.profiles ORDER BY mesor")
