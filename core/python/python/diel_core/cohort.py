"""A fitted model of a cohort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FixedEffect:
    """One fixed effect, in units of the response per unit of its column."""

    name: str
    estimate: float
    se: float
    df: float
    """Satterthwaite's degrees of freedom."""
    t: float
    p: float
    """Two-sided, of t on df."""
    lower: float
    """Of the 95 % interval."""
    upper: float


@dataclass(frozen=True)
class RandomEffect:
    """The estimated distribution of one random term."""

    group: str
    terms: list[str]
    sd: list[float]
    """Standard deviations between groups, in the response's units per unit of the column."""
    correlation: list[list[float]]


@dataclass(frozen=True)
class CohortFit:
    """What `diel_core.fit_cohort` finds."""

    formula: str
    criterion: str
    """``reml`` or ``ml``."""
    objective: float
    """Minus twice the (restricted) log likelihood."""
    log_likelihood: float
    person_count: int
    """Persons with a row, those without a usable sample too."""
    observation_count: int
    """Samples that the fit rests on."""
    rows_left_out_count: int
    """Samples without a value for every variable of the formula."""
    beyond_limits_count: int
    """Samples left out because they are known as beyond a limit only."""
    groups: dict[str, int]
    """Levels of each grouping factor."""
    residual_sd: float
    fixed: list[FixedEffect]
    fixed_covariance: list[list[float]]
    random: list[RandomEffect]
    is_singular: bool
    """Whether a variance or a combination of effects is estimated as zero."""
    has_converged: bool
    evaluation_count: int
    """Evaluations of the criterion."""

    @classmethod
    def of(cls, found: dict[str, Any]) -> CohortFit:
        """Make one of what the core answers."""
        fixed = [FixedEffect(**effect) for effect in found["fixed"]]
        random = [RandomEffect(**effect) for effect in found["random"]]
        return cls(**{**found, "fixed": fixed, "random": random})
