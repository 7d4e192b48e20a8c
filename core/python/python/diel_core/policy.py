"""The terms of a policy."""

from __future__ import annotations

from typing import TypedDict


class Policy(TypedDict, total=False):
    """Terms by which days and persons are judged; what is left out has the default of `diel analyze`."""

    reference: str
    """A built-in reference, such as ``adult-noisy@1``; ``auto`` chooses by age."""
    threshold_ln_per_h: float
    """A slope flatter than this is flat, ln(nmol/L) per hour."""
    threshold_percentile: float
    """A slope flatter than this percentile of the reference is flat (90)."""
    probability: float
    """Posterior probability from which a rhythm is put before a reviewer (0.8)."""
    min_days: int
    """Valid days needed to put a rhythm before a reviewer (3)."""
    min_days_to_report: int
    """Valid days needed to judge at all (2)."""
    car_window_min: float
    """Length of the awakening response, minutes (60)."""
    evening_after_h: float
    """Hours after awakening from which a sample is an evening sample (8)."""
    min_samples: int
    """Samples that the slope must rest on to put a rhythm before a reviewer (0)."""
    excluding: list[str]
    """Codes of conditions under which a day does not count and a person is not judged (all)."""
    min_age_years: float
    """Age below which nobody is judged, years (1/6)."""
    min_age_to_flag_years: float
    """Age below which nobody is put before a reviewer, years (1)."""
    min_age_for_car_years: float
    """Age below which no awakening response is computed, years (4)."""
    evening_limit_nmol_per_l: float
    """An evening sample below a limit above this is hardly known, nmol/L (1)."""
    evening_limit_share: float
    """More than this share of such evenings keeps a rhythm from being put before a reviewer, 0 to 1 (0.5)."""
