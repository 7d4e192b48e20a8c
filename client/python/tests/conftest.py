"""One demonstration for all tests that only read, one empty service for those that write."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import diel
import pytest

from service import Demo, Service

_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def demo() -> Iterator[str]:
    """The address of a service with the simulated study."""
    with Demo() as running:
        yield running.address


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty service."""
    with Service(tmp_path_factory.mktemp("service") / "diel.db") as running:
        yield running.address


@pytest.fixture
def study(address: str) -> Iterator[diel.Study]:
    """A study of its own."""
    with diel.connect(address) as client:
        yield client.create_study(f"study-{next(_NUMBERS)}", display_name="Pilot", time_zone="Europe/Berlin")
