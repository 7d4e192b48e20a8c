"""Rows into a study: frames, iterables, bad rows and repetitions."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import diel
import pandas
import polars
import pyarrow
import pytest

from service import FIXTURE

ROW = {
    "participant": "P-1",
    "collected_at": "2026-03-02T07:05:00+01:00",
    "awakening_at": "2026-03-02T07:00:00+01:00",
    "concentration": 12.4,
    "unit": "nmol/L",
}


def rows(**changes: object) -> list[dict[str, object]]:
    return [{**ROW, **changes}]


def frames() -> dict[str, object]:
    with FIXTURE.open(newline="") as file:
        mappings = list(csv.DictReader(file))
    return {
        "polars": polars.read_csv(FIXTURE),
        "polars_with_instants": polars.read_csv(FIXTURE).with_columns(
            polars.col("collected_at", "awakening_at").str.to_datetime(time_zone="Europe/Berlin")
        ),
        "pandas": pandas.read_csv(FIXTURE),
        "arrow": pyarrow.table(polars.read_csv(FIXTURE).to_arrow()),
        "mappings": mappings,
        "generator": iter(mappings),
    }


@pytest.mark.parametrize("kind", ["polars", "polars_with_instants", "pandas", "arrow", "mappings", "generator"])
def test_every_kind_of_rows_gives_the_rhythms_of_the_demonstration(study: diel.Study, demo: str, kind: str) -> None:
    receipt = study.submit(frames()[kind], lab="simulation", assay="simulation")
    assert (receipt.stored_count, receipt.refused) == (711, [])
    own, other = study.rhythms().to_polars(), diel.connect(demo).study("demo").rhythms().to_polars()
    names = ["policy", "flag"]
    assert own.drop(names).equals(other.drop(names))
    assert len(receipt.raised_flags) == study.flags().to_polars().height > 0


def test_rows_that_are_sent_again_are_stored_once(study: diel.Study) -> None:
    frame = polars.read_csv(FIXTURE)
    first = study.submit(frame)
    again = study.submit(frame)
    assert (first.stored_count, first.answered_before_count) == (711, 0)
    assert again.answered_before_count == again.batch_count == first.batch_count
    assert study.samples().to_polars().height == 711


def test_the_same_request_id_is_answered_as_the_first_time_and_refused_with_other_content(
    address: str, study: diel.Study
) -> None:
    client = diel.connect(address)
    request = diel.v1.SubmitBatchRequest(
        parent=study.name,
        request_id="plate-1",
        batch=diel.v1.Batch(lab="Lab 7", assay="ELISA"),
        results=[
            diel.v1.ResultInput(
                specimen="S-1",
                concentration=diel.v1.Measurement(value=4.2, unit=diel.v1.CONCENTRATION_UNIT_NMOL_PER_L),
            )
        ],
    )
    first = client.call(request, diel.v1.SubmitBatchResponse)
    again = client.call(request, diel.v1.SubmitBatchResponse)
    assert (first.stored_count, first.answered_before) == (1, False)
    assert (again.stored_count, again.answered_before, again.batch.name) == (1, True, first.batch.name)
    request.results[0].concentration.value = 4.3
    with pytest.raises(diel.AlreadyExistsError) as refused:
        client.call(request, diel.v1.SubmitBatchResponse)
    assert refused.value.reason == "REQUEST_ID_REUSED"


BAD = {
    "concentration": [
        ("eleven", "'eleven' is not a number"),
        (float("inf"), "is not finite"),
        (True, "is not a number"),
        ("<LOD", "lies below a limit that is not stated"),
    ],
    "unit": [("mg/dL", "which is none of nmol/L, ug/dL, ng/mL, ug/L"), (None, "has no unit")],
    "collected_at": [
        ("yesterday", "is no instant"),
        ("2026-03-29T02:30:00", "was shown never by the clocks of Europe/Berlin"),
        ("2025-10-26T02:30:00", "was shown twice by the clocks of Europe/Berlin"),
        (None, "is absent, and there is no specimen id"),
    ],
    "participant": [("P" * 60, "is too long to make a specimen id from")],
    "sex": [("2", "is none of female, male, other")],
    "conditions": [("influenza", "is no condition")],
}


@pytest.mark.parametrize(("column", "value", "rule"), [(name, *case) for name, cases in BAD.items() for case in cases])
def test_a_cell_that_cannot_be_read_is_refused_before_anything_is_sent(
    study: diel.Study, column: str, value: object, rule: str
) -> None:
    both = [ROW, {**ROW, "collected_at": "2026-03-02T08:05:00+01:00", column: value}]
    with pytest.raises(diel.RowsRefusedError) as refused:
        study.submit(both)
    (bad,) = refused.value.receipt.refused
    assert bad.row == 1 and rule in str(bad), bad
    assert study.samples().to_polars().is_empty()


def test_what_only_the_service_knows_comes_back_with_the_row_and_its_reason(study: diel.Study) -> None:
    bad = [
        {**ROW, "collected_at": f"2026-03-02T{hour:02}:05:00+01:00", "concentration": -3.0 if hour == 9 else 5.0}
        for hour in range(7, 12)
    ]
    with pytest.raises(diel.RowsRefusedError, match=r"row 2, concentration: .*-3") as refused:
        study.submit(bad)
    assert (refused.value.receipt.refused_count, refused.value.receipt.stored_count) == (5, 0)
    receipt = study.submit(bad, partial=True)
    assert (receipt.stored_count, [row.row for row in receipt.refused]) == (4, [2])


def test_validation_names_every_bad_row_and_stores_nothing(study: diel.Study) -> None:
    bad = [
        {**ROW, "specimen": "S-1"},
        {**ROW, "specimen": "S-2", "concentration": -1.0},
        {**ROW, "specimen": "S-3", "concentration": "eleven"},
    ]
    receipt = study.submit(bad, validate_only=True)
    assert sorted(row.row for row in receipt.refused) == [1, 2]
    assert study.samples().to_polars().is_empty()


def test_a_bad_row_of_an_iterable_refuses_what_follows(study: diel.Study) -> None:
    def source() -> Iterator[dict[str, object]]:
        yield from rows(specimen="S-1")
        yield from rows(specimen="S-2", concentration="eleven")
        yield from rows(specimen="S-3")

    with pytest.raises(diel.RowsRefusedError) as refused:
        study.submit(source())
    assert refused.value.receipt.stored_count == 1
    assert study.samples().to_polars()["specimen"].to_list() == ["S-1"]


def test_columns_that_are_not_known_are_refused_and_can_be_named(study: diel.Study) -> None:
    row = {"subject": "P-1", "collected_at": ROW["collected_at"], "cortisol": 5.0, "comment": "late"}
    with pytest.raises(diel.ColumnsError, match="'subject', 'cortisol', 'comment'"):
        study.submit([row])
    names = {"participant": "subject", "concentration": "cortisol"}
    receipt = study.submit([row], unit="nmol/L", columns=names, leave_out=["comment"])
    assert receipt.stored_count == 1


def test_limits_units_and_local_times_arrive_as_they_were_meant(study: diel.Study) -> None:
    study.submit(
        [
            {"participant": "P-1", "collected_at": "2026-03-02T07:05:00", "concentration": 0.5, "unit": "ug/dL"},
            {"participant": "P-1", "collected_at": "2026-03-02T22:05:00", "concentration": "<0.33", "unit": "nmol/L"},
            {"participant": "P-1", "collected_at": "2026-07-02T22:05:00", "concentration": "QNS", "unit": "nmol/L"},
        ]
    )
    found = list(study.samples())
    # 0.5 ug/dL = 5 ug/L / 362.46 g/mol = 13.7946 nmol/L.
    assert found[0]["concentration_nmol_per_l"] == pytest.approx(13.7946, abs=1e-4)
    assert [row["collected_at"] for row in found] == [
        "2026-03-02T07:05:00+01:00",
        "2026-03-02T22:05:00+01:00",
        "2026-07-02T22:05:00+02:00",
    ]
    assert [row["concentration_nmol_per_l"] for row in found[1:]] == [0.33, None]
    assert found[0]["specimen"] == "P-1.20260302T060500Z"
