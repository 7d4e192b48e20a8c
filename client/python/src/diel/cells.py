"""Cells of rows that are submitted: concentrations and instants as files and frames have them."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from diel import v1
from diel.clock import timestamp_of

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")

UNITS = {
    "nmol/l": v1.CONCENTRATION_UNIT_NMOL_PER_L,
    "ug/dl": v1.CONCENTRATION_UNIT_UG_PER_DL,
    "ng/ml": v1.CONCENTRATION_UNIT_NG_PER_ML,
    "ug/l": v1.CONCENTRATION_UNIT_UG_PER_L,
}

# What laboratories write in place of a number; the words that `diel submit` reads.
_MISSING = {
    **dict.fromkeys(
        ["no sample", "no saliva", "empty", "missing", "not collected", "na", "n/a", "null", "none", ".", "-"],
        v1.MISSING_REASON_NO_SAMPLE,
    ),
    **dict.fromkeys(
        ["qns", "insufficient volume", "insufficient", "quantity not sufficient"], v1.MISSING_REASON_INSUFFICIENT_VOLUME
    ),
    **dict.fromkeys(["rejected", "masked", "excluded"], v1.MISSING_REASON_REJECTED_BY_LAB),
    **dict.fromkeys(["error", "instrument error"], v1.MISSING_REASON_INSTRUMENT_ERROR),
    **dict.fromkeys(["range?", "?????", "outside curve", "out of range"], v1.MISSING_REASON_OUTSIDE_CURVE),
}


class CellError(ValueError):
    """A cell cannot be read: the rule that it breaks."""


def is_absent(value: Any) -> bool:
    """Return whether a cell holds nothing: ``None``, NaN, NaT or blank text."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    # NaN and NaT are not equal to themselves; what compares NA with itself is NA, which has no truth.
    try:
        return bool(value != value)  # noqa: PLR0124
    except TypeError:
        return True


def number(value: Any) -> float:
    """Return a finite number.

    Raises
    ------
    CellError
        It is none.
    """
    if isinstance(value, str):
        text = value.strip()
        if not _NUMBER.fullmatch(text):
            raise CellError("is not a number; decimals begin with a point")
        value = text
    elif isinstance(value, bool):
        raise CellError("is not a number")
    try:
        read = float(value)
    except (TypeError, ValueError):
        raise CellError("is not a number") from None
    if not math.isfinite(read):
        raise CellError("is not finite")
    return read


def measurement(value: Any, unit: Any, limit_of_detection: float | None) -> v1.Measurement:
    """Return what a laboratory found: a number, ``<0.33``, ``>82``, or why there is none, such as ``QNS``.

    Raises
    ------
    CellError
        It is none of these, or its unit is not known.
    """
    if is_absent(value):
        return v1.Measurement(missing=v1.MISSING_REASON_NO_SAMPLE)
    if not isinstance(value, str):
        return v1.Measurement(value=number(value), unit=_unit(unit))
    text = value.strip()
    folded = " ".join(text.lower().split())
    if folded in _MISSING:
        return v1.Measurement(missing=_MISSING[folded])
    if text[0] in "<\u2264":
        bound = text[1:].lstrip("=").strip()
        if bound.lower() in {"lod", "dl"}:
            return _below_limit(unit, limit_of_detection)
        return v1.Measurement(below=number(bound), unit=_unit(unit))
    if text[0] in ">\u2265":
        return v1.Measurement(above=number(text[1:].lstrip("=").strip()), unit=_unit(unit))
    if folded in {"below lod", "below limit", "below detection", "bld", "bdl"}:
        return _below_limit(unit, limit_of_detection)
    return v1.Measurement(value=number(text), unit=_unit(unit))


def _below_limit(unit: Any, limit_of_detection: float | None) -> v1.Measurement:
    if limit_of_detection is None:
        raise CellError("lies below a limit that is not stated; give limit_of_detection")
    return v1.Measurement(below=limit_of_detection, unit=_unit(unit))


def _unit(unit: Any) -> v1.ConcentrationUnit:
    if is_absent(unit):
        raise CellError("has no unit; give a column unit, or unit=")
    found = UNITS.get(str(unit).strip().lower().replace("\u00b5", "u").replace("\u03bc", "u"))
    if found is None:
        raise CellError(f"has the unit {unit!r}, which is none of nmol/L, ug/dL, ng/mL, ug/L")
    return found


class Instant:
    """An instant with the offset of the place from UTC, in whole minutes."""

    def __init__(self, moment: datetime) -> None:
        offset = moment.utcoffset()
        if offset is None or offset % timedelta(minutes=1):
            raise CellError("has an offset that is not whole minutes")
        self.moment = moment
        self.timestamp = timestamp_of(moment)
        self.utc_offset_minutes = offset // timedelta(minutes=1)

    @classmethod
    def read(cls, value: Any, zone: tzinfo) -> Instant:
        """Read an instant; one without an offset is local time in ``zone``.

        Raises
        ------
        CellError
            It is none, or the clocks of the zone showed it never or twice.
        """
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value.strip())
            except ValueError:
                raise CellError("is no instant; write 2026-03-02T07:05:00+01:00") from None
        if not isinstance(value, datetime):
            raise CellError("is no instant; give a date with a time")
        if value.utcoffset() is not None:
            return cls(value)
        early, late = value.replace(tzinfo=zone, fold=0), value.replace(tzinfo=zone, fold=1)
        if early.utcoffset() != late.utcoffset():
            happened = "twice" if timestamp_of(early).seconds < timestamp_of(late).seconds else "never"
            raise CellError(f"was shown {happened} by the clocks of {zone}; give it with its offset")
        return cls(early)

    def after(self, minutes: float) -> Instant:
        """Return the instant so many minutes later, by the same offset."""
        fixed = self.moment.astimezone(_fixed(self.utc_offset_minutes))
        return Instant(fixed + timedelta(microseconds=round(minutes * 60e6)))

    def stamp(self) -> str:
        """Return it as it stands in an id that is made: ``20260301T060500Z``."""
        utc = self.moment.astimezone(_fixed(0))
        return utc.strftime("%Y%m%dT%H%M%S.%fZ" if utc.microsecond else "%Y%m%dT%H%M%SZ")


def _fixed(minutes: int) -> tzinfo:
    return timezone(timedelta(minutes=minutes))
