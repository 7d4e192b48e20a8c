"""What became of rows that were submitted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from diel import v1
from diel.batches import Batch
from diel.errors import DielError, RefusedError
from diel.refusal import violation_of
from diel.rows import RefusedRow

_ROW = re.compile(r"results\[(\d+)\]\.?(.*)")

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
        if isinstance(outcome, RefusedError):
            self.refused_count += len(batch.rows)
            self.refused += [_row_of(batch, violation.field, violation.description) for violation in outcome.violations]
            if not outcome.violations:
                self.refused.append(RefusedRow(batch.rows[0], "batch", None, str(outcome)))
            return
        self.stored_count += outcome.stored_count
        self.unchanged_count += outcome.unchanged_count
        self.waiting_count += outcome.waiting_count
        self.profile_count += outcome.profile_count
        self.answered_before_count += int(outcome.answered_before)
        self.raised_flags += outcome.raised_flags
        self.refused_count += len(outcome.refused_rows)
        for violation in map(violation_of, outcome.violations):
            self.refused.append(_row_of(batch, violation.field, violation.description))


def _row_of(batch: Batch, path: str, description: str) -> RefusedRow:
    match = _ROW.match(path)
    index = int(match[1]) if match else 0
    row = batch.rows[index] if index < len(batch.rows) else batch.rows[0]
    return RefusedRow(row, (match[2] if match else path) or "row", None, description)


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
