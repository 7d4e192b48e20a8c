"""A server that is killed and comes back: nothing is lost, nothing is stored twice."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import diel
import pytest

from service import Service, free_port

PATIENT = diel.RetryPolicy(max_tries=8, first_pause_s=0.2)


def rows(count: int) -> Iterator[dict[str, object]]:
    for number in range(count):
        yield {
            "participant": f"P-{number // 12}",
            "specimen": f"S-{number}",
            "collected_at": f"2026-03-0{number % 3 + 1}T{7 + number % 12:02}:05:00+01:00",
            "concentration": 1.0 + number % 17,
            "unit": "nmol/L",
        }


def test_a_stream_goes_on_after_the_server_was_killed(tmp_path: Path) -> None:
    database, listen = tmp_path / "diel.db", f"127.0.0.1:{free_port()}"
    service = Service(database, listen=listen)
    client = diel.connect(listen, retry=PATIENT)
    study = client.create_study("pilot", display_name="Pilot", time_zone="Europe/Berlin")
    restarted: list[Service] = []

    def interrupted() -> Iterator[dict[str, object]]:
        for number, row in enumerate(rows(12_000)):
            if number == 7_000:
                service.stop(signal.SIGKILL)
                clock = threading.Timer(0.5, lambda: restarted.append(Service(database, listen=listen)))
                clock.start()
            yield row

    try:
        receipt = study.submit(interrupted())
        assert restarted, "the server was to be killed on the way"
        # What was stored and not answered before the kill is known again, and counts as its first answer did.
        assert receipt.stored_count == 12_000 and receipt.refused == []
        assert study.samples().to_polars().height == 12_000
        again = study.submit(rows(12_000))
        assert again.answered_before_count == again.batch_count
    finally:
        for one in restarted:
            one.stop(signal.SIGTERM)


def test_a_call_is_tried_again_until_the_server_is_back(tmp_path: Path) -> None:
    database, listen = tmp_path / "diel.db", f"127.0.0.1:{free_port()}"
    service = Service(database, listen=listen)
    client = diel.connect(listen, retry=PATIENT)
    client.create_study("pilot", display_name="Pilot", time_zone="UTC")
    service.stop(signal.SIGKILL)
    restarted: list[Service] = []
    clock = threading.Timer(0.5, lambda: restarted.append(Service(database, listen=listen)))
    clock.start()
    assert client.study("pilot").get().display_name == "Pilot"
    assert restarted
    restarted[0].stop(signal.SIGTERM)
    with pytest.raises(diel.ServiceUnreachableError):
        diel.connect(listen, retry=diel.RetryPolicy(max_tries=1)).study("pilot").get()


def test_pauses_double_and_what_the_service_asks_for_is_honoured() -> None:
    policy = diel.RetryPolicy(max_tries=9)
    broken = diel.ServiceUnreachableError()
    for tries, full in enumerate([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0], start=1):
        pause = policy.pause_s(tries, broken)
        assert pause is not None and full / 2 <= pause <= full
    assert policy.pause_s(9, broken) is None

    def asking(seconds: float) -> diel.UnavailableError:
        return diel.UnavailableError(diel.Refusal(code="UNAVAILABLE", message="busy", retry_delay_s=seconds))

    assert policy.pause_s(1, asking(7.0)) == 7.0
    assert policy.pause_s(1, asking(3600.0)) is None
    assert policy.pause_s(1, diel.AnswerTimeoutError()) is None
    assert policy.pause_s(1, diel.NotFoundError(diel.Refusal(code="NOT_FOUND", message=""))) is None


def test_an_answer_that_never_comes_is_given_up_in_time() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        client = diel.connect(f"127.0.0.1:{silent.getsockname()[1]}", request_timeout_s=0.3)
        begun = time.monotonic()
        with pytest.raises(diel.AnswerTimeoutError):
            client.who_am_i()
        assert time.monotonic() - begun < 5
