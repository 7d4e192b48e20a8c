"""Which release of the package this is. It has the version of the service that it was made with."""

from importlib.metadata import version

VERSION: str = version("diel")
