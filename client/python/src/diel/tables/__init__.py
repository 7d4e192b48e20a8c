"""The tables of a study, a room a table. Their columns are those of the command line's ``--format csv``."""

from diel.tables.flags import FLAGS
from diel.tables.profiles import PROFILES
from diel.tables.rhythms import RHYTHMS
from diel.tables.samples import SAMPLES

__all__ = ["FLAGS", "PROFILES", "RHYTHMS", "SAMPLES"]
