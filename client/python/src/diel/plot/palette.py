"""Colours and words of pictures: those of the console, for light paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diel.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PERSON = "#0b5cad"
REFERENCE_BAND = "#e3e8ee"
REFERENCE_LINE = "#66717f"
THRESHOLD = "#9a3412"
BEYOND = "#c2410c"
MUTED = "#4b5563"
GRID = "#e5e9ee"

MINUS = "\u2212"


def figure(width_in: float, height_in: float) -> Figure:
    """Return an empty figure that no window manager knows of.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as missing:
        raise MissingExtraError("matplotlib", "plot") from missing
    return Figure(figsize=(width_in, height_in), layout="constrained")


def fixed(value: float, decimals: int) -> str:
    """Return a number with a minus sign as typography has it.

    Examples
    --------
    >>> fixed(-0.0304, 3) == MINUS + "0.030", fixed(-0.0001, 3)
    (True, '0.000')
    """
    text = f"{abs(value):.{decimals}f}"
    return f"{MINUS}{text}" if value < 0 and float(text) != 0 else text


def probability(value: float) -> str:
    """Return a probability, never as certainty.

    Examples
    --------
    >>> probability(0.999), probability(0.87)
    ('above 0.99', '0.87')
    """
    if value > 0.995:
        return "above 0.99"
    return "below 0.01" if value < 0.005 else f"{value:.2f}"
