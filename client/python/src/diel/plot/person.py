"""The picture of one person: samples and lines on the left, the posterior of the slope on the right."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diel import v1
from diel.plot.evidence import Line, PersonEvidence
from diel.plot.palette import (
    BEYOND,
    GRID,
    MUTED,
    PERSON,
    REFERENCE_BAND,
    REFERENCE_LINE,
    THRESHOLD,
    figure,
    fixed,
    probability,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ORDINARY_DAY_H = 16.0
_POINTS = 65
_Z_90 = 1.281552
"""90th percentile of the standard normal distribution."""
_Z_975 = 1.959964
"""97.5th percentile of the standard normal distribution."""

_MARKERS = {"value": "o", "below": "v", "above": "^"}
_MEANINGS = {
    "value": "sample used in the slope",
    "below": "below this limit, used as such",
    "above": "above this limit, used as such",
}


@dataclass(frozen=True)
class _Point:
    hours: float
    nmol_per_l: float
    kind: str
    is_used: bool


def draw_person(evidence: PersonEvidence) -> Figure:
    """Draw a person's samples over the reference, and the posterior of the slope against the threshold.

    The person's line is the posterior mean, its band the central 95 % of the posterior of the line, as in the console
    and in ``diel plot``. Line, band and verdict are the service's.

    Parameters
    ----------
    evidence : PersonEvidence
        What `diel.Study.evidence` returns.

    Returns
    -------
    matplotlib.figure.Figure
        With two axes, concentrations in nmol/L on a logarithmic one.
    """
    drawn = figure(11.0, 5.6)
    curve, posterior = drawn.subplots(1, 2, width_ratios=[1.8, 1.0])
    drawn.suptitle(f"{evidence.rhythm.participant} \u00b7 {evidence.title}\n{sentence(evidence.rhythm)}", fontsize=11)
    _draw_curve(curve, evidence)
    _draw_posterior(posterior, evidence.rhythm)
    return drawn


def sentence(rhythm: v1.Rhythm) -> str:
    """Return the verdict as a sentence. It speaks of the slope, never of the person."""
    if not rhythm.HasField("posterior_slope_ln_per_h"):
        return "Not judged: the data are too few or unfit. That is neither flat nor not flat."
    said = f"Flatter than the threshold with probability {probability(rhythm.probability_flat)}"
    match rhythm.verdict:
        case v1.VERDICT_FLAT_FOR_REVIEW:
            return f"{said}: a reason to look again."
        case v1.VERDICT_NOT_FLAT:
            return f"{said}: probably not flat."
        case v1.VERDICT_INDETERMINATE:
            return f"{said}: the data do not decide."
        case _:
            return f"{said}, and too little data to judge."


def _draw_curve(axes: Any, evidence: PersonEvidence) -> None:
    days = [list(_points(day)) for day in evidence.days]
    points = [point for day in days for point in day]
    last_h = max([_ORDINARY_DAY_H, *(point.hours for point in points)])
    hours = [last_h * step / (_POINTS - 1) for step in range(_POINTS)]
    if evidence.reference is not None:
        _draw_reference(axes, evidence.reference, hours)
    for day in days:
        # A line through a limit would draw a concentration that nobody measured.
        measured = [point for point in day if point.is_used and point.kind == "value"]
        axes.plot([p.hours for p in measured], [p.nmol_per_l for p in measured], color=PERSON, alpha=0.45, linewidth=1)
    if evidence.person is not None:
        _draw_line(axes, evidence.person, hours)
    for kind, marker in _MARKERS.items():
        used = [point for point in points if point.is_used and point.kind == kind]
        _scatter(axes, used, marker, label=_MEANINGS[kind])
        out = [point for point in points if not point.is_used and point.kind == kind]
        _scatter(axes, out, marker, label="left out of the slope" if kind == "value" else None)
    axes.set_yscale("log")
    axes.set_title("Samples and line", loc="left", fontsize=10, fontweight="bold")
    axes.set_xlabel("hours since awakening")
    axes.set_ylabel("salivary cortisol, nmol/L (log scale)")
    axes.grid(visible=True, axis="y", color=GRID)
    axes.legend(fontsize=8, frameon=False, loc="best")


def _scatter(axes: Any, points: list[_Point], marker: str, *, label: str | None) -> None:
    # Kinds differ by shape and use by fill: no meaning rests on colour alone.
    if points:
        first = points[0]
        face = PERSON if first.is_used and first.kind == "value" else "white"
        edge = PERSON if first.is_used else REFERENCE_LINE
        x, y = [point.hours for point in points], [point.nmol_per_l for point in points]
        axes.scatter(x, y, marker=marker, facecolor=face, edgecolor=edge, label=label, zorder=3)


def _draw_reference(axes: Any, line: Line, hours: list[float]) -> None:
    lower, middle, upper = _band(line, _Z_90, hours)
    axes.fill_between(hours, lower, upper, color=REFERENCE_BAND, label="reference: middle 80 % of persons")
    axes.plot(hours, middle, color=REFERENCE_LINE, linestyle=":", linewidth=1.5)


def _draw_line(axes: Any, line: Line, hours: list[float]) -> None:
    lower, middle, upper = _band(line, _Z_975, hours)
    axes.fill_between(hours, lower, upper, color=PERSON, alpha=0.16, linewidth=0)
    axes.plot(hours, middle, color=PERSON, linewidth=2.6, label="this person, with 95 % band")


def _band(line: Line, z: float, hours: list[float]) -> tuple[list[float], list[float], list[float]]:
    """Concentrations at so many standard deviations below the mean, at it, and above it."""

    def at(deviations: float) -> list[float]:
        return [math.exp(line.mean_at(h) + deviations * line.sd_at(h)) for h in hours]

    return at(-z), at(0.0), at(z)


def _draw_posterior(axes: Any, rhythm: v1.Rhythm) -> None:
    axes.set_title("Posterior of the slope", loc="left", fontsize=10, fontweight="bold")
    axes.set_yticks([])
    for side in ["left", "right", "top"]:
        axes.spines[side].set_visible(False)
    if not rhythm.HasField("posterior_slope_ln_per_h") or rhythm.posterior_sd <= 0:
        axes.set_xticks([])
        axes.text(0.5, 0.5, "no posterior: not judged", ha="center", color=MUTED, transform=axes.transAxes)
        return
    mean, sd, threshold = rhythm.posterior_slope_ln_per_h, rhythm.posterior_sd, rhythm.threshold_ln_per_h
    low = min(mean - 3.6 * sd, threshold - 0.6 * sd)
    high = max(mean + 3.6 * sd, threshold + 0.6 * sd)
    slopes = [low + (high - low) * step / 160 for step in range(161)]
    density = [math.exp(-0.5 * ((slope - mean) / sd) ** 2) for slope in slopes]
    axes.fill_between(slopes, density, color=PERSON, alpha=0.10, linewidth=0)
    flatter = [slope >= threshold for slope in slopes]
    axes.fill_between(slopes, density, where=flatter, color=BEYOND, alpha=0.42, linewidth=0)
    axes.plot(slopes, density, color=PERSON, linewidth=2)
    axes.plot([rhythm.posterior_lower_ln_per_h, rhythm.posterior_upper_ln_per_h], [0, 0], color=PERSON, linewidth=4)
    axes.axvline(threshold, color=THRESHOLD, linestyle="--", linewidth=2)
    axes.set_ylim(0, 1.25)
    # The label stays inside the panel when the threshold lies near an edge.
    side = "left" if threshold < (low + high) / 2 else "right"
    axes.text(threshold, 1.16, f" threshold {fixed(threshold, 3)} ", ha=side, color=THRESHOLD, fontweight="bold")
    interval = f"{fixed(rhythm.posterior_lower_ln_per_h, 3)} to {fixed(rhythm.posterior_upper_ln_per_h, 3)}"
    axes.set_xlabel(
        "\u2190 steeper    slope, ln(nmol/L) per hour    flatter \u2192\n"
        f"slope {fixed(mean, 3)} (95 %: {interval})\n"
        f"P(flatter than threshold) {probability(rhythm.probability_flat)}"
    )


def _points(day: v1.Profile) -> Iterator[_Point]:
    for sample in day.samples:
        kind = sample.concentration.WhichOneof("outcome")
        # A zero has no place on a logarithmic axis, and the slope leaves it out.
        if kind in _MARKERS and sample.concentration_nmol_per_l > 0:
            yield _Point(sample.hours_since_awakening, sample.concentration_nmol_per_l, kind, sample.used_in_slope)
