"""The table of rhythms: a row a participant."""

from __future__ import annotations

from diel import v1
from diel.column import Column, Kind, Table, copied_text, count, number, text
from diel.words import code, strip_reference

RHYTHMS = Table(
    "rhythms",
    [
        copied_text("participant"),
        count("day_count"),
        count("valid_day_count"),
        count("sample_count"),
        number("slope_ln_per_h"),
        number("slope_se"),
        number("posterior_slope_ln_per_h"),
        number("posterior_sd"),
        number("probability_flat"),
        number("reference_percentile"),
        number("reliability"),
        text("verdict", lambda rhythm: code(v1.Verdict, rhythm.verdict, "VERDICT_")),
        text("reasons", lambda rhythm: ";".join(rhythm.reasons)),
        number("posterior_lower_ln_per_h"),
        number("posterior_upper_ln_per_h"),
        number("threshold_ln_per_h"),
        Column(
            "days_to_reliable",
            Kind.INTEGER,
            lambda rhythm: rhythm.days_to_reliable if rhythm.HasField("days_to_reliable") else None,
        ),
        count("left_out_sample_count"),
        text("reference", lambda rhythm: strip_reference(rhythm.reference)),
        text("digest", lambda rhythm: rhythm.input_digest),
        copied_text("group"),
        number("age_years"),
        copied_text("policy"),
        copied_text("method"),
        copied_text("flag"),
    ],
)
