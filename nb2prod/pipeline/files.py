"""Which files each stage reads and writes, statically ∪ observed."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from nb2prod.dataflow.paths import normalised
from nb2prod.errors import Refused
from nb2prod.pipeline.crossings import Analysis, Crossings, Inseparable
from nb2prod.pipeline.imported_modules import local_modules
from nb2prod.pipeline.model import File, Layout
from nb2prod.pipeline.observation import Mark


@dataclass(slots=True)
class StageFiles:
    """Root-relative path → path with parameters as `${name}`."""

    reads: dict[str, str] = field(default_factory=dict)
    writes: dict[str, str] = field(default_factory=dict)


def find_files(analysis: Analysis, crossings: Crossings, layout: Layout, tree: frozenset[str]) -> list[StageFiles]:
    """Files per stage. Raises Inseparable for a file that two stages write, Refused for one kept between runs."""
    found = [_stage_files(analysis, layout, tree, number) for number in range(analysis.count)]
    for number, files in enumerate(found):
        files.reads.update({path: path for path in local_modules(analysis, crossings, number) if path in tree})
    _refuse_deleted(analysis, tree)
    _refuse_memory(analysis)
    _join_deleters(analysis, found)
    _join_writers(found)
    _refuse_kept(analysis, layout, found, tree)
    for number, files in enumerate(found):
        own = set(files.writes)
        files.reads = {path: text for path, text in files.reads.items() if path not in own}
        _check_order(analysis, found, number)
        _check_outside(found, number)
    _as_outputs(analysis, layout, found, tree)
    for number, files in enumerate(found):
        _add_seen(analysis, found, number)
        _as_folders(analysis, layout, files, number)
    return found


def _add_seen(analysis: Analysis, found: list[StageFiles], stage: int) -> None:
    """Who lists a folder, or asks for a file, sees what earlier stages wrote there, without opening it."""
    marks = [mark for mark, _ in analysis.observed[stage]]
    for earlier in found[:stage]:
        inside = {path: text for path, text in earlier.writes.items() if not posixpath.isabs(path)}
        seen = {
            path: text for path, text in inside.items() if any(one.lists(path) or path in one.probed for one in marks)
        }
        found[stage].reads = seen | found[stage].reads


def _as_outputs(analysis: Analysis, layout: Layout, found: list[StageFiles], tree: frozenset[str]) -> None:
    """A folder that somebody lists and that one stage fills is that stage's output as a whole.

    DVC puts a `.gitignore` beside the outputs that it owns; whoever lists the folder would see it there.
    """
    listed = {path for number in range(analysis.count) for path in _listed(analysis, number)}
    for folder in sorted(listed - _above(layout), key=len):
        below = f"{folder}/"
        owners = [number for number, files in enumerate(found) if any(path.startswith(below) for path in files.writes)]
        made = {path for files in found for path in files.writes}
        others = {path for path in tree - made if path.startswith(below) and path != f"{below}.gitignore"}
        inside = any(one.startswith(below) for one in (layout.folder, layout.notebook))
        if len(owners) != 1 or others or inside or posixpath.isabs(folder):
            continue
        owner = found[owners[0]]
        owner.writes = {path: text for path, text in owner.writes.items() if not path.startswith(below)}
        owner.writes[folder] = folder
        for number, files in enumerate(found):
            reads = any(path.startswith(below) for path in files.reads) or folder in _listed(analysis, number)
            if number > owners[0] and reads:
                files.reads = {path: text for path, text in files.reads.items() if not path.startswith(below)}
                files.reads[folder] = folder


def _listed(analysis: Analysis, stage: int) -> set[str]:
    """Folders whose names the stage looks at, all or those of a pattern."""
    marks = [mark for mark, _ in analysis.observed[stage]]
    by_pattern = {posixpath.dirname(pattern) or "." for mark in marks for pattern in mark.globbed}
    return {path for mark in marks for path in mark.listed} | by_pattern


def _above(layout: Layout) -> set[str]:
    """Folders that hold the pipeline or the notebook: they are nobody's."""
    return {"", ".", layout.notebook_folder, layout.folder}


