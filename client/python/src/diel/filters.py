"""What the tables of a study can be asked for by: one place for the client and its asynchronous twin."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from diel import v1
from diel.column import Table
from diel.tables import FLAGS, PROFILES, RHYTHMS, SAMPLES
from diel.words import values
from google.protobuf.message import Message

Q = TypeVar("Q")


class StudyTables(ABC, Generic[Q]):
    """The tables of a study. Filters that are not given do not filter; ``limit`` stops after so many rows."""

    name: str

    @abstractmethod
    def _query(self, table: Table, request: Message, limit: int | None) -> Q: ...

    def profiles(
        self,
        *,
        participant: str = "",
        groups: Sequence[str] = (),
        min_age_years: float | None = None,
        max_age_years: float | None = None,
        first_date: str = "",
        last_date: str = "",
        min_slope_ln_per_h: float | None = None,
        max_slope_ln_per_h: float | None = None,
        valid_only: bool = False,
        limit: int | None = None,
    ) -> Q:
        """Return the profiles, a row a sampling day, by participant and date.

        Parameters
        ----------
        participant : str
            A participant's code.
        groups : sequence of str
            Groups, any of which will do; at most 20.
        min_age_years, max_age_years : float, optional
            Least and greatest age, years.
        first_date, last_date : str
            First and last sampling date, ``YYYY-MM-DD``.
        min_slope_ln_per_h, max_slope_ln_per_h : float, optional
            Least and greatest regression slope, ln(nmol/L) per hour.
        valid_only : bool
            Only days that count.
        limit : int, optional
            Stop after so many rows.
        """
        request = v1.StreamProfilesRequest(
            parent=self.name,
            filter=v1.ProfileFilter(
                participant=participant,
                groups=groups,
                min_age_years=min_age_years,
                max_age_years=max_age_years,
                first_date=first_date,
                last_date=last_date,
                min_slope_ln_per_h=min_slope_ln_per_h,
                max_slope_ln_per_h=max_slope_ln_per_h,
                valid_only=valid_only,
            ),
        )
        return self._query(PROFILES, request, limit)

    def rhythms(
        self,
        *,
        groups: Sequence[str] = (),
        min_age_years: float | None = None,
        max_age_years: float | None = None,
        verdicts: Sequence[str] = (),
        flag_states: Sequence[str] = (),
        min_slope_ln_per_h: float | None = None,
        max_slope_ln_per_h: float | None = None,
        limit: int | None = None,
    ) -> Q:
        """Return the rhythms, a row a participant.

        Parameters
        ----------
        groups : sequence of str
            Groups, any of which will do; at most 20.
        min_age_years, max_age_years : float, optional
            Least and greatest age, years.
        verdicts : sequence of str
            Verdicts, any of which will do, such as ``FLAT_FOR_REVIEW``.
        flag_states : sequence of str
            States of the rhythm's flag, any of which will do, such as ``open``.
        min_slope_ln_per_h, max_slope_ln_per_h : float, optional
            Least and greatest posterior slope, ln(nmol/L) per hour.
        limit : int, optional
            Stop after so many rows.

        Raises
        ------
        ValueError
            There is no such verdict or state.
        """
        request = v1.StreamRhythmsRequest(
            parent=self.name,
            filter=v1.RhythmFilter(
                groups=groups,
                min_age_years=min_age_years,
                max_age_years=max_age_years,
                verdicts=values(v1.Verdict, "VERDICT_", verdicts, "verdicts"),
                flag_states=values(v1.FlagState, "FLAG_STATE_", flag_states, "flag_states"),
                min_slope_ln_per_h=min_slope_ln_per_h,
                max_slope_ln_per_h=max_slope_ln_per_h,
            ),
        )
        return self._query(RHYTHMS, request, limit)

    def flags(
        self,
        *,
        states: Sequence[str] = (),
        participant: str = "",
        groups: Sequence[str] = (),
        min_probability: float | None = None,
        claimed_by: str = "",
        unclaimed: bool = False,
        limit: int | None = None,
    ) -> Q:
        """Return the flags, the most probable first.

        A flag is a reason to look again, never a statement about a person.

        Parameters
        ----------
        states : sequence of str
            States, any of which will do, such as ``open``.
        participant : str
            A participant's code.
        groups : sequence of str
            Groups, any of which will do; at most 20.
        min_probability : float, optional
            Least probability that the slope is flatter than the threshold.
        claimed_by : str
            Held by this reviewer.
        unclaimed : bool
            Held by nobody now.
        limit : int, optional
            Stop after so many rows.

        Raises
        ------
        ValueError
            There is no such state.
        """
        request = v1.ListFlagsRequest(
            parent=self.name,
            filter=v1.FlagFilter(
                states=values(v1.FlagState, "FLAG_STATE_", states, "states"),
                participant=participant,
                groups=groups,
                min_probability=min_probability,
                claimed_by=claimed_by,
                unclaimed=unclaimed,
            ),
        )
        return self._query(FLAGS, request, limit)

    def samples(self, *, participant: str = "", state: str | None = None, limit: int | None = None) -> Q:
        """Return the samples, a row a tube with its present result, by specimen id.

        Parameters
        ----------
        participant : str
            A participant's code.
        state : str, optional
            ``complete``, ``waiting-for-collection`` or ``waiting-for-result``.
        limit : int, optional
            Stop after so many rows.

        Raises
        ------
        ValueError
            There is no such state.
        """
        states = values(v1.SpecimenState, "SPECIMEN_STATE_", [state] if state else [], "state")
        specimen_filter = v1.SpecimenFilter(participant=participant, state=states[0] if states else None)
        return self._query(SAMPLES, v1.ListSpecimensRequest(parent=self.name, filter=specimen_filter), limit)
