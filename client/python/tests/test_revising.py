"""Logs of tubes, and corrected results, from frames."""

from __future__ import annotations

import asyncio

import diel
import polars
import pytest
from diel import v1

TUBES = [
    {
        "participant": "P-1",
        "specimen": "T-1",
        "collected_at": "2026-03-02T07:05:00+01:00",
        "awakening_at": "2026-03-02T07:00",
    },
    {"participant": "P-1", "specimen": "T-2", "collected_at": "2026-03-02T21:30:00", "source": "electronic"},
    {"participant": "P-1", "awakening_at": "2026-03-03T06:40:00", "awakening_source": "actigraphy"},
]
RESULTS = [{"specimen": "T-1", "concentration": 14.2}, {"specimen": "T-2", "concentration": "<0.5"}]


def test_tubes_and_awakenings_meet_their_results(study: diel.Study) -> None:
    assert study.submit(RESULTS, unit="nmol/L").waiting_count == 2
    receipt = study.register(polars.DataFrame(TUBES), source="self-report")
    assert (receipt.stored_count, receipt.day_count, receipt.refused) == (2, 1, [])
    samples = {row["specimen"]: row for row in study.samples()}
    assert samples["T-1"]["participant"] == "P-1"
    again = study.register(TUBES, source="self-report")
    assert again.refused == []
    assert len(list(study.samples())) == 2


def test_rows_of_a_log_that_are_refused(study: diel.Study) -> None:
    bad = [*TUBES, {"participant": "P-1", "specimen": "T-3"}, {"participant": "P-1"}, {**TUBES[0], "source": "guess"}]
    with pytest.raises(diel.RowsRefusedError) as raised:
        study.register(bad)
    rules = [(row.row, row.field) for row in raised.value.receipt.refused]
    assert rules == [(3, "collected_at"), (4, "specimen"), (5, "source")]
    assert list(study.samples()) == []
    partly = study.register([*TUBES, {**TUBES[1], "specimen": "T/9"}], partial=True)
    assert [(row.row, row.field) for row in partly.refused] == [(3, "specimen")]
    assert (partly.stored_count, partly.refused_count) == (2, 1)
    with pytest.raises(diel.ColumnsError, match="neither a column specimen nor awakening_at"):
        study.register([{"participant": "P-1"}])
    with pytest.raises(ValueError, match="source: 'guess' is none of self-report, electronic, actigraphy"):
        study.register(TUBES, source="guess")


def test_results_are_amended_with_a_reason(study: diel.Study) -> None:
    study.register(TUBES)
    study.submit(RESULTS, unit="nmol/L")
    corrected = [{"specimen": "T-1", "concentration": 28.4}, RESULTS[1]]
    tried = study.amend(corrected, reason="dilution factor corrected", unit="nmol/L", validate_only=True)
    assert (tried.stored_count, tried.unchanged_count) == (1, 1)
    receipt = study.amend(polars.DataFrame(corrected, strict=False), reason="dilution factor corrected", unit="nmol/L")
    assert (receipt.stored_count, receipt.unchanged_count, receipt.refused) == (1, 1, [])
    assert [person.participant for person in receipt.persons] == ["P-1"]
    samples = {row["specimen"]: row for row in study.samples()}
    assert samples["T-1"]["concentration_nmol_per_l"] == 28.4
    with pytest.raises(diel.RowsRefusedError) as raised:
        study.amend([{"specimen": "T-9", "concentration": 1.0}], reason="no such tube", unit="nmol/L")
    assert [row.row for row in raised.value.receipt.refused] == [0]


def test_both_are_awaited_alike(address: str) -> None:
    async def revise() -> tuple[diel.RegisterReceipt, diel.AmendReceipt]:
        async with diel.connect_async(address) as client:
            study = await client.create_study("revised", display_name="Pilot", time_zone="Europe/Berlin")
            registered = await study.register(TUBES, source="self-report")
            await study.submit(RESULTS, unit="nmol/L")
            another = v1.Batch(lab="Lab 7", assay="ELISA")
            corrected = [{"specimen": "T-1", "concentration": 30.0}]
            with pytest.raises(diel.RowsRefusedError):
                await study.amend([{"specimen": "T-9", "concentration": 1.0}], reason="none", unit="nmol/L")
            with pytest.raises(TypeError, match="no such option: sourc"):
                await study.register(TUBES, sourc="self-report")  # type: ignore[call-arg]
            return registered, await study.amend(corrected, reason="run again", rerun=another, unit="nmol/L")

    registered, amended = asyncio.run(revise())
    assert registered.stored_count == 2
    assert (amended.stored_count, amended.refused) == (1, [])
