"""The table of flags: a row a flag, the most probable first. A flag is a reason to look again."""

from __future__ import annotations

from collections.abc import Callable

from diel import v1
from diel.clock import utc_text
from diel.column import Column, Kind, Table, copied_text, text
from diel.words import plain, strip_reference


def _number(name: str) -> Column:
    return Column(name, Kind.NUMBER, lambda flag: float(getattr(flag.evidence, name)))


def _count(name: str) -> Column:
    return Column(name, Kind.INTEGER, lambda flag: int(getattr(flag.evidence, name)))


def _evidence_text(name: str, read: Callable[[v1.FlagEvidence], str]) -> Column:
    return text(name, lambda flag: read(flag.evidence))


def _decision(decision: v1.FlagDecision) -> str:
    return plain(v1.FlagDecision, decision, "FLAG_DECISION_")


def _decisions(flag: v1.Flag) -> str:
    return ";".join(f"{one.reviewer}={_decision(one.decision)}" for one in flag.decisions)


def _expiry(flag: v1.Flag) -> str:
    return utc_text(flag.claim.expire_time) if flag.claim.HasField("expire_time") else ""


FLAGS = Table(
    "flags",
    [
        copied_text("participant"),
        copied_text("group"),
        text("state", lambda flag: plain(v1.FlagState, flag.state, "FLAG_STATE_")),
        _number("probability_flat"),
        _number("posterior_slope_ln_per_h"),
        _number("posterior_lower_ln_per_h"),
        _number("posterior_upper_ln_per_h"),
        _number("threshold_ln_per_h"),
        _count("valid_day_count"),
        _count("sample_count"),
        text("decision", lambda flag: _decision(flag.decision)),
        copied_text("decision_reason"),
        copied_text("name"),
        _number("posterior_sd"),
        _number("reference_percentile"),
        _number("reliability"),
        _count("left_out_sample_count"),
        _evidence_text("reasons", lambda evidence: ";".join(evidence.reasons)),
        _evidence_text("reference", lambda evidence: strip_reference(evidence.reference)),
        _evidence_text("policy", lambda evidence: evidence.policy),
        _evidence_text("digest", lambda evidence: evidence.input_digest),
        _evidence_text("method", lambda evidence: evidence.method),
        text("raised_at", lambda flag: utc_text(flag.raise_time)),
        text("updated_at", lambda flag: utc_text(flag.update_time)),
        copied_text("etag"),
        text("claimed_by", lambda flag: flag.claim.reviewer),
        text("claimed_until", _expiry),
        text("decisions", _decisions),
    ],
)
