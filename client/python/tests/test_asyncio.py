"""The client for asyncio does what the other one does."""

from __future__ import annotations

import asyncio
import io
import signal
from collections.abc import Iterator
from pathlib import Path

import diel
import polars
import pytest
from diel import v1
from matplotlib.figure import Figure

from service import FIXTURE, Service, free_port


def test_tables_are_the_same_as_without_asyncio(demo: str) -> None:
    async def read() -> list[polars.DataFrame]:
        async with diel.connect_async(demo) as client:
            study = client.study("demo")
            queries = [study.profiles(), study.rhythms(), study.flags(), study.samples()]
            return list(await asyncio.gather(*(query.to_polars() for query in queries)))

    study = diel.connect(demo).study("demo")
    expected = [study.profiles(), study.rhythms(), study.flags(), study.samples()]
    for frame, query in zip(asyncio.run(read()), expected, strict=True):
        assert frame.equals(query.to_polars())


def test_pictures_are_the_same_as_without_asyncio(demo: str) -> None:
    async def draw() -> tuple[Figure, Figure, list[str]]:
        async with diel.connect_async(demo) as client:
            study = client.study("demo")
            names = [study.name async for study in client.studies()]
            return await study.plot("SIM-0001"), await study.plot_cohort(), names

    person, cohort, names = asyncio.run(draw())
    study = diel.connect(demo).study("demo")
    assert names == ["studies/demo"]
    assert image(person) == image(study.plot("SIM-0001"))
    assert image(cohort) == image(study.plot_cohort())


def image(figure: Figure) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def test_a_flag_is_resolved_once(address: str) -> None:
    async def resolve() -> tuple[int, str]:
        async with diel.connect_async(address) as client:
            study = await client.create_study("reviewed", display_name="Pilot", time_zone="Europe/Berlin")
            await study.submit(polars.read_csv(FIXTURE), lab="simulation", assay="simulation")
            flag = await anext(aiter(study.flags().messages()))
            decision = {"decision": "dismissed", "reason": "Late bedtime samples", "etag": flag.etag}
            resolved = await study.resolve_flag(flag.name, **decision)
            with pytest.raises(diel.OvertakenError):
                await study.resolve_flag(flag.name, **decision)
            return resolved.state, (await client.who_am_i()).principal.name

    assert asyncio.run(resolve()) == (v1.FLAG_STATE_RESOLVED, "principals/local")


def test_limits_and_rows_one_by_one(demo: str) -> None:
    async def read() -> list[object]:
        async with diel.connect_async(demo) as client:
            return [row["participant"] async for row in client.study("demo").rhythms(limit=2)]

    assert asyncio.run(read()) == ["SIM-0001", "SIM-0002"]


def test_frames_are_submitted_and_bad_rows_come_back(address: str) -> None:
    async def submit() -> tuple[diel.Receipt, diel.RowsRefusedError]:
        async with diel.connect_async(address) as client:
            study = await client.create_study("awaited", display_name="Pilot", time_zone="Europe/Berlin")
            receipt = await study.submit(polars.read_csv(FIXTURE), lab="simulation", assay="simulation")
            bad = [{"participant": "P-1", "collected_at": "2026-03-02T07:05:00", "concentration": -1.0}]
            with pytest.raises(diel.RowsRefusedError) as refused:
                await study.submit(bad, unit="nmol/L")
            with pytest.raises(TypeError, match="no such option: labb"):
                await study.submit(bad, labb="Lab 7")  # type: ignore[call-arg]
            return receipt, refused.value

    receipt, refused = asyncio.run(submit())
    assert (receipt.stored_count, receipt.refused) == (711, [])
    assert [(row.row, row.field) for row in refused.receipt.refused] == [(0, "concentration")]


def test_errors_are_the_same(address: str) -> None:
    async def ask() -> None:
        async with diel.connect_async(address) as client:
            await client.study("nowhere").get()

    with pytest.raises(diel.NotFoundError, match="studies/nowhere"):
        asyncio.run(ask())


def test_a_stream_goes_on_after_the_server_was_killed(tmp_path: Path) -> None:
    database, listen = tmp_path / "diel.db", f"127.0.0.1:{free_port()}"
    services = [Service(database, listen=listen)]

    def interrupted() -> Iterator[dict[str, object]]:
        for number in range(12_000):
            if number == 7_000:
                services[0].stop(signal.SIGKILL)
                services.append(Service(database, listen=listen))
            yield {
                "participant": f"P-{number // 12}",
                "specimen": f"S-{number}",
                "collected_at": f"2026-03-0{number % 3 + 1}T{7 + number % 12:02}:05:00+01:00",
                "concentration": 1.0 + number % 17,
            }

    async def submit() -> diel.Receipt:
        retry = diel.RetryPolicy(max_tries=8, first_pause_s=0.2)
        async with diel.connect_async(listen, retry=retry) as client:
            study = await client.create_study("pilot", display_name="Pilot", time_zone="Europe/Berlin")
            return await study.submit(interrupted(), unit="nmol/L")

    try:
        receipt = asyncio.run(submit())
    finally:
        services[-1].stop(signal.SIGTERM)
    assert len(services) == 2
    assert (receipt.stored_count, receipt.refused) == (12_000, [])
