"""The table of samples: a row a tube, with its present result in nmol/L. That of ``diel specimens list``."""

from __future__ import annotations

from diel import v1
from diel.clock import local_text
from diel.column import Cell, Column, Kind, Table, count, text
from diel.words import code


def _collected(specimen: v1.Specimen) -> str:
    facts = specimen.collection
    if not facts.HasField("collection_time"):
        return ""
    return local_text(facts.collection_time, facts.collection_utc_offset_minutes)


def _awakening(specimen: v1.Specimen) -> str:
    facts = specimen.collection
    return (
        local_text(facts.awakening_time, facts.awakening_utc_offset_minutes) if facts.HasField("awakening_time") else ""
    )


def _source(source: v1.TimeSource) -> str:
    return code(v1.TimeSource, source, "TIME_SOURCE_").lower()


def _concentration(specimen: v1.Specimen) -> Cell:
    result = specimen.result
    return result.concentration_nmol_per_l if result.HasField("concentration_nmol_per_l") else None


def _conditions(specimen: v1.Specimen) -> str:
    return ";".join(code(v1.Condition, one, "CONDITION_").lower() for one in specimen.collection.conditions)


SAMPLES = Table(
    "specimens",
    [
        text("specimen", lambda specimen: specimen.name.rpartition("/")[2]),
        text("participant", lambda specimen: specimen.collection.participant),
        text("collected_at", _collected),
        text("source", lambda specimen: _source(specimen.collection.collection_time_source)),
        text("label", lambda specimen: specimen.collection.label),
        text("awakening_at", _awakening),
        text("awakening_source", lambda specimen: _source(specimen.collection.awakening_source)),
        Column("concentration_nmol_per_l", Kind.NUMBER, _concentration),
        count("collection_revision"),
        Column("result_revision", Kind.INTEGER, lambda specimen: specimen.result.revision),
        text("conditions", _conditions),
    ],
)
