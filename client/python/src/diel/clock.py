"""Instants and times of day as tables show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def local_text(timestamp: Timestamp, utc_offset_minutes: int) -> str:
    """Return an instant by the clock of the place, with its offset: ``2026-03-01T07:05:30+01:00``.

    Examples
    --------
    >>> local_text(Timestamp(seconds=1_772_345_130), -330)
    '2026-03-01T00:35:30-05:30'
    """
    offset = timedelta(minutes=utc_offset_minutes)
    local = EPOCH.replace(tzinfo=None) + _since_epoch(timestamp) + offset
    sign, minutes = "-" if utc_offset_minutes < 0 else "+", abs(utc_offset_minutes)
    return f"{_shortest(local)}{sign}{minutes // 60:02}:{minutes % 60:02}"


def utc_text(timestamp: Timestamp) -> str:
    """Return an instant to the second: ``2026-03-01T06:05:30Z``."""
    instant = EPOCH.replace(tzinfo=None) + timedelta(seconds=timestamp.seconds)
    return f"{instant.isoformat()}Z"


def clock_time(hours_after_midnight: float) -> str:
    """Return a time of day as a clock on the wall shows it.

    Examples
    --------
    >>> clock_time(6.09), clock_time(23.995)
    ('06:05', '00:00')
    """
    # Halves go up, as the command line has them; round() would take them to the nearest even minute.
    minutes = int(hours_after_midnight * 60.0 + 0.5) % (24 * 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def timestamp_of(instant: datetime) -> Timestamp:
    """Return an instant with an offset as a message, to the microsecond."""
    since = instant - EPOCH
    return Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1_000)


def _since_epoch(timestamp: Timestamp) -> timedelta:
    return timedelta(seconds=timestamp.seconds, microseconds=timestamp.nanos // 1_000)


def _shortest(local: datetime) -> str:
    text = local.isoformat()
    return text.rstrip("0") if "." in text else text
