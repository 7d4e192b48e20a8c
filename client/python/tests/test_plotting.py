"""Pictures show what the service computed."""

from __future__ import annotations

import math
from pathlib import Path

import diel
import pytest

from service import run


def study(address: str) -> diel.Study:
    return diel.connect(address).study("demo")


def texts(axes: object) -> str:
    return " ".join(text.get_text() for text in axes.findobj(lambda artist: hasattr(artist, "get_text")))  # type: ignore[attr-defined]


def test_a_person_is_shown_with_the_numbers_of_the_rhythm(demo: str, tmp_path: Path) -> None:
    flag = next(iter(study(demo).flags()))
    evidence = study(demo).evidence(str(flag["participant"]))
    figure = diel.draw_person(evidence)
    curve, posterior = figure.axes
    samples = sum(
        len(collection.get_offsets()) for collection in curve.collections if len(collection.get_offsets()) > 1
    )
    drawable = [
        sample
        for day in evidence.days
        for sample in day.samples
        if sample.HasField("concentration_nmol_per_l") and sample.concentration_nmol_per_l > 0
    ]
    assert samples == len(drawable) > 8
    assert curve.get_yscale() == "log"
    assert f"threshold {flag['threshold_ln_per_h']:.3f}".replace("-", "\u2212") in texts(posterior)
    assert "a reason to look again" in figure.get_suptitle()
    figure.savefig(tmp_path / "person.png")
    assert (tmp_path / "person.png").read_bytes()[:4] == b"\x89PNG"


def test_the_line_has_the_posterior_slope_and_the_band_is_the_references(demo: str) -> None:
    evidence = study(demo).evidence("SIM-0001")
    curve = diel.draw_person(evidence).axes[0]
    line = next(one for one in curve.lines if "posterior slope" in one.get_label())
    (x0, *_, x1), (y0, *_, y1) = line.get_data()
    assert (math.log(y1) - math.log(y0)) / (x1 - x0) == pytest.approx(evidence.rhythm.posterior_slope_ln_per_h)
    reference = evidence.reference
    assert reference is not None
    # At awakening the middle 80 % of persons lie within 1.2816 standard deviations of the intercept.
    band = next(one for one in curve.collections if "reference" in one.get_label())
    at_awakening = [y for x, y in band.get_paths()[0].vertices if x == 0.0]
    assert math.log(max(at_awakening)) - reference.intercept_ln == pytest.approx(1.281552 * reference.intercept_sd)


def test_the_verdict_is_in_the_words_of_the_console(demo: str, tmp_path: Path) -> None:
    for rhythm in list(study(demo).rhythms().messages())[::12]:
        out = tmp_path / "picture.svg"
        run("plot", rhythm.participant, "--study", "demo", "--out", str(out), address=demo)
        assert (
            diel.draw_person(study(demo).evidence(rhythm.participant)).get_suptitle().splitlines()[1] in out.read_text()
        )


def test_a_cohort_is_counted_by_group(demo: str) -> None:
    rhythms = study(demo).rhythms().to_polars()
    judged = rhythms.filter(rhythms["posterior_slope_ln_per_h"].is_not_null())
    figure = study(demo).plot_cohort()
    counted = {
        axes.get_title(loc="left").partition(":")[0]: sum(p.get_height() for p in axes.patches) for axes in figure.axes
    }
    assert counted == {(group or "no group"): rows.height for (group,), rows in judged.group_by("group")}
    assert sum(counted.values()) == judged.height
    assert diel.draw_cohort("Nobody", []).axes
