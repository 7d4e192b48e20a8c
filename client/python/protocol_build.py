"""Makes the messages of the protocol while a wheel is built.

Nothing that is made lies in the tree, so nothing in the tree can be out of date.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from grpc_tools import protoc
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ProtocolBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles ``diel/v1/*.proto`` into ``diel/v1/*_pb2.py`` and their types."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile into a temporary folder whose files the wheel takes."""
        if self.target_name != "wheel":
            return
        protocol = self._protocol()
        self._folder = tempfile.TemporaryDirectory()
        files = sorted(str(file) for file in (protocol / "diel" / "v1").glob("*.proto"))
        bundled = Path(protoc.__file__).parent / "_proto"
        arguments = [
            f"-I{protocol}",
            f"-I{bundled}",
            f"--python_out={self._folder.name}",
            f"--pyi_out={self._folder.name}",
        ]
        if protoc.main(["protoc", *arguments, *files]) != 0:
            sys.exit("the protocol cannot be compiled")
        for file in Path(self._folder.name).rglob("*_pb2.*"):
            build_data["force_include"][str(file)] = str(file.relative_to(self._folder.name))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary folder."""
        if self.target_name == "wheel":
            self._folder.cleanup()

    def _protocol(self) -> Path:
        """Return where the protocol lies: beside this file in a source distribution, else in the repository."""
        here = Path(self.root)
        for folder in (here / "proto", here.parent.parent / "proto"):
            if (folder / "diel" / "v1").is_dir():
                return folder
        sys.exit("proto/diel/v1 is missing: build from the repository or from a source distribution")