def _check_outside(found: list[StageFiles], reader: int) -> None:
    """A file outside the project that one stage writes and another reads would cross unseen."""
    for earlier in range(reader):
        for path in found[reader].reads.keys() & found[earlier].writes.keys():
            if posixpath.isabs(path):
                raise Inseparable(earlier, reader, f"`{path}` lies outside the project and is passed between them")


def _as_folders(analysis: Analysis, layout: Layout, files: StageFiles, stage: int) -> None:
    """A folder that was listed is read as a whole: a file that is added to it matters."""
    above = _above(layout)
    for folder in sorted(_listed(analysis, stage), key=len):
        holds = [path for path in files.reads if path.startswith(f"{folder}/")]
        written = any(path.startswith(f"{folder}/") for path in files.writes)
        inside = any(one.startswith(f"{folder}/") for one in (layout.folder, layout.notebook))
        if holds and not written and not inside and folder not in above and not posixpath.isabs(folder):
            files.reads = {path: text for path, text in files.reads.items() if path not in holds} | {folder: folder}


def _stage_files(analysis: Analysis, layout: Layout, tree: frozenset[str], stage: int) -> StageFiles:
    files = StageFiles()
    values = {parameter.name: parameter.value for parameter in analysis.program.parameters}
    templates: dict[str, str] = {}
    for access in analysis.facts[stage].files:
        filled = access.path.filled(values)
        if "://" in filled:
            continue
        path = layout.to_root(normalised(filled))
        named = access.path.filled({name: f"${{{name}}}" for name in values})
        templates[path] = named if access.path.parameters else ""
        known = path in tree or (access.mode == "read" and analysis.observation is None)
        if access.mode != "write" and known and not path.startswith("../"):
            files.reads[path] = path
        elif access.mode == "write" and analysis.observation is None:
            files.writes[path] = path
    _add_tagged(analysis, layout, stage, files)
    for mark, _ in analysis.observed[stage]:
        files.reads.update({path: path for path in mark.reads | (mark.probed & tree)})
        files.reads.update({path: path for path in _beside_notebook(layout, tree, mark)})
        files.writes.update({path: path for path in mark.writes})
        for path in mark.deleted & files.writes.keys():  # written and removed again: nobody else sees it
            files.writes.pop(path)
            files.reads.pop(path, None)
    names = analysis.program.stages
    files.reads.update({path: path for name, path in analysis.repairs.files if name == names[stage].name})
    for table in (files.reads, files.writes):
        for path in table:
            if templates.get(path):
                table[path] = layout.to_root(templates[path])
    return files


def _beside_notebook(layout: Layout, tree: frozenset[str], mark: Mark) -> set[str]:
    """Files in the notebook's folder or the root, where it is listed: a folder that holds the pipeline is no input."""
    folders = _above(layout) - {layout.folder}
    beside = {path for path in tree if (posixpath.dirname(path) or ".") in folders and path != layout.notebook}
    return {path for path in beside if (posixpath.dirname(path) or ".") in mark.listed or mark.matches(path)}


def _add_tagged(analysis: Analysis, layout: Layout, stage: int, files: StageFiles) -> None:
    for index in analysis.program.stages[stage].cells:
        role = analysis.program.cut.roles[index]
        files.reads.update({path: path for path in map(layout.to_root, role.inputs)})
        files.writes.update({path: path for path in map(layout.to_root, role.outputs)})


def _deleted(analysis: Analysis, stage: int) -> set[str]:
    """Files that the stage removed and did not write again."""
    gone: set[str] = set()
    for mark, _ in analysis.observed[stage]:
        gone = (gone | mark.deleted) - mark.writes
    return gone


