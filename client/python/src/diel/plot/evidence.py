"""What the picture of a person shows, gathered from a service."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from diel import v1
from diel.questions import All, Asking, One


@dataclass(frozen=True)
class Line:
    """Lines of normally distributed intercepts and slopes, in ln(nmol/L) and hours: of the persons of a reference, or
    what is known of one person's.
    """

    intercept_ln: float
    slope_ln_per_h: float
    intercept_variance: float
    covariance: float
    slope_variance: float

    def mean_at(self, hours: float) -> float:
        """Return the mean so many hours after awakening, ln(nmol/L)."""
        return self.intercept_ln + self.slope_ln_per_h * hours

    def sd_at(self, hours: float) -> float:
        """Return the standard deviation so many hours after awakening, ln units."""
        variance = self.intercept_variance + 2 * self.covariance * hours + self.slope_variance * hours**2
        return math.sqrt(max(variance, 0.0))


@dataclass(frozen=True)
class PersonEvidence:
    """A person's days with their samples, the rhythm, and the reference that it was judged against.

    Attributes
    ----------
    title : str
        What stands above the picture, such as the study's display name.
    rhythm : v1.Rhythm
        The rhythm, with the posterior of the line.
    days : tuple of v1.Profile
        The days, with samples.
    reference : Line or None
        The persons of the reference's stratum; None where it is not known which.
    """

    title: str
    rhythm: v1.Rhythm
    days: tuple[v1.Profile, ...]
    reference: Line | None

    @property
    def person(self) -> Line | None:
        """The posterior of the person's line; None without one."""
        if not self.rhythm.HasField("posterior_line"):
            return None
        line = self.rhythm.posterior_line
        return Line(
            intercept_ln=line.intercept_ln,
            slope_ln_per_h=line.slope_ln_per_h,
            intercept_variance=line.intercept_variance,
            covariance=line.intercept_slope_covariance,
            slope_variance=line.slope_variance,
        )


def evidence_of(study: str, participant: str) -> Asking[PersonEvidence]:
    """Ask a service for a person's evidence.

    Raises
    ------
    NotFoundError
        There is no such participant.
    """
    person = f"{study}/participants/{participant}"
    rhythm = yield One(v1.GetRhythmRequest(name=f"{person}/rhythm", with_posterior_line=True), v1.Rhythm)
    pages = yield All(v1.StreamProfilesRequest(parent=study, filter=v1.ProfileFilter(participant=participant)))
    names = [profile.name for page in pages for profile in page.profiles]
    days = yield from _days(names)
    sex = (yield One(v1.GetParticipantRequest(name=person), v1.Participant)).sex
    title = (yield One(v1.GetStudyRequest(name=study), v1.Study)).display_name
    pages = yield All(v1.ListReferencesRequest(parent=rhythm.reference.rpartition("/references/")[0]))
    references = [reference for page in pages for reference in page.references]
    judged_by = next((reference for reference in references if reference.name == rhythm.reference), None)
    strata = iter(()) if judged_by is None else _strata(judged_by, rhythm, sex)
    return PersonEvidence(title, rhythm, days, next((_line_of(one) for one in strata), None))


def _days(names: list[str]) -> Asking[tuple[v1.Profile, ...]]:
    days: tuple[v1.Profile, ...] = ()
    for name in names:
        days += ((yield One(v1.GetProfileRequest(name=name), v1.Profile)),)
    return days


def _strata(reference: v1.Reference, rhythm: v1.Rhythm, sex: int) -> Iterator[v1.ReferenceStratum | v1.Reference]:
    if len(reference.strata) < 2:
        yield reference
        return
    for stratum in reference.strata:
        ends = stratum.max_age_years if stratum.HasField("max_age_years") else float("inf")
        if rhythm.HasField("age_years") and not stratum.min_age_years <= rhythm.age_years < ends:
            continue
        if stratum.sex in {v1.SEX_UNSPECIFIED, sex}:
            yield stratum


def _line_of(stratum: v1.ReferenceStratum | v1.Reference) -> Line:
    return Line(
        intercept_ln=stratum.intercept_ln,
        slope_ln_per_h=stratum.slope_ln_per_h,
        intercept_variance=stratum.intercept_sd**2,
        covariance=stratum.intercept_slope_correlation * stratum.intercept_sd * stratum.slope_sd,
        slope_variance=stratum.slope_sd**2,
    )
