"""Days into a polars frame in several ways, each into as many rows; the bench `frames` runs it.

    frames.py ADDRESS CONSOLE ROWS
    frames.py --serve FILE.arrow      what the transport alone costs: rows of a file from memory, by the server of pyarrow
"""

import functools
import http.server
import io
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import adbc_driver_flightsql.dbapi
import grpc
import polars
import pyarrow
import pyarrow.flight
from diel.v1 import rhythms_pb2

if sys.argv[1] == "--serve":

    class FromMemory(pyarrow.flight.FlightServerBase):
        table = pyarrow.ipc.open_file(sys.argv[2]).read_all().combine_chunks()

        def do_get(self, context, ticket):
            return pyarrow.flight.RecordBatchStream(self.table.to_reader(max_chunksize=4096))

    server = FromMemory("grpc://127.0.0.1:0")
    print(server.port, flush=True)
    server.serve()

address, console, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
study = "bench"
times = 2  # the faster counts, so that each has met warm pages of the file system


def taken(name, read):
    best = float("inf")
    for _ in range(times):
        begun = time.perf_counter()
        frame = read()
        best = min(best, time.perf_counter() - begun)
        assert frame.height == rows, (name, frame.height)
    print(f"{name:<44}{best:8.2f} s{rows / best:14,.0f} rows/s", flush=True)
    return best


def flight(columns="*"):
    with adbc_driver_flightsql.dbapi.connect(f"grpc://{address}", autocommit=True) as connection:
        return polars.read_database(f"SELECT {columns} FROM {study}.profiles", connection)


def listed():
    """What a program does that pages: 1,000 rows a page, the most there are, each message into the cells of the table."""
    names = [field.name for field in rhythms_pb2.Profile.DESCRIPTOR.fields if field.message_type is None]
    names = [name for name in names if name not in ("name", "conditions", "findings", "absent_features")]
    columns = {name: [] for name in names}
    with grpc.insecure_channel(address) as channel:
        call = channel.unary_unary(
            "/diel.v1.Rhythms/ListProfiles",
            request_serializer=rhythms_pb2.ListProfilesRequest.SerializeToString,
            response_deserializer=rhythms_pb2.ListProfilesResponse.FromString,
        )
        request = rhythms_pb2.ListProfilesRequest(parent=f"studies/{study}", page_size=1000)
        while True:
            answer = call(request)
            for profile in answer.profiles:
                for name, column in columns.items():
                    column.append(getattr(profile, name))
            if not answer.next_page_token:
                return polars.DataFrame(columns)
            request.page_token = answer.next_page_token


def from_memory(port):
    with pyarrow.flight.connect(f"grpc://127.0.0.1:{port}") as client:
        return polars.from_arrow(client.do_get(pyarrow.flight.Ticket(b"")).read_all())


def downloaded(url):
    with urllib.request.urlopen(url) as answer:
        return polars.read_parquet(io.BytesIO(answer.read()))


by_flight = taken("Flight SQL", flight)
taken("Flight SQL, 3 of the 27 columns", lambda: flight("participant, sampling_date, slope_regression_ln_per_h"))
by_parquet = taken("Parquet from the service", lambda: downloaded(f"http://{console}/studies/{study}/profiles.parquet"))
with tempfile.TemporaryDirectory() as folder:
    flight().write_parquet(f"{folder}/days.parquet")
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=folder)) as files:
        threading.Thread(target=files.serve_forever, daemon=True).start()
        by_file = taken("Parquet file over loopback", lambda: downloaded(f"http://127.0.0.1:{files.server_port}/days.parquet"))
        files.shutdown()
    # As the service sends it: polars would write texts in another type.
    with pyarrow.flight.connect(f"grpc://{address}") as client:
        table = client.do_get(pyarrow.flight.Ticket(f"SELECT * FROM {study}.profiles".encode())).read_all()
    with pyarrow.OSFile(f"{folder}/days.arrow", "wb") as file, pyarrow.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    del table
    served = subprocess.Popen([sys.executable, __file__, "--serve", f"{folder}/days.arrow"], stdout=subprocess.PIPE, text=True)
    try:
        port = int(served.stdout.readline())
        taken("Flight of pyarrow from memory", lambda: from_memory(port))
    finally:
        served.kill()
times = 1
by_list = taken("ListProfiles, 1,000 rows a page", listed)
print(f"Flight SQL is {by_list / by_flight:.1f} times as fast as the list, {by_file / by_flight:.2f} of the file")
