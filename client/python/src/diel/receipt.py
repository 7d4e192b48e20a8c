"""What became of rows that were submitted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from diel import v1
from diel.batches import Batch
from diel.errors import DielError, RefusedError
from diel.refusal import violation_of
from diel.rows import RefusedRow

_ROW = re.compile(r"(\w+)\[(\d+)\]\.?(.*)")

Lists: TypeAlias = Mapping[str, Sequence[int]]
"""Of each list of a request, which row of the input an item is."""

_SHOWN = 10
"""Refused rows that the text of an error names; its attribute has all."""


@dataclass
class Receipt:
    """What the service stored and what it refused, in all.

    Attributes
    ----------
    batch_count : int
        Batches answered, refused ones included.
    stored_count : int
        Rows stored now. With ``validate_only``, rows that would be.
    unchanged_count : int
        Rows that were stored before with the same content.
    waiting_count : int
        Rows that wait for their specimen's collection facts.
    profile_count : int
        Profiles computed.
    answered_before_count : int
        Batches that an earlier run had sent: nothing of them was stored now.
    raised_flags : list of str
        Names of flags raised or reopened. Empty for callers who may not see them.
    refused : list of RefusedRow
        The rows at fault, each with its reason.
    refused_count : int
        Rows that are not stored: those at fault, and those that were refused with them.
    """

    batch_count: int = 0
    stored_count: int = 0
    unchanged_count: int = 0
    waiting_count: int = 0
    profile_count: int = 0
    answered_before_count: int = 0
    raised_flags: list[str] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    refused_count: int = 0

    def refuse(self, row: RefusedRow) -> None:
        """Note a row that was not sent."""
        self.refused.append(row)
        self.refused_count += 1

    def add(self, batch: Batch, outcome: v1.SubmitBatchResponse | RefusedError) -> None:
        """Note the answer to a batch."""
        self.batch_count += 1
        rows = {"results": batch.rows}
        if isinstance(outcome, RefusedError):
            self.refuse_all(outcome, rows)
            return
        self.stored_count += outcome.stored_count
        self.unchanged_count += outcome.unchanged_count
        self.waiting_count += outcome.waiting_count
        self.profile_count += outcome.profile_count
        self.answered_before_count += int(outcome.answered_before)
        self.raised_flags += outcome.raised_flags
        self.refused_count += len(outcome.refused_rows)
        self.note(outcome.violations, rows)

    def refuse_all(self, error: RefusedError, rows: Lists) -> None:
        """Note a request that was refused as a whole."""
        every = [row for listed in rows.values() for row in listed]
        self.refused_count += len(every)
        self.refused += [_row_of(rows, violation.field, violation.description) for violation in error.violations]
        if not error.violations:
            self.refused.append(RefusedRow(min(every), "batch", None, str(error)))

    def note(self, violations: Iterable[v1.FieldViolation], rows: Lists) -> None:
        """Note what is wrong with rows of a request."""
        for violation in map(violation_of, violations):
            self.refused.append(_row_of(rows, violation.field, violation.description))


@dataclass
class RegisterReceipt(Receipt):
    """What became of tubes and awakenings. ``stored_count`` and ``unchanged_count`` are those of tubes.

    Attributes
    ----------
    day_count : int
        Days stored or completed now.
    """

    day_count: int = 0

    def add_registered(self, answer: v1.RegisterSpecimensResponse, rows: Lists) -> None:
        """Note the answer to a request."""
        self.batch_count += 1
        self.stored_count += answer.stored_count
        self.unchanged_count += answer.unchanged_count
        self.day_count += answer.day_count
        self.profile_count += answer.profile_count
        self.raised_flags += answer.raised_flags
        before = len(self.refused)
        self.note(answer.violations, rows)
        self.refused_count += len({row.row for row in self.refused[before:]})


@dataclass
class AmendReceipt(Receipt):
    """What became of corrected results. ``stored_count`` are those with a new revision, or with ``validate_only`` those
    that would have one.

    Attributes
    ----------
    persons : list of v1.RevisedPerson
        What it did to each person's days, rhythm and flag. Empty for callers who may not read rhythms.
    """

    persons: list[v1.RevisedPerson] = field(default_factory=list)

    def add_amended(self, answer: v1.AmendResultsResponse, rows: Lists) -> None:
        """Note the answer to a request."""
        self.batch_count += 1
        self.stored_count += answer.amended_count
        self.unchanged_count += answer.unchanged_count
        self.profile_count += answer.profile_count
        self.persons += answer.persons
        self.refused_count += len(answer.refused_rows)
        self.note(answer.violations, rows)


def _row_of(rows: Lists, path: str, description: str) -> RefusedRow:
    match = _ROW.match(path)
    listed = rows.get(match[1], []) if match else []
    index = int(match[2]) if match else 0
    if match is None or index >= len(listed):
        return RefusedRow(min(row for some in rows.values() for row in some), path or "row", None, description)
    return RefusedRow(listed[index], match[3] or "row", None, description)


class RowsRefusedError(DielError, ValueError):
    """Rows were refused. ``receipt.refused`` has each with its reason.

    Attributes
    ----------
    receipt : Receipt
        What was stored nevertheless, and what was refused.
    """

    def __init__(self, receipt: Receipt) -> None:
        refused = sorted(receipt.refused, key=lambda row: row.row)
        lines = [f"{receipt.refused_count} rows refused, {receipt.stored_count} stored; at fault are"]
        lines += [f"  {row}" for row in refused[:_SHOWN]]
        if len(refused) > _SHOWN:
            lines.append(f"  and {len(refused) - _SHOWN} more, in receipt.refused")
        super().__init__("\n".join(lines))
        self.receipt = receipt
