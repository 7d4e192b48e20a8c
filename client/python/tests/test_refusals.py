"""Errors say what, where and which rule, as a class for each way out."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import time
from pathlib import Path

import diel
import pytest
from diel import v1

from service import Service, free_port, run


def test_a_bad_request_names_every_field(address: str) -> None:
    client = diel.connect(address)
    with pytest.raises(diel.InvalidRequestError) as refused:
        client.create_study("nameless", display_name="", time_zone="Mars/Olympus")
    error = refused.value
    assert (error.code, error.reason) == ("INVALID_ARGUMENT", "INVALID_FIELD")
    assert {violation.field for violation in error.violations} == {"study.display_name", "study.time_zone"}
    assert "Mars/Olympus" in str(error) and "study.display_name" in str(error)
    assert isinstance(error, ValueError)


def test_what_is_not_there_and_what_is_there_already(address: str, study: diel.Study) -> None:
    client = diel.connect(address)
    with pytest.raises(diel.NotFoundError, match="studies/nowhere"):
        client.study("nowhere").get()
    with pytest.raises(diel.AlreadyExistsError) as refused:
        client.create_study(study.name.removeprefix("studies/"), display_name="Pilot", time_zone="UTC")
    assert refused.value.reason == "RESOURCE_EXISTS"


def test_a_decision_on_a_flag_that_has_moved_on_is_overtaken(demo: str) -> None:
    study = diel.connect(demo).study("demo")
    flag = next(iter(study.flags(states=["open"])))
    name, etag = str(flag["name"]), str(flag["etag"])
    diel.connect(demo).call(v1.ClaimFlagRequest(name=name, etag=etag), v1.Flag)
    with pytest.raises(diel.OvertakenError) as refused:
        study.resolve_flag(name, decision="dismissed", reason="late bedtimes", etag=etag)
    assert refused.value.refusal.metadata["kind"] == "CLAIMED"
    with pytest.raises(ValueError, match="decision: 'maybe' is none of CONFIRMED"):
        study.resolve_flag(name, decision="maybe", reason="late bedtimes", etag=etag)


def test_nobody_there_is_told_after_all_tries() -> None:
    client = diel.connect(f"127.0.0.1:{free_port()}", retry=diel.RetryPolicy(max_tries=3, first_pause_s=0.05))
    begun = time.monotonic()
    with pytest.raises(diel.ServiceUnreachableError, match="cannot be reached"):
        client.who_am_i()
    # Two pauses of 50 and 100 ms, each at least half.
    assert 0.075 <= time.monotonic() - begun < 10


def test_an_address_that_is_none_is_refused_at_once() -> None:
    for text in ["localhost", "ftp://localhost:1", "http://:50151", "localhost:port", "http://localhost:1/path"]:
        with pytest.raises(diel.AddressError, match="is not the address of a service"):
            diel.connect(text)


def test_tokens_are_asked_for_and_told_apart(tmp_path: Path) -> None:
    database = tmp_path / "diel.db"
    with Service(database, DIEL_ACCESS="tokens") as service:
        secret = tmp_path / "admin.token"
        run("token", "bootstrap", "--database", f"sqlite://{database}", "--out", str(secret))
        for token, reason in [(None, "TOKEN_MISSING"), ("diel_" + "0" * 64, "TOKEN_UNKNOWN")]:
            with pytest.raises(diel.NotAuthenticatedError) as refused:
                diel.connect(service.address, token=token).who_am_i()
            assert refused.value.reason == reason
        admin = diel.connect(service.address, token_file=secret)
        admin.create_study("pilot", display_name="Pilot", time_zone="UTC")
        made = admin.call(
            v1.CreateTokenRequest(
                parent="principals/lab", grants=[v1.Grant(role=v1.ROLE_SUBMITTER, study="studies/pilot")]
            ),
            v1.CreateTokenResponse,
        )
        lab = diel.connect(service.address, token=made.secret)
        assert lab.who_am_i().principal.name == "principals/lab"
        with pytest.raises(diel.NotPermittedError) as refused:
            list(lab.study("pilot").rhythms())
        assert refused.value.reason == "ROLE_MISSING" and "needs the role researcher or reviewer" in str(refused.value)
        assert refused.value.refusal.metadata["method"].endswith("StreamRhythms")
        # A lifetime is a day at least: the end of this one is put into the past in the database itself.
        late = admin.call(v1.CreateTokenRequest(parent="principals/late"), v1.CreateTokenResponse)
        with contextlib.closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("update tokens set expires_us = created_us where principal = 'late'")
        with pytest.raises(diel.NotAuthenticatedError) as refused:
            diel.connect(service.address, token=late.secret).who_am_i()
        assert refused.value.reason == "TOKEN_EXPIRED"
        admin.call(v1.RevokeTokenRequest(name=made.token.name), v1.Token)
        with pytest.raises(diel.NotAuthenticatedError) as refused:
            lab.who_am_i()
        assert refused.value.reason == "TOKEN_REVOKED"


def test_tls_trusts_the_authority_that_it_is_told(tmp_path: Path) -> None:
    certificate, key = tmp_path / "server.pem", tmp_path / "server.key"
    elliptic = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", *elliptic, *subject, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    settings = {"DIEL_TLS_CERTIFICATE": str(certificate), "DIEL_TLS_KEY": str(key)}
    with Service(tmp_path / "diel.db", **settings) as service:
        url, once = f"https://{service.address}", diel.RetryPolicy(max_tries=1)
        trusting = diel.connect(url, ca_certificate=certificate.read_bytes(), retry=once)
        assert trusting.who_am_i().open_access
        with pytest.raises(diel.ServiceUnreachableError):
            diel.connect(url, retry=once).who_am_i()


def test_a_token_never_shows_and_never_goes_far_without_tls() -> None:
    with pytest.warns(UserWarning, match=r"diel\.example\.org without TLS"):
        diel.connect("diel.example.org:50151", token="secret")
    with pytest.raises(diel.AddressError, match="visible ASCII") as refused:
        diel.connect("localhost:50151", token="se\ncret")
    assert "cret" not in str(refused.value)
