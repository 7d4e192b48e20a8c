"""The slopes of a cohort: a histogram a group, below each other on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

from diel import v1
from diel.plot.palette import MUTED, PERSON, THRESHOLD, figure, fixed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BINS = 24


def draw_cohort(title: str, rhythms: Sequence[v1.Rhythm]) -> Figure:
    """Draw the posterior slopes of persons by group, with medians and the threshold where one holds for all.

    Parameters
    ----------
    title : str
        What stands above.
    rhythms : sequence of v1.Rhythm
        The persons. Those without a posterior are counted, not drawn.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes a group; slopes in ln(nmol/L) per hour.
    """
    judged = [rhythm for rhythm in rhythms if rhythm.HasField("posterior_slope_ln_per_h")]
    groups = sorted({rhythm.group for rhythm in judged})
    drawn = figure(8.0, 1.6 + 1.3 * max(len(groups), 1))
    left_out = len(rhythms) - len(judged)
    drawn.suptitle(f"{title}\nposterior slopes of {len(judged)} persons, {left_out} without a posterior", fontsize=11)
    rows = drawn.subplots(max(len(groups), 1), 1, sharex=True, squeeze=False)[:, 0]
    if not judged:
        rows[0].text(0.5, 0.5, "nobody has a posterior", ha="center", color=MUTED, transform=rows[0].transAxes)
        return drawn
    slopes = [rhythm.posterior_slope_ln_per_h for rhythm in judged]
    thresholds = {rhythm.threshold_ln_per_h for rhythm in judged}
    for axes, group in zip(rows, groups, strict=True):
        own = [rhythm.posterior_slope_ln_per_h for rhythm in judged if rhythm.group == group]
        axes.hist(own, bins=_BINS, range=(min(slopes), max(slopes)), color=PERSON, alpha=0.72)
        axes.axvline(median(own), color="black", linewidth=1.5)
        name = group or "no group"
        axes.set_title(f"{name}: {len(own)} persons, median {fixed(median(own), 3)}", loc="left", fontsize=9)
        axes.set_yticks([])
        if len(thresholds) == 1:
            axes.axvline(min(thresholds), color=THRESHOLD, linestyle="--", linewidth=2)
    rows[-1].set_xlabel("\u2190 steeper    slope, ln(nmol/L) per hour    flatter \u2192")
    return drawn
