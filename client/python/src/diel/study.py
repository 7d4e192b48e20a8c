"""A study: its tables, and rows into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from diel import v1
from diel.amendment import AmendOptions, amendment
from diel.column import Table
from diel.filters import StudyTables
from diel.link import Link
from diel.plot import PersonEvidence, draw_cohort, draw_person, evidence_of
from diel.query import Query
from diel.questions import answered
from diel.receipt import AmendReceipt, Receipt, RegisterReceipt
from diel.records import Rows
from diel.registration import RegisterOptions, registration
from diel.review import resolution
from diel.rows import RowReader
from diel.sending import send
from diel.submission import NOT_STATED, ProgressBar, Submission, SubmitOptions, zone_of
from google.protobuf.message import Message

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Study(StudyTables[Query]):
    """A study of a service. Nothing is asked of the service until it is needed.

    Attributes
    ----------
    name : str
        The name, ``studies/{study}``.
    """

    def __init__(self, link: Link, name: str) -> None:
        self._link = link
        self.name = name if name.startswith("studies/") else f"studies/{name}"

    def __repr__(self) -> str:
        return f"Study({self.name!r})"

    def _query(self, table: Table, request: Message, limit: int | None) -> Query:
        return Query(self._link, table, request, limit)

    def get(self) -> v1.Study:
        """Return the study with its policy.

        Raises
        ------
        NotFoundError
            There is none of this name.
        """
        return self._link.call(v1.GetStudyRequest(name=self.name), v1.Study)

    def submit(
        self,
        rows: Rows,
        *,
        lab: str = NOT_STATED,
        assay: str = NOT_STATED,
        kit: str = "",
        plate: str = "",
        run_date: str = "",
        unit: str | None = None,
        limit_of_detection: float | None = None,
        time_zone: str | None = None,
        columns: Mapping[str, str] | None = None,
        leave_out: Sequence[str] = (),
        partial: bool = False,
        validate_only: bool = False,
        progress: bool = False,
    ) -> Receipt:
        """Send samples. When this returns, what it stored is durable, and its metrics and flags can be read.

        Rows go in batches of up to 2,000, each stored as a whole or, with a bad row, refused as a whole. The request
        id of a batch is made from its content: send the rows again after whatever went wrong, and nothing is stored
        twice.

        Parameters
        ----------
        rows : frame of pandas or polars, table of Arrow, or iterable of mappings
            A row a sample, by the column names of ``diel submit``: ``participant``, ``collected_at``,
            ``concentration``, ``unit``, ``awakening_at``, ... (`diel.COLUMNS`). Instants without an offset are local
            time in `time_zone`. A row without ``specimen`` gets ``PARTICIPANT.INSTANT``.
        lab, assay, kit, plate, run_date : str
            What the rows have in common. Concentrations of different assays are not comparable.
        unit : str, optional
            Unit of rows without a column ``unit``: ``nmol/L``, ``ug/dL``, ``ng/mL`` or ``ug/L``.
        limit_of_detection : float, optional
            Limit of rows without their own, in the unit of the concentrations.
        time_zone : str, optional
            IANA time zone; the study's when absent.
        columns : mapping of str to str, optional
            The name that a column goes by here: ``{"participant": "subject"}``.
        leave_out : sequence of str
            Columns that are not read. Any other that is not known is refused.
        partial : bool
            Store the good rows and say in the receipt what is wrong with the others.
        validate_only : bool
            Check everything, store nothing; the receipt says what is wrong.
        progress : bool
            Show a bar (``pip install 'diel[progress]'``).

        Returns
        -------
        Receipt
            What was stored, and with `partial` or `validate_only` what was refused.

        Raises
        ------
        RowsRefusedError
            Rows were refused, each with its reason.
        ColumnsError
            A column is not known, or one that is needed is absent.

        Examples
        --------
        >>> import diel
        >>> study = diel.connect(address).study("demo")
        >>> rows = [{"participant": "P-1", "collected_at": "2026-03-02T07:05:00+01:00", "concentration": 12.4}]
        >>> receipt = study.submit(rows, unit="nmol/L", validate_only=True)
        >>> receipt.stored_count, receipt.refused
        (1, [])
        """
        options = SubmitOptions(
            lab=lab,
            assay=assay,
            kit=kit,
            plate=plate,
            run_date=run_date,
            unit=unit,
            limit_of_detection=limit_of_detection,
            columns=columns,
            leave_out=leave_out,
            partial=partial,
            validate_only=validate_only,
        )
        submission = Submission.of(self.name, rows, time_zone or self.get().time_zone, options)
        bar = ProgressBar(rows, is_shown=progress)
        try:
            for batch, outcome in send(self._link, submission.batches()):
                submission.receipt.add(batch, outcome)
                bar.advance(len(batch.rows))
        finally:
            bar.close()
        return submission.finish()

    def register(
        self,
        rows: Rows,
        *,
        source: str = "",
        time_zone: str | None = None,
        columns: Mapping[str, str] | None = None,
        leave_out: Sequence[str] = (),
        partial: bool = False,
        validate_only: bool = False,
    ) -> RegisterReceipt:
        """Register whose which tube is, when it was filled and when the person woke, before or after the results.

        Sent again, the rows store nothing twice.

        Parameters
        ----------
        rows : frame of pandas or polars, table of Arrow, or iterable of mappings
            A row a tube, by the column names of ``diel register``: ``participant``, ``specimen``, ``collected_at``, and
            ``label``, ``awakening_at``, ``source``, ``awakening_source``, ``conditions`` where there are. A row without
            ``specimen`` and ``collected_at`` states the awakening of a day.
        source : str
            How the times of rows without a column ``source`` are known: ``self-report``, ``electronic`` or
            ``actigraphy``; not stated when empty.
        time_zone, columns, leave_out, partial, validate_only
            As for `submit`.

        Raises
        ------
        RowsRefusedError
            Rows were refused, each with its reason.
        ColumnsError
            A column is not known, or one that is needed is absent.

        Examples
        --------
        >>> import diel
        >>> study = diel.connect(address).study("demo")
        >>> tube = {"participant": "P-1", "specimen": "T-1", "collected_at": "2026-03-02T07:05:00+01:00"}
        >>> study.register([tube], source="self-report", validate_only=True).stored_count
        1
        """
        options = RegisterOptions(
            source=source, columns=columns, leave_out=leave_out, partial=partial, validate_only=validate_only
        )
        zone = zone_of(time_zone or self.get().time_zone)
        return answered(self._link, registration(self.name, rows, zone, options))

    def amend(
        self,
        rows: Rows,
        *,
        reason: str,
        rerun: v1.Batch | None = None,
        unit: str | None = None,
        limit_of_detection: float | None = None,
        time_zone: str | None = None,
        columns: Mapping[str, str] | None = None,
        leave_out: Sequence[str] = (),
        partial: bool = False,
        validate_only: bool = False,
    ) -> AmendReceipt:
        """Replace stored results by new revisions with a reason. Rows that say what is in force change nothing.

        Parameters
        ----------
        rows : frame of pandas or polars, table of Arrow, or iterable of mappings
            As for `submit`; a row without ``specimen`` is the one that `submit` makes of participant and instant.
        reason : str
            Why, 1 to 500 characters. It is kept with every new revision and in the histories of flags.
        rerun : v1.Batch, optional
            Where the results come from another run of the assay: its ``lab`` and ``assay``.
        unit, limit_of_detection, time_zone, columns, leave_out, partial, validate_only
            As for `submit`.

        Raises
        ------
        RowsRefusedError
            Rows were refused, each with its reason.

        Examples
        --------
        >>> import diel
        >>> study = diel.connect(address).study("demo")
        >>> first = next(iter(study.samples(limit=1)))
        >>> row = {"specimen": first["specimen"], "concentration": 99.5}
        >>> study.amend([row], reason="dilution corrected", unit="nmol/L", validate_only=True).stored_count
        1
        """
        options = AmendOptions(
            rerun=rerun, columns=columns, leave_out=leave_out, partial=partial, validate_only=validate_only
        )
        zone = zone_of(time_zone or self.get().time_zone)
        reader = RowReader(zone=zone, unit=unit, limit_of_detection=limit_of_detection, plate="")
        return answered(self._link, amendment(self.name, rows, reason, reader, options))

    def resolve_flag(self, name: str, *, decision: str, reason: str, etag: str) -> v1.Flag:
        """Store a reviewer's decision about a flag as it was seen.

        Parameters
        ----------
        name : str
            The flag, ``studies/{study}/flags/{flag}``.
        decision : str
            ``confirmed``, ``dismissed`` or ``more-data``.
        reason : str
            Why, 1 to 500 characters.
        etag : str
            That of the flag as the reviewer saw it, from `flags`.

        Raises
        ------
        OvertakenError
            The flag has changed since: look again.
        """
        return self._link.call(resolution(name, decision, reason, etag), v1.Flag)

    def evidence(self, participant: str) -> PersonEvidence:
        """Return what the picture of a participant shows: days with their samples, rhythm and reference.

        Raises
        ------
        NotFoundError
            There is no such participant.
        """
        return answered(self._link, evidence_of(self.name, participant))

    def plot(self, participant: str) -> Figure:
        """Return the picture of a participant (``pip install 'diel[plot]'``).

        It shows what the console shows: samples by kind and use, the reference, the person's line with its 95 % band,
        the posterior of the slope beside the threshold, and the verdict in words.

        Raises
        ------
        NotFoundError
            There is no such participant.
        MissingExtraError
            matplotlib is not installed.

        Examples
        --------
        >>> import diel
        >>> figure = diel.connect(address).study("demo").plot("SIM-0001")
        >>> [axes.get_title(loc="left") for axes in figure.axes]
        ['Samples and line', 'Posterior of the slope']
        """
        return draw_person(self.evidence(participant))

    def plot_cohort(self, *, groups: Sequence[str] = ()) -> Figure:
        """Return the posterior slopes of everybody, a histogram a group.

        Parameters
        ----------
        groups : sequence of str
            Only these groups.

        Raises
        ------
        MissingExtraError
            matplotlib is not installed.
        """
        return draw_cohort(self.get().display_name, list(self.rhythms(groups=groups).messages()))