def _refuse_deleted(analysis: Analysis, tree: frozenset[str]) -> None:
    made = {path for number in range(analysis.count) for path in analysis.writes(number)}
    for number, stage in enumerate(analysis.program.stages):
        for path in sorted(_deleted(analysis, number) & tree - made):
            raise Refused(
                f"stage `{stage.name}` removes `{path}`, which was there before the notebook ran",
                hint="a second run would not find it: leave it, or work on a copy",
            )


def _refuse_memory(analysis: Analysis) -> None:
    """A cache that lasts from run to run holds results of other code and data, and times that differ each time."""
    for number, stage in enumerate(analysis.program.stages):
        for path in sorted(analysis.writes(number)):
            folder, found, name = path.partition("/joblib/")
            if found and name.endswith(("/func_code.py", "/output.pkl", "/metadata.json")):
                raise Refused(
                    f"stage `{stage.name}` keeps results of earlier runs in `{folder}`, by `joblib.Memory`",
                    hint="`Memory(None)` switches it off: DVC runs a stage again only where something changed",
                )


def _join_deleters(analysis: Analysis, found: list[StageFiles]) -> None:
    """What one stage writes and a later one removes is nobody's output."""
    for number in range(analysis.count):
        for path in sorted(_deleted(analysis, number)):
            for earlier in range(number):
                if path in found[earlier].writes:
                    raise Inseparable(earlier, number, f"`{path}` is written and then removed")
            found[number].writes.pop(path, None)


def _join_writers(found: list[StageFiles]) -> None:
    owner: dict[str, int] = {}
    for number, files in enumerate(found):
        for path in files.writes:
            first = owner.setdefault(path, number)
            if first != number:
                raise Inseparable(first, number, f"both write `{path}`, and DVC gives a file to one stage")


def _check_order(analysis: Analysis, found: list[StageFiles], reader: int) -> None:
    """What a later stage leaves lies there when the pipeline runs again: this one must not see it."""
    probed = {path for mark, _ in analysis.observed[reader] for path in mark.probed}
    marks = [mark for mark, _ in analysis.observed[reader]]
    for later in range(reader + 1, len(found)):
        for path in sorted(found[later].writes):
            if path in found[reader].reads:
                raise Inseparable(reader, later, f"`{path}` is read before it is written anew")
            if path in probed:
                raise Inseparable(reader, later, f"whether `{path}` is there is asked before it is written")
            if not posixpath.isabs(path) and any(mark.lists(path) for mark in marks):
                raise Inseparable(reader, later, f"the folder of `{path}` is listed before it is written")


def _refuse_kept(analysis: Analysis, layout: Layout, found: list[StageFiles], tree: frozenset[str]) -> None:
    for number, files in enumerate(found):
        for path in files.reads.keys() & files.writes.keys() & tree:
            name = analysis.program.stages[number].name
            if _read_first(analysis, layout, number, path):
                raise Refused(
                    f"stage `{name}` reads `{path}` and then rewrites it: it is kept from one run to the next",
                    hint="a run would not find what the run before found: write the result to another file, or, if a "
                    f"run may start without it, `rm {layout.from_notebook(path)}` and convert again",
                )


def _read_first(analysis: Analysis, layout: Layout, stage: int, path: str) -> bool:
    if analysis.observation is None:
        values = {parameter.name: parameter.value for parameter in analysis.program.parameters}
        named = [
            (layout.to_root(normalised(one.path.filled(values))), one.mode)
            for one in analysis.facts[stage].files
            if one.mode != "probe"
        ]
        return next((mode for known, mode in named if known == path), "write") == "read"
    for mark, _ in analysis.observed[stage]:
        if path in mark.reads and path not in mark.written_first:
            return True
        if path in mark.writes:
            return False
    return False


def as_file(layout: Layout, root_path: str, template: str) -> File:
    """The record, as `dvc.yaml` names it."""
    return File(layout.from_pipeline(template), posixpath.normpath(root_path))
