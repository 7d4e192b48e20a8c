"""Pictures with matplotlib: one person, and the slopes of a cohort. In the console's colours."""

from diel.plot.cohort import draw_cohort
from diel.plot.evidence import PersonEvidence, evidence_of
from diel.plot.person import draw_person

__all__ = ["PersonEvidence", "draw_cohort", "draw_person", "evidence_of"]
