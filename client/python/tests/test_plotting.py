"""Pictures show what the service computed."""

from __future__ import annotations

import math
import re
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


def test_the_line_and_its_band_are_the_posterior(demo: str) -> None:
    evidence = study(demo).evidence("SIM-0001")
    curve = diel.draw_person(evidence).axes[0]
    line = next(one for one in curve.lines if "this person" in one.get_label())
    posterior, rhythm = evidence.rhythm.posterior_line, evidence.rhythm
    (x0, *_, x1), (y0, *_, y1) = line.get_data()
    assert x0 == 0.0
    assert math.log(y0) == pytest.approx(posterior.intercept_ln)
    assert (math.log(y1) - math.log(y0)) / x1 == pytest.approx(rhythm.posterior_slope_ln_per_h)
    assert posterior.slope_variance == pytest.approx(rhythm.posterior_sd**2)
    # Worked by hand: at 10 h the variance of intercept + 10 x slope.
    at_ten = posterior.intercept_variance + 20 * posterior.intercept_slope_covariance + 100 * posterior.slope_variance
    assert evidence.person is not None
    assert evidence.person.sd_at(10.0) == pytest.approx(at_ten**0.5)
    band = next(one for one in curve.collections if one.get_alpha() == 0.16)
    at_awakening = [y for x, y in band.get_paths()[0].vertices if x == 0.0]
    half = math.log(max(at_awakening)) - posterior.intercept_ln
    assert half == pytest.approx(1.959964 * posterior.intercept_variance**0.5)


def test_the_band_is_the_references(demo: str) -> None:
    evidence = study(demo).evidence("SIM-0001")
    curve = diel.draw_person(evidence).axes[0]
    reference = evidence.reference
    assert reference is not None
    # At awakening the middle 80 % of persons lie within 1.2816 standard deviations of the intercept.
    band = next(one for one in curve.collections if "reference" in one.get_label())
    at_awakening = [y for x, y in band.get_paths()[0].vertices if x == 0.0]
    assert math.log(max(at_awakening)) - reference.intercept_ln == pytest.approx(
        1.281552 * reference.intercept_variance**0.5
    )


def test_the_curve_is_the_one_that_diel_plot_draws(demo: str, tmp_path: Path) -> None:
    """Points of the same line, on the axis of the other picture: found by two of them, held to all others."""
    out = tmp_path / "picture.svg"
    run("plot", "SIM-0001", "--study", "demo", "--out", str(out), address=demo)
    drawn = re.search(r'class="person-curve"[^>]* points="([^"]+)"', out.read_text())
    assert drawn is not None
    places = [tuple(map(float, pair.split(","))) for pair in drawn[1].split()]
    evidence = study(demo).evidence("SIM-0001")
    assert evidence.person is not None
    last_h = max([16.0, *(sample.hours_since_awakening for day in evidence.days for sample in day.samples)])
    levels = [evidence.person.mean_at(last_h * step / 64) for step in range(65)]
    (_, first), (_, last) = places[0], places[-1]
    per_ln = (last - first) / (levels[-1] - levels[0])
    assert len(places) == 65
    for (_, y), level in zip(places, levels, strict=True):
        # The picture has a tenth of a pixel.
        assert y == pytest.approx(first + (level - levels[0]) * per_ln, abs=0.15)


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
