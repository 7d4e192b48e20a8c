"""Persons summed up apart and fitted together: the digits of one process, and the model of `diel cohort fit`."""

import dataclasses
import json
import math
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cohort
import diel_core
import pyarrow as pa
import pytest

DAYS = "log(cortisol) ~ hours + car + (hours | participant) + (1 | participant:day)"
AGES = 'log(cortisol) ~ hours * I(age_years - 40) + (sex == "female") + (1 + hours || participant)'


@pytest.fixture(scope="module")
def whole_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Without limits, and with tubes that never arrived."""
    options = ["--persons", "80", "--days", "3", "--seed", "11", "--missing", "0.05", "--age-years", "18..60"]
    return cohort.simulate(tmp_path_factory.mktemp("models"), *options, "--schedule", "0,0.5,1.5,4,9,12.5,15")


@pytest.fixture(scope="module")
def people(whole_file: Path) -> pa.Table:
    table = cohort.persons(cohort.days(whole_file))
    return table.append_column("sex", pa.array(["female", "male"] * (table.num_rows // 2)))


def shuffled(table: pa.Table, seed: int) -> pa.Table:
    """The same persons, days and samples, each in another order."""
    order = random.Random(seed)
    rows = table.to_pylist()
    order.shuffle(rows)
    for row in rows:
        order.shuffle(row["days"])
        for day in row["days"]:
            order.shuffle(day["samples"])
    return pa.Table.from_pylist(rows, table.schema)


def in_parts(table: pa.Table, size: int, formula: str) -> pa.Table:
    batches = table.to_batches(max_chunksize=size)
    return pa.Table.from_batches([diel_core.cohort_terms(batch, formula) for batch in batches])


def written(path: Path, *options: str) -> Any:
    command = [cohort.DIEL, "cohort", "fit", path, "--formula", DAYS, "--format", "json", *options]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def close(left: float, right: float, tolerance: float = 1e-7) -> bool:
    return math.isclose(left, right, rel_tol=tolerance, abs_tol=1e-9)


@pytest.mark.parametrize("formula", [DAYS, AGES])
def test_parts_have_the_digits_of_the_whole(people: pa.Table, formula: str) -> None:
    whole = diel_core.fit_cohort(diel_core.cohort_terms(people, formula))
    assert whole.has_converged
    assert whole.person_count == 80
    for seed, size in enumerate((1, 3, 79, 1003)):
        parts = in_parts(shuffled(people, seed), size, formula)
        assert diel_core.fit_cohort(parts) == whole


@pytest.mark.parametrize(("criterion", "options"), [("reml", []), ("ml", ["--ml"])])
def test_the_model_is_that_of_the_command_line(
    whole_file: Path, people: pa.Table, criterion: str, options: list[str]
) -> None:
    fit = diel_core.fit_cohort(in_parts(people, 7, DAYS), criterion)
    told = written(whole_file, *options)
    assert told["optimizer"]["converged"]
    assert fit.observation_count == told["n_observations"]
    assert fit.groups == told["groups"]
    assert close(fit.log_likelihood, told["log_likelihood"], 1e-10)
    assert close(fit.residual_sd, told["residual_sd"])
    for ours, theirs in zip(fit.fixed, told["fixed"], strict=True):
        assert ours.name == theirs["name"]
        for field in ("estimate", "se", "df", "t", "lower", "upper"):
            assert close(getattr(ours, field), theirs[field], 1e-6), (ours.name, field)
    for ours, theirs in zip(fit.random, told["random"], strict=True):
        assert (ours.group, ours.terms) == (theirs["group"], theirs["terms"])
        assert all(close(left, right, 1e-5) for left, right in zip(ours.sd, theirs["sd"], strict=True))


def refusal(compute: Callable[..., Any], *arguments: Any) -> str:
    with pytest.raises(diel_core.RefusedInputError) as raised:
        compute(*arguments)
    return str(raised.value)


def test_persons_that_are_not_whole_or_come_twice(people: pa.Table) -> None:
    one = people.slice(0, 1).to_pylist()[0]
    open_ended = pa.Table.from_pylist([{**one, "complete": None}], people.schema)
    assert "complete: null; it must be true" in refusal(diel_core.cohort_terms, open_ended, DAYS)
    part = pa.Table.from_pylist([{**one, "days": [{**one["days"][0], "complete": False}]}], people.schema)
    assert "days[0].complete: false; it must be true" in refusal(diel_core.cohort_terms, part, DAYS)
    twice = pa.concat_tables([people.slice(0, 1)] * 2).combine_chunks()
    text = "row 1 (participant SIM-0001): the participant has a row already"
    assert refusal(diel_core.cohort_terms, twice.to_batches()[0], DAYS).startswith(text)
    apart = pa.concat_tables([in_parts(people, 7, DAYS), in_parts(people.slice(5, 1), 1, DAYS)])
    text = "row 80 (participant SIM-0006): the participant has a row already; a person is summed up once, with all days"
    assert refusal(diel_core.fit_cohort, apart) == text


def test_rows_that_do_not_belong_together(people: pa.Table) -> None:
    other = pa.concat_tables([in_parts(people.slice(0, 9), 9, DAYS), in_parts(people.slice(9), 99, AGES)])
    assert refusal(diel_core.fit_cohort, other).startswith(
        "row 9 (participant SIM-0010): formula: log(cortisol) ~ hours *"
    )
    terms = in_parts(people, 99, DAYS)
    place = terms.column_names.index("method")
    older = terms.set_column(place, "method", pa.array(["cohort-terms@0"] * 80))
    assert "these sums are read: cohort-terms@1" in refusal(diel_core.fit_cohort, older)
    assert "there are no rows" in refusal(diel_core.fit_cohort, terms.slice(0, 0))
    assert 'criterion: "aic" is none of reml and ml' in refusal(diel_core.fit_cohort, terms, "aic")
    place = terms.column_names.index("means")
    short = terms.set_column(place, "means", pa.array([[1.0]] * 80))
    assert "means has 1 numbers; 3 groups of 4 columns have 12" in refusal(diel_core.fit_cohort, short)
    with pytest.raises(TypeError, match="dict is not Arrow data"):
        diel_core.fit_cohort({})


def test_formulas_that_want_all_rows(people: pa.Table) -> None:
    for formula, text in (
        (
            "log(cortisol) ~ scale(hours) + (1 | participant)",
            "`scale(hours)` takes its levels, mean or spread from all",
        ),
        ("log(cortisol) ~ hours + sex + (1 | participant)", "`sex` takes its levels"),
        ("log(cortisol) ~ hours + (1 | group)", "random terms of group: persons are summed up one by one"),
        ("log(cortisol) ~ hours", "the model has no random term"),
        ("log(cortisol) ~ hous + (1 | participant)", "did you mean `hours`"),
        ("log(cortisol) ~ hours +", "formula: "),
    ):
        assert text in refusal(diel_core.cohort_terms, people, formula), formula
    doubled = in_parts(people, 99, "log(cortisol) ~ hours + I(2 * hours) + (1 | participant)")
    assert "combination of others" in refusal(diel_core.fit_cohort, doubled)


def test_samples_beyond_a_limit(persons: pa.Table) -> None:
    """The cohort of the other tests, of which some samples are below a limit of detection."""
    text = refusal(diel_core.cohort_terms, persons, DAYS)
    assert "is known only as beyond the limit 0" in text
    assert text.startswith("row ")
    terms = diel_core.cohort_terms(persons, DAYS, None, "leave_out")
    fit = diel_core.fit_cohort(terms)
    below = sum(
        sample["qualifier"] == "<"
        for person in persons.to_pylist()
        for day in person["days"]
        for sample in day["samples"]
    )
    assert 0 < fit.beyond_limits_count <= below
    assert fit.observation_count == sum(sum(row["observation_counts"]) for row in terms.to_pylist())
    assert 'limits: "zero" is none of refuse and leave_out' in refusal(
        diel_core.cohort_terms, persons, DAYS, None, "zero"
    )


def test_a_model_of_terms_is_plain_data(people: pa.Table) -> None:
    fit = diel_core.fit_cohort(diel_core.cohort_terms(people, DAYS))
    table = pa.Table.from_pylist([dataclasses.asdict(effect) for effect in fit.fixed])
    assert table["name"].to_pylist() == ["(Intercept)", "hours", "car"]
    assert [effect.group for effect in fit.random] == ["participant", "participant:day"]
