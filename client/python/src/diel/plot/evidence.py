"""What the picture of a person shows, gathered from a service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from diel import v1
from diel.link import Link


@dataclass(frozen=True)
class Line:
    """The persons of a reference: normally distributed intercepts and slopes, in ln(nmol/L) and hours."""

    intercept_ln: float
    slope_ln_per_h: float
    intercept_sd: float
    slope_sd: float
    correlation: float

    def sd_at(self, hours: float) -> float:
        """Return the standard deviation between persons so many hours after awakening, ln units."""
        between = 2 * self.correlation * self.intercept_sd * self.slope_sd * hours
        return float((self.intercept_sd**2 + between + (self.slope_sd * hours) ** 2) ** 0.5)


@dataclass(frozen=True)
class PersonEvidence:
    """A person's days with their samples, the rhythm, and the reference that it was judged against.

    Attributes
    ----------
    title : str
        What stands above the picture, such as the study's display name.
    rhythm : v1.Rhythm
        The rhythm.
    days : tuple of v1.Profile
        The days, with samples.
    reference : Line or None
        The persons of the reference's stratum; None where it is not known which.
    """

    title: str
    rhythm: v1.Rhythm
    days: tuple[v1.Profile, ...]
    reference: Line | None

    @classmethod
    def read(cls, link: Link, study: str, participant: str) -> PersonEvidence:
        """Ask a service for it.

        Raises
        ------
        NotFoundError
            There is no such participant.
        """
        person = f"{study}/participants/{participant}"
        rhythm = link.call(v1.GetRhythmRequest(name=f"{person}/rhythm"), v1.Rhythm)
        asked = v1.StreamProfilesRequest(parent=study, filter=v1.ProfileFilter(participant=participant))
        names = [profile.name for page in link.pages(asked) for profile in page.profiles]  # type: ignore[attr-defined]
        days = tuple(link.call(v1.GetProfileRequest(name=name), v1.Profile) for name in names)
        sex = link.call(v1.GetParticipantRequest(name=person), v1.Participant).sex
        title = link.call(v1.GetStudyRequest(name=study), v1.Study).display_name
        return cls(title, rhythm, days, _line(link, rhythm, sex))


def _line(link: Link, rhythm: v1.Rhythm, sex: int) -> Line | None:
    parent = rhythm.reference.rpartition("/references/")[0]
    for page in link.pages(v1.ListReferencesRequest(parent=parent)):
        for reference in page.references:  # type: ignore[attr-defined]
            if reference.name == rhythm.reference:
                return next((_line_of(one) for one in _strata(reference, rhythm, sex)), None)
    return None


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
        intercept_sd=stratum.intercept_sd,
        slope_sd=stratum.slope_sd,
        correlation=stratum.intercept_slope_correlation,
    )
