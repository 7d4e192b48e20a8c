"""The table of profiles: a row a sampling day."""

from __future__ import annotations

from diel import v1
from diel.clock import clock_time, local_text
from diel.column import Column, Kind, Table, copied_text, count, number, text

_AWAKENING_ASSUMED = "awakening_assumed"
"""The finding of a day whose awakening nobody recorded."""


def _awakening(profile: v1.Profile) -> str:
    if _AWAKENING_ASSUMED in profile.findings or not profile.HasField("awakening_time"):
        return ""
    return local_text(profile.awakening_time, profile.awakening_utc_offset_minutes)


def _peak_clock_time(profile: v1.Profile) -> str:
    return clock_time(profile.peak_clock_time) if profile.HasField("peak_clock_time") else ""


PROFILES = Table(
    "profiles",
    [
        copied_text("participant"),
        text("day", lambda profile: profile.sampling_date),
        copied_text("sampling_date"),
        text("awakening_at", _awakening),
        count("sample_count"),
        number("wake_nmol_per_l"),
        number("peak_nmol_per_l"),
        number("bed_nmol_per_l"),
        number("slope_wake_bed_ln_per_h"),
        number("slope_peak_bed_ln_per_h"),
        number("slope_regression_ln_per_h"),
        number("slope_regression_se"),
        number("slope_wake_bed_nmol_per_l_per_h"),
        number("car_auc_g_nmol_min_per_l"),
        number("car_auc_i_nmol_min_per_l"),
        number("car_mean_increase_nmol_per_l"),
        number("car_max_increase_nmol_per_l"),
        number("day_auc_g_nmol_h_per_l"),
        number("dynamic_range_ln"),
        number("evening_morning_ratio"),
        number("mesor"),
        number("amplitude"),
        text("peak_clock_time", _peak_clock_time),
        number("cosinor_p"),
        text("findings", lambda profile: ";".join(profile.findings)),
        text("absences", lambda profile: ";".join(f"{one.feature}:{one.reason}" for one in profile.absent_features)),
        Column("valid", Kind.FLAG, lambda profile: profile.valid),
    ],
)
