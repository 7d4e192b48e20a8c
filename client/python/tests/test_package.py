"""What is built can be installed by itself, says which release it is, and keeps memory within bounds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import venv
from pathlib import Path

import diel
from diel import methods

from service import ROOT


def dist(pattern: str) -> Path:
    (found,) = Path(os.environ["DIEL_DIST"]).glob(pattern)
    return found


def test_the_version_is_the_services() -> None:
    cargo = tomllib.loads((ROOT / "Cargo.toml").read_text())
    assert diel.__version__ == cargo["workspace"]["package"]["version"]


def test_the_wheel_works_in_an_environment_of_its_own(demo: str, tmp_path: Path) -> None:
    venv.create(tmp_path)
    python = tmp_path / "bin" / "python"
    # The pip of this environment does it: to give the new one its own takes longer than all else.
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-compile", str(dist("*.whl"))], check=True)
    program = f"""
import diel
study = diel.connect("{demo}").study("demo")
print(sum(1 for _ in study.rhythms()))
try:
    study.rhythms().to_polars()
except diel.MissingExtraError as missing:
    print(missing)
"""
    done = subprocess.run([python, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["61", "polars is not installed: pip install 'diel[polars]'"]


def test_every_file_of_the_protocol_is_there_with_its_messages() -> None:
    files = sorted((ROOT / "proto" / "diel" / "v1").glob("*.proto"))
    text = "\n".join(file.read_text() for file in files)
    declared = re.findall(r"^(?:message|enum) (\w+)", text, re.MULTILINE)
    assert [name for name in declared if not hasattr(diel.v1, name)] == []
    calls = re.findall(r"^  rpc \w+\((?:stream )?(\w+)", text, re.MULTILINE)
    assert len(calls) > 80
    for name in calls:
        assert methods.of(getattr(diel.v1, name)()).request is getattr(diel.v1, name)


def test_the_source_distribution_holds_what_the_build_needs() -> None:
    with tarfile.open(dist("*.tar.gz")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"proto/diel/v1/rhythms.proto", "protocol_build.py", "src/diel/py.typed", "LICENSE"} <= names
    assert not any(name.endswith("_pb2.py") for name in names)


GROWTH = """
import resource, sys, diel

def rows(count):
    for number in range(count):
        yield {
            "participant": f"P-{number // 12}",
            "specimen": f"S-{number}",
            "collected_at": f"2026-03-0{number % 3 + 1}T{7 + number % 12:02}:05:00+01:00",
            "concentration": 1.0 + number % 17,
        }

client = diel.connect(sys.argv[1])
study = client.create_study("large", display_name="Large", time_zone="UTC")
study.submit(rows(10_000), unit="nmol/L", validate_only=True)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
receipt = study.submit(rows(100_000), unit="nmol/L")
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(receipt.stored_count, (after - before) // 1024)
"""


def test_a_hundred_thousand_rows_take_no_more_memory_than_ten_thousand(address: str) -> None:
    done = subprocess.run([sys.executable, "-c", GROWTH, address], check=True, capture_output=True, text=True)
    stored, growth_mib = map(int, done.stdout.split())
    # All rows at once are ten times what the 10,000 took; four batches of 2,000 are what is held either way.
    assert stored == 100_000
    assert growth_mib < 10, f"{growth_mib} MiB more"
