"""A pipeline that reads what another makes, while that one needs what this one makes: DVC could run neither."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from nb2prod.adapters.tree import project_files
from nb2prod.errors import Refused
from nb2prod.operations.dvc_yaml import stage_paths
from nb2prod.operations.project import Project
from nb2prod.pipeline.model import Pipeline


@dataclass(frozen=True, slots=True)
class _Node:
    """A stage of some pipeline, as messages name it; absolute paths."""

    name: str
    reads: frozenset[str]
    makes: frozenset[str]

    def needs(self, other: _Node) -> str:
        """A path that the other makes and this one reads; empty where there is none."""
        found = (read for read in self.reads for made in other.makes if f"{read}{os.sep}".startswith(f"{made}{os.sep}"))
        return next(found, "")


def refuse_cycle(project: Project, pipeline: Pipeline) -> None:
    """Raise Refused where stages of this pipeline and of others in the repository would wait for each other."""
    others = list(_others(project))
    own = list(_own(project, pipeline)) if others else []
    for node in own:
        for other in others:
            if (made := other.needs(node)) and (read := _way(node, other, [*own, *others])):
                paths = [os.path.relpath(path, project.root) for path in (read, made)]
                raise Refused(
                    f"stage `{node.name}` reads {paths[0]}, which is made from {paths[1]} (by {other.name}), which "
                    "it makes itself: DVC can run neither",
                    hint="write one of the two under another name",
                )


def _way(node: _Node, goal: _Node, nodes: list[_Node]) -> str:
    """What `node` reads that was made, by way of other stages, from what `goal` makes; empty where nothing is."""
    for first in nodes:
        if not (read := node.needs(first)):
            continue
        seen, waiting = {first}, [first]
        while waiting:
            one = waiting.pop()
            if one == goal:
                return read
            found = [other for other in nodes if other not in seen and one.needs(other)]
            seen.update(found)
            waiting += found
    return ""


def _own(project: Project, pipeline: Pipeline) -> Iterable[_Node]:
    for stage in pipeline.stages:
        reads = {project.root / file.root_path for file in stage.reads}
        reads |= {project.folder / one.path for one in stage.inputs}
        makes = {project.root / file.root_path for file in stage.writes}
        makes |= {project.folder / one.path for one in stage.outputs}
        yield _Node(stage.name, frozenset(map(os.path.normpath, reads)), frozenset(map(os.path.normpath, makes)))


def _others(project: Project) -> Iterable[_Node]:
    for path in project_files(project.root):
        folder = (project.root / path).parent
        if path.name == "dvc.yaml" and folder != project.folder:
            for name, reads, makes in stage_paths(folder):
                yield _Node(f"stage `{name}` of {path}", reads, makes)
