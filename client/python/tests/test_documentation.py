"""Every example of a docstring runs, against a running service."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import diel
import pytest

MODULES = [
    module.name
    for module in pkgutil.walk_packages(diel.__path__, "diel.")
    if not module.name.endswith(("_pb2", "_pb2_grpc"))
]


@pytest.mark.parametrize("module", ["diel", *MODULES])
def test_examples_give_what_they_say(demo: str, module: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(module), extraglobs={"address": demo})
    assert failed == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [test for module in ["diel", *MODULES] for test in finder.find(importlib.import_module(module))]
    assert sum(len(test.examples) for test in found) > 20


def test_everything_public_says_what_it_is() -> None:
    silent = [
        f"{name}.{member}"
        for name in diel.__all__
        if isinstance(thing := getattr(diel, name), type)
        for member in ["", *vars(thing)]
        if not member.startswith("_")
        and callable(part := getattr(thing, member) if member else thing)
        and not (part.__doc__ or "").strip()
    ]
    assert silent == []
