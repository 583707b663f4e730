"""`nb2prod run --all`: every pipeline of a repository, each after those whose outputs it reads.

To DVC they are one graph already: whoever runs a pipeline runs what it needs of others. The order is for people, and
for what else a run does: each pipeline's stages are told, logged and kept secret by its own rules.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from nb2prod.adapters.tree import project_files
from nb2prod.errors import UsageError
from nb2prod.operations.dvc_yaml import reads_and_makes
from nb2prod.operations.project import MANIFEST
from nb2prod.operations.run import Run


def run_all(folder: Path, run: Callable[[Path], Run]) -> tuple[tuple[Path, Run], ...]:
    """Run the pipelines below the folder, in order. Raises UsageError where there is none, and what `run` raises."""
    return tuple((pipeline, run(pipeline)) for pipeline in pipelines(folder))


def pipelines(folder: Path) -> tuple[Path, ...]:
    """The folders of the pipelines below a folder: what one makes stands before who reads it, else by name."""
    top = folder.resolve()
    found = sorted(top / path.parent for path in project_files(top) if path.name == MANIFEST)
    if not found:
        raise UsageError(f"there is no pipeline below {top}", hint="make one with `nb2prod convert NOTEBOOK --out DIR`")
    return _in_order({one: reads_and_makes(one) for one in found})


#: (paths that its stages read, paths that they make) by pipeline.
_Files = Mapping[Path, tuple[frozenset[str], frozenset[str]]]


def _in_order(files: _Files) -> tuple[Path, ...]:
    ordered: dict[Path, None] = {}
    begun: set[Path] = set()

    def visit(one: Path) -> None:
        if one not in begun:  # two that need each other's stages come as they stand: DVC takes care of the stages
            begun.add(one)
            for other in files:
                if other != one and _meet(files[one][0], files[other][1]):
                    visit(other)
            ordered[one] = None

    for one in files:
        visit(one)
    return tuple(ordered)


def _meet(reads: frozenset[str], makes: frozenset[str]) -> bool:
    return any(f"{read}{os.sep}".startswith(f"{made}{os.sep}") for read in reads for made in makes)
